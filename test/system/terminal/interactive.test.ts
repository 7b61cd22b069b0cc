import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { until } from '../../rig/deadline.ts';
import { needs } from '../../rig/needs.ts';
import { BIN, isRunning, start } from '../../rig/supervised.ts';
import { openTerminal } from '../../rig/terminal.ts';

const K8S_RUN = [process.execPath, BIN, '--health-port', 'off'];
const BASH = ['bash', '--norc', '--noprofile', '-i'];
const PROMPT = { PS1: 'prompt> ', HISTFILE: '' };

test('an interactive bash keeps job control, and one Ctrl-C ends only its foreground job', {
  skip: needs('tmux', 'bash'),
}, async () => {
  await using terminal = await openTerminal([...K8S_RUN, '--interactive', '--', ...BASH], PROMPT);
  await terminal.shows(/^prompt> /m);
  // From here on the log is silent, and does not come between what is typed.
  await terminal.shows('spawned');
  assert.doesNotMatch(await terminal.screen(), /no job control|Inappropriate ioctl/);
  await terminal.type('sleep 1000 &');
  await terminal.shows(/^\[1\] \d+$/m);
  const background = Number(/^\[1\] (\d+)$/m.exec(await terminal.screen())?.[1]);
  await terminal.type('jobs');
  await terminal.shows(/^\[1\]\+ +Running +sleep 1000 &$/m);
  await terminal.type("sh -c 'echo waits; exec sleep 2000'");
  await terminal.shows(/^waits$/m);
  await terminal.press('C-c');
  await terminal.shows(/\^C\s+prompt> /);
  await terminal.type('echo "code $?"');
  await terminal.shows(/^code 130$/m);
  assert.equal(await isRunning(background), true, 'the background job has nothing to do with it');
  await terminal.type('fg');
  await isInForeground(background);
  await terminal.press('C-z');
  await terminal.shows(/^\[1\]\+ +Stopped +sleep 1000$/m);
  await terminal.type('fg');
  await isInForeground(background);
  await terminal.press('C-c');
  await until('the job is ended', async () => !(await isRunning(background)));
  await terminal.type('exit 7');
  assert.equal(await terminal.ended(), 7);
  const screen = await terminal.screen();
  assert.doesNotMatch(screen, /terminating|draining|stopping/, 'no shutdown was started');
  assert.match(screen, /exited/);
});

test('on a shared terminal a rewrite of a signal of the keyboard has no effect, and a warning says so', async () => {
  const options = ['--rewrite', 'WINCH:0', '--rewrite', 'HUP:USR1', '--stop-on', 'TERM,QUIT'];
  await using shared = start(['--interactive', ...options], ['sleep', '1000']);
  await shared.line('spawned');
  await shared.line('warning', ({ msg }) =>
    msg.startsWith('--stop-on QUIT has no effect: the app shares the terminal'),
  );
  const said = shared.lines().filter(({ event }) => event === 'warning');
  assert.deepEqual(
    said.map(({ msg }) => msg.split(' has')[0]),
    ['--rewrite WINCH:0', '--stop-on QUIT'],
  );
  await using own = start(['--no-interactive', ...options], ['sleep', '1000']);
  await own.line('spawned');
  assert.ok(!own.events().includes('warning'), own.stderr());
});

/** Waits until the terminal's foreground group is that of the process: field 8 of proc_pid_stat(5). */
async function isInForeground(pid: number): Promise<void> {
  await until(`process ${pid} is in the foreground`, () => {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[5]) === pid;
  });
}

/** Counts each INT that it gets, and says what the terminal does to it. */
const COUNTER = `import signal, os, sys
count = 0
def say(text):
    # In one write, so that no line of the log comes between.
    os.write(1, (text + "\\n").encode())
def got(number, frame):
    global count
    count += 1
    say(f"got {signal.Signals(number).name} {count}")
for name in ("SIGINT", "SIGQUIT", "SIGWINCH", "SIGUSR1"):
    signal.signal(getattr(signal, name), got)
say(f"same group {os.getpgrp() == os.getpgid(os.getppid())} foreground {os.tcgetpgrp(0) == os.getpgrp()}")
while True:
    line = sys.stdin.readline()
    if not line: break
    say(f"read {line.strip()} after {count}")
sys.exit(4)
`;

test('with --interactive one Ctrl-C reaches the app once', { skip: needs('tmux', 'python3') }, async () => {
  await using terminal = await openTerminal([...K8S_RUN, '--interactive', '--', 'python3', '-c', COUNTER]);
  await terminal.shows('same group True foreground True');
  await terminal.press('C-c');
  await terminal.shows('got SIGINT 1');
  await terminal.shows(/signal +Received SIGINT: not passed on, because the terminal/);
  await terminal.press('C-\\');
  await terminal.shows('got SIGQUIT 2');
  await terminal.shows(/signal +Received SIGQUIT: not passed on, because the terminal/);
  // What does not come from the keyboard is passed on, once.
  process.kill(terminal.pid, 'SIGUSR1');
  await terminal.shows('got SIGUSR1 3');
  await terminal.resize(150, 40);
  await terminal.shows('got SIGWINCH 4');
  await terminal.type('hello');
  await terminal.shows('read hello after 4');
  await terminal.press('C-d');
  assert.equal(await terminal.ended(), 4);
  assert.doesNotMatch(await terminal.screen(), /terminating|draining|stopping/);
});

test('with --interactive TERM starts the shutdown and goes to each process of the group except k8s-run', {
  skip: needs('tmux'),
}, async () => {
  const script = 'trap "echo child has it; exit 0" TERM; echo child waits; while :; do sleep 0.05; done';
  const app = `trap 'echo app has it; wait; exit 9' TERM; sh -c '${script}' & echo app waits; wait; wait`;
  await using terminal = await openTerminal([...K8S_RUN, '--interactive', '--', 'sh', '-c', app]);
  await terminal.shows('child waits');
  await terminal.shows('app waits');
  process.kill(terminal.pid, 'SIGTERM');
  assert.equal(await terminal.ended(), 9);
  const screen = await terminal.screen();
  assert.equal(screen.split('child has it').length, 2, screen);
  assert.equal(screen.split('app has it').length, 2, screen);
});
