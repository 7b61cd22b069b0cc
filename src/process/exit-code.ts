import { constants } from 'node:os';
import type { Exit, SpawnFailure } from '../lifecycle/state.ts';

/**
 * An exit as wait(2) describes it, from what child_process reports. When a real-time signal ended it, Node reports code 0, unless
 * adopted-children.ts has waited for it (`SIG35`).
 */
export function exitOf(code: number | null, signal: string | null): Exit {
  if (signal === null) return { kind: 'code', code: code ?? 0 };
  const known: Readonly<Record<string, number>> = constants.signals;
  return { kind: 'signal', signal: known[signal] ?? Number(signal.slice('SIG'.length)) };
}

/** Why execve(2) or fork(2) failed, with the usual remedy. */
const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file, neither as a path nor on PATH; or its interpreter (the #! line, the ELF loader) is missing',
  ENOTDIR: 'a part of its path is not a folder',
  EACCES: 'it is a folder, it is not executable, or its file system is mounted noexec',
  EPERM: 'not permitted',
  ENOEXEC: 'this kernel cannot run it; it may be built for another architecture',
  EAGAIN: 'the limit of processes is reached (pids limit of the container, ulimit -u)',
  ENOMEM: 'not enough memory to start a process',
  E2BIG: 'its arguments and environment are too long',
  EMFILE: 'too many open files',
  ENFILE: 'too many open files on this machine',
  ELOOP: 'too many symbolic links in its path',
  ENAMETOOLONG: 'its name is too long',
  ETXTBSY: 'it is open for writing',
  ERR_INVALID_ARG_VALUE: 'it is not the name of a program',
};

export function spawnFailure(error: NodeJS.ErrnoException): SpawnFailure {
  const code = error.code === 'ERR_INVALID_ARG_VALUE' ? 'ENOENT' : (error.code ?? 'UNKNOWN');
  return { code, detail: REASONS[error.code ?? ''] ?? error.message };
}
