import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listProcesses, readStat } from '../../../src/linux/procfs.ts';
import { until } from '../../rig/deadline.ts';
import { noFfi } from '../../rig/ffi.ts';
import { needs } from '../../rig/needs.ts';
import { BIN } from '../../rig/supervised.ts';
import { openTerminal, type Terminal } from '../../rig/terminal.ts';

const skip = needs('tmux', 'bash');

const BASH = ['bash', '--norc', '--noprofile', '-i'];
const PROMPT = { PS1: 'prompt> ', HISTFILE: '' };
const K8S_RUN = `${process.execPath} ${BIN} --health-port 0 --ready none --log-format json`;
const APP = 'sleep 600';

/** The pids of k8s-run and of the app, once they run under the terminal’s bash. */
async function pidsOn(terminal: Terminal): Promise<{ readonly supervisor: number; readonly app: number }> {
  await terminal.shows(/"event":"ready"/);
  const app = Number(/"event":"spawned","program":"[^"]+","pid":(\d+)/.exec(await terminal.screen())?.[1]);
  return { supervisor: readStat(app)?.parent ?? 0, app };
}

async function bothAre(pids: Readonly<Record<string, number>>, stopped: boolean): Promise<void> {
  for (const [name, pid] of Object.entries(pids)) {
    await until(`${name} is ${stopped ? 'stopped' : 'going on'}`, () => (readStat(pid)?.state === 'T') === stopped);
  }
}

test('Ctrl-Z suspends k8s-run and an app in a session of its own, and fg resumes both', { skip }, async () => {
  await using terminal = await openTerminal(BASH, PROMPT);
  await terminal.shows(/^prompt> /m);
  await terminal.type(`${K8S_RUN} -- ${APP}`);
  const pids = await pidsOn(terminal);
  assert.equal(readStat(pids.app)?.session, pids.app);
  for (const round of [1, 2]) {
    await terminal.press('C-z');
    await terminal.shows(new RegExp(`(Stopped.*){${round}}`, 's'));
    await bothAre(pids, true);
    await terminal.type('fg');
    await bothAre(pids, false);
  }
  await terminal.press('C-c');
  await terminal.shows(/"event":"exited"/);
  assert.equal(readStat(pids.app), null);
});

for (const signal of ['SIGTTIN', 'SIGTTOU'] as const) {
  test(`${signal} suspends k8s-run and the app, and CONT resumes both`, { skip }, async () => {
    await using terminal = await openTerminal(BASH, PROMPT);
    await terminal.shows(/^prompt> /m);
    await terminal.type(`${K8S_RUN} -- ${APP}`);
    const pids = await pidsOn(terminal);
    process.kill(pids.supervisor, signal);
    await terminal.shows('Stopped');
    await bothAre(pids, true);
    await terminal.type('bg');
    await bothAre(pids, false);
    process.kill(pids.supervisor, 'SIGTERM');
    await terminal.shows(/"event":"exited"/);
  });
}

/** clone(2) with CLONE_VFORK: the parent is not woken before the child calls exec or ends, as in the shell’s own vfork(2). */
const WAITS_IN_VFORK = `import ctypes, os, signal, time
ctypes.CDLL(None).syscall(56 if os.uname().machine == "x86_64" else 220, 0x4000 | signal.SIGCHLD, 0, 0, 0, 0)
while True: time.sleep(1)`;

test('an app that cannot be stopped because it waits in vfork(2) is suspended with its child', {
  skip: skip || needs('python3'),
}, async () => {
  await using terminal = await openTerminal(BASH, { ...PROMPT, WAITS_IN_VFORK });
  await terminal.shows(/^prompt> /m);
  await terminal.type(`${K8S_RUN} -- python3 -c "$WAITS_IN_VFORK"`);
  const pids = await pidsOn(terminal);
  // D alone may be a wait for the disk, at the start of Python.
  const hasChild = (): boolean => listProcesses().some(({ parent }) => parent === pids.app);
  await until('the app waits for its child', () => hasChild() && readStat(pids.app)?.state === 'D');
  process.kill(pids.supervisor, 'SIGTSTP');
  await terminal.shows('Stopped');
  assert.equal(readStat(pids.app)?.state, 'D');
  await terminal.type('bg');
  await bothAre({ supervisor: pids.supervisor }, false);
  process.kill(pids.supervisor, 'SIGTERM');
  await terminal.shows(/"event":"exited"/);
});

test('in the background of a terminal with `stty tostop` the log does not block k8s-run', {
  skip: skip || noFfi,
}, async () => {
  await using terminal = await openTerminal(BASH, PROMPT);
  await terminal.shows(/^prompt> /m);
  await terminal.type('stty tostop');
  await terminal.type(`${K8S_RUN} -- sh -c 'exit 3' & wait $!; echo "code $?"`);
  await terminal.shows(/^code 3$/m);
  await terminal.shows(/"event":"exited"/);
});
