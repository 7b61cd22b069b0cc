// PID 1 of a namespace: k8s-run's reaper together with children that libuv waits for, started like the app and like exec
// probes. argv[2]: the number of children; the rest is a command that makes orphans at the same time. Prints its progress, and
// at the end the wrong exit statuses as JSON.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { setTimeout as turn } from 'node:timers/promises';
import type { Exit } from '../../src/lifecycle/state.ts';
import { startAppProcess } from '../../src/process/app-process.ts';
import { runCommand, runningCommands } from '../../src/process/run-command.ts';
import { openWaitidReaper } from '../../src/process/waitid.ts';
import { inBatches } from './finished.ts';

process.removeAllListeners('warning');
const [count = '', program = '', ...args] = process.argv.slice(2);
const storm = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
const apps = new Set([storm.pid]);
let reaped = 0;
const reaper = openWaitidReaper({
  isOurs: (pid) => apps.has(pid) || runningCommands.has(pid),
  after: (delay, call) => setTimeout(call, delay),
  reaped: () => {
    reaped += 1;
  },
});
if ('missing' in reaper) throw new Error(reaper.missing);
process.on('SIGCHLD', reaper.reap);

const over = once(storm.stdout, 'data');
const never = new AbortController().signal;
const wrong: unknown[] = [];
const numbers = Array.from({ length: Number(count) }, (_, index) => index);
await inBatches(numbers, 10, async (number) => {
  const code = number % 256;
  const command = ['sh', '-c', `exit ${code}`];
  const exit = number % 5 === 0 ? await asProbe(command) : await asApp(command);
  if (exit.kind !== 'code' || exit.code !== code) wrong.push({ code, exit });
  if (number % 100 === 99) process.stdout.write(`${number + 1} have ended\n`);
});
await over;
while (reaped < Number(args.at(-1))) await turn(10);
process.stdout.write(`${JSON.stringify({ wrong, reaped })}\n`, () => process.exit(0));

async function asProbe(command: readonly string[]): Promise<Exit> {
  const end = await runCommand(command, process.env, never);
  return end.kind === 'ended' ? end.exit : { kind: 'signal', signal: constants.signals.SIGKILL };
}

function asApp(command: readonly string[]): Promise<Exit> {
  return new Promise((resolve, reject) => {
    let pid = 0;
    startAppProcess(command, process.env, 'own session', {
      spawned(app) {
        pid = app.pid;
        apps.add(pid);
      },
      failed: ({ detail }) => reject(new Error(detail)),
      exited(exit) {
        apps.delete(pid);
        resolve(exit);
      },
    });
  });
}
