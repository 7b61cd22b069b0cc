import { constants } from 'node:os';
import type { Exit, SpawnFailure } from '../lifecycle/state.ts';

/** What child_process tells of an exit, as wait(2) would. A death by a real-time signal is told as code 0: a limit of Node. */
export function exitOf(code: number | null, signal: NodeJS.Signals | null): Exit {
  return signal === null ? { kind: 'code', code: code ?? 0 } : { kind: 'signal', signal: constants.signals[signal] };
}

/** Why execve(2) or fork(2) refused, with the remedy where there is a usual one. */
const REASONS: Readonly<Record<string, string>> = {
  ENOENT:
    'no such file, neither as a path nor on the PATH; or its interpreter (the #! line, the ELF loader) is missing',
  ENOTDIR: 'a part of its path is not a folder',
  EACCES: 'it is a folder, is not executable, or lies on a file system mounted noexec',
  EPERM: 'not permitted',
  ENOEXEC: 'it is no program that this kernel can run; is it built for another architecture?',
  EAGAIN: 'the limit of processes is reached (pids limit of the container, ulimit -u)',
  ENOMEM: 'not enough memory to start a process',
  E2BIG: 'its arguments and environment are too long',
  EMFILE: 'too many open files',
  ENFILE: 'too many open files on this machine',
  ELOOP: 'too many symbolic links in its path',
  ENAMETOOLONG: 'its name is too long',
  ETXTBSY: 'it is being written',
  ERR_INVALID_ARG_VALUE: 'it is not the name of a program',
};

export function spawnFailure(error: NodeJS.ErrnoException): SpawnFailure {
  const code = error.code === 'ERR_INVALID_ARG_VALUE' ? 'ENOENT' : (error.code ?? 'UNKNOWN');
  return { code, detail: REASONS[error.code ?? ''] ?? error.message };
}
