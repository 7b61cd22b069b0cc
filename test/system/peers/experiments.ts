import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Experiment, Peer } from '../../../scripts/comparison/cells.ts';
import { soon, until } from '../../rig/deadline.ts';
import { childrenOf, firstIn, NAMESPACE } from '../../rig/namespace.ts';
import { cleanEnvironment, killGroup } from '../../rig/supervised.ts';
import { executable, type How, STARTERS } from './peers.ts';

/** A program of the comparison that runs as process 1 of a PID namespace. Disposing kills the namespace. */
type Running = AsyncDisposable & {
  readonly folder: string;
  /** Sends it a signal. */
  readonly kill: (signal: NodeJS.Signals | number) => void;
  /** The words that its apps wrote so far. */
  readonly said: () => readonly string[];
  readonly hears: (word: string) => Promise<unknown>;
  readonly ended: () => Promise<number | null>;
  readonly isOver: () => boolean;
  /** Lets apps go on that wait for it. */
  readonly go: () => void;
  readonly children: () => number;
  readonly cwd: () => string;
};

type Plan = Partial<How> & {
  /** Words of each app: bash, in which `say` writes a word that the test reads. */
  readonly apps: readonly string[];
  /** Words between the namespace and the program. */
  readonly behind?: readonly string[];
};

/** Ends within the test's own time, and long after everything that a test waits for. */
const NEVER = 60_000;

async function run(peer: Peer, { apps, behind = [], restart = false, patience = NEVER }: Plan): Promise<Running> {
  const folder = mkdtempSync(join(tmpdir(), 'k8s-run-peer-'));
  const log = join(folder, 'said');
  const scripts = apps.map((app, index) =>
    executable(join(folder, `app${index}.sh`), `#!/bin/bash\nsay() { echo "$1" >>${log}; }\n${app}\n`),
  );
  const words = STARTERS[peer].words(folder, scripts, { restart, patience });
  const [unshare = '', ...rest] = [...NAMESPACE, ...behind, ...words];
  // A file, because supervisord opens /dev/fd/1, which a socket of node:child_process refuses.
  const output = openSync(join(folder, 'output'), 'a');
  const stdio = ['ignore', output, output] as const;
  const child = spawn(unshare, rest, { cwd: folder, env: cleanEnvironment(), stdio: [...stdio], detached: true });
  closeSync(output);
  const { pid } = child;
  if (pid === undefined) throw new Error('cannot start unshare');
  let over = false;
  const exit = new Promise<number | null>((resolve) =>
    child.once('exit', (code) => {
      over = true;
      resolve(code);
    }),
  );
  const said = (): readonly string[] => readOr(log).split('\n').filter(Boolean);
  const transcript = (): string => `${peer}: ${said().join(' ')}\n${readOr(join(folder, 'output'))}`;
  const first = await firstIn(pid).catch((error: unknown) => {
    killGroup(pid);
    rmSync(folder, { recursive: true, force: true });
    throw error;
  });
  return {
    folder,
    said,
    kill: (signal) => process.kill(first, signal),
    hears: (word) => until(`"${word}" of an app of ${peer}`, () => said().includes(word), transcript),
    ended: () => soon(`the exit of ${peer}`, exit, transcript),
    isOver: () => over,
    go: () => writeFileSync(join(folder, 'go'), ''),
    children: () => childrenOf(first).length,
    cwd: () => readlinkSync(`/proc/${first}/cwd`),
    async [Symbol.asyncDispose]() {
      killGroup(first);
      killGroup(pid);
      await exit;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function readOr(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** Goes on, and says which signals it gets. In a loop, because a trap waits for the command that runs. */
const LISTENS = `for each in TERM INT HUP; do trap "say $each" $each; done; trap 'say RTMIN+2' 36
say up; while :; do sleep 0.02; done`;
/** Not before the test knows the process that it looks at. */
const WHEN_TOLD = `until [ -e "\${0%/*}/go" ]; do sleep 0.02; done`;

/** Each gives a word or two of what was seen. What a cell of the comparison says is waited for, and the contrary is looked for. */
export const EXPERIMENTS: Readonly<Record<Experiment, (peer: Peer, expected: string) => Promise<string>>> = {
  /** The stop signal of a container. */
  async TERM(peer) {
    await using running = await run(peer, { apps: [LISTENS] });
    await running.hears('up');
    running.kill('SIGTERM');
    await until('a signal in the app', () => running.said().length > 1);
    return running.said()[1] === 'TERM' ? 'passed on' : `as SIG${running.said()[1]}`;
  },
  HUP: (peer, expected) => relayed(peer, 'SIGHUP', 'HUP', expected),
  'real-time signal': (peer, expected) => relayed(peer, 36, 'RTMIN+2', expected),

  /** The app's exit code is 7. */
  async 'exit code'(peer) {
    await using running = await run(peer, { apps: [`say up; ${WHEN_TOLD}; exit 7`] });
    await running.hears('up');
    running.go();
    if (STARTERS[peer].stays !== true) return (await running.ended()) === 7 ? "the app's" : 'its own';
    await until('the app has ended', () => running.children() === 0);
    running.kill('SIGTERM');
    return `stays, then ${await running.ended()}`;
  },

  /**
   * The app has a child in its process group. Where the child is said to get nothing, the app sends it WINCH at its own signal: its trap
   * comes after that of a signal that the child has got with its parent. Of two signals at the same moment bash may lose one.
   */
  async group(peer, expected) {
    const getsIt = expected === 'the group';
    const child = `trap 'say child' TERM INT; trap 'say later' WINCH; say up; while :; do sleep 0.02; done`;
    const app = `trap '${getsIt ? '' : 'kill -WINCH $child; '}${WHEN_TOLD}; kill -KILL $child; wait $child; exit' TERM INT
      (${child}) & child=$!; say parent; while :; do sleep 0.02; done`;
    // As process 1 pm2 waits for zombies too, which it does not reap.
    await using running = await run(peer, { apps: [app], patience: 3_000 });
    await running.hears('up');
    await running.hears('parent');
    running.kill('SIGTERM');
    await running.hears(getsIt ? 'child' : 'later');
    running.go();
    await running.ended();
    return running.said().includes('child') ? 'the group' : 'the app';
  },

  /** Whether an orphan of the app is gone once it has ended. Where it is not, the app waits for that until it is killed. */
  async 'orphans, as PID 1'(peer, expected) {
    const app = `bash -c '(until [ -e "$0.go" ]; do sleep 0.02; done) & echo $! >"$0"' "\${0%/*}/orphan"
      read -r orphan <"\${0%/*}/orphan"; : >"\${0%/*}/orphan.go"
      while [ -e /proc/$orphan ] && ! grep -qs '^State:.Z' /proc/$orphan/status; do sleep 0.02; done
      trap '' TERM INT; say up; while [ -e /proc/$orphan ]; do sleep 0.02; done; say reaped; ${WHEN_TOLD}`;
    await using running = await run(peer, { apps: [app], patience: 1_500 });
    await running.hears('up');
    if (expected === 'reaped') {
      await running.hears('reaped');
      return 'reaped';
    }
    running.kill('SIGTERM');
    await running.ended();
    return running.said().includes('reaped') ? 'reaped' : 'not reaped';
  },

  /** Process 1 is a shell, and the program its child: who is the parent of an orphan of the app? */
  async 'orphans, not as PID 1'(peer) {
    const app = `bash -c 'sleep 60 & echo $! >"$0"' "\${0%/*}/orphan"; read -r orphan <"\${0%/*}/orphan"
      say "$(awk '/^PPid/ { print $2 == 1 ? "PID 1" : "adopted" }' /proc/$orphan/status)"; sleep 60`;
    await using running = await run(peer, { apps: [app], behind: ['sh', '-c', '"$@" & wait', 'sh'] });
    await until('who the parent is', () => running.said().length > 0);
    return running.said()[0] === 'adopted' ? 'adopted' : 'not adopted';
  },

  'signal mask': (peer) => inherited(peer, '--block-signal=USR1', 'SigBlk', 0x200n),
  'ignored signals': (peer) => inherited(peer, '--ignore-signal=HUP', 'SigIgn', 0x1n),

  async 'working directory'(peer, expected) {
    await using running = await run(peer, { apps: ['say up; sleep 60'] });
    await running.hears('up');
    const where = (): string => {
      const cwd = running.cwd();
      return cwd === '/' ? '/' : cwd === running.folder ? "its parent's" : 'its own';
    };
    await until(expected, () => where() === expected);
    return where();
  },

  async restart(peer) {
    await using running = await run(peer, { apps: [`say up; ${WHEN_TOLD}; exit 3`], restart: true });
    await running.hears('up');
    running.go();
    await until('a second life, or the end', () => running.said().length > 1 || running.isOver());
    return running.said().length > 1 ? 'restarts' : 'ends';
  },

  async 'SIGKILL after a time'(peer) {
    await using running = await run(peer, {
      apps: [`trap '' TERM INT; say up; while :; do sleep 0.02; done`],
      patience: 300,
    });
    await running.hears('up');
    running.kill('SIGTERM');
    await running.ended();
    return 'killed';
  },

  async 'several services'(peer) {
    await using running = await run(peer, { apps: ['say one; sleep 60', 'say two; sleep 60'] });
    await running.hears('one');
    await running.hears('two');
    return 'both run';
  },
};

/** Whether the app gets a signal. The stop signal is sent right after one that it shall not get, so that the wait has an end. */
async function relayed(peer: Peer, signal: NodeJS.Signals | number, name: string, expected: string): Promise<string> {
  await using running = await run(peer, { apps: [LISTENS] });
  await running.hears('up');
  running.kill(signal);
  if (expected === 'passed on') await running.hears(name);
  else {
    running.kill('SIGTERM');
    await until('the stop signal in the app', () => running.said().some((word) => word === 'TERM' || word === 'INT'));
  }
  return running.said().includes(name) ? 'passed on' : 'not passed on';
}

/** What becomes, in the app, of a signal that was blocked or ignored when the program was executed. */
async function inherited(peer: Peer, option: string, field: string, bit: bigint): Promise<string> {
  const app = `say "$(awk '/^${field}/ { print $2 }' /proc/self/status)"; sleep 60`;
  await using running = await run(peer, { apps: [app], behind: ['env', option] });
  await until('the signals of the app', () => running.said().length > 0);
  return (BigInt(`0x${running.said()[0]}`) & bit) === 0n ? 'reset' : 'kept';
}
