import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { soon, until } from './rig/deadline.ts';
import { cleanEnvironment, killGroup } from './rig/supervised.ts';

const DEMO = new URL('../examples/demo.ts', import.meta.url).pathname;
/** Every process of the demo has it in its environment, with a value of its own for each run. */
const MARK = 'DEMO_UNDER_TEST';

type Demo = AsyncDisposable & {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /** Whatever of the run is alive. */
  readonly members: () => Promise<readonly number[]>;
};

function startDemo(): Demo {
  const mark = `${MARK}=${randomUUID()}`;
  const child = spawn(process.execPath, [DEMO], {
    env: { ...cleanEnvironment(), [MARK]: mark.slice(MARK.length + 1) },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const members = (): Promise<readonly number[]> => markedWith(mark);
  return {
    child,
    output: () => output,
    ended: new Promise((resolve) => child.once('close', (code, signal) => resolve({ code, signal }))),
    members,
    async [Symbol.asyncDispose]() {
      for (const pid of await members()) killGroup(pid);
    },
  };
}

/** A zombie's environment is empty, so it is no member. */
async function markedWith(mark: string): Promise<readonly number[]> {
  const members: number[] = [];
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const environment = await readFile(`/proc/${entry}/environ`, 'latin1').catch(() => '');
    if (environment.split('\0').includes(mark)) members.push(Number(entry));
  }
  return members;
}

test('the demo ends by itself, shows each phase and leaves nothing running', async () => {
  await using demo = startDemo();
  await until('the second half', () => demo.output().includes('── 2'), demo.output);
  assert.deepEqual(await soon('the end of the demo', demo.ended, demo.output), { code: 0, signal: null });
  for (const phase of ['starting', 'ready', 'requests', 'SIGTERM', '200 → 503', 'pause', 'signal', 'exit code']) {
    assert.ok(demo.output().includes(phase), `${phase} in\n${demo.output()}`);
  }
  assert.match(demo.output(), /as it is {6}[1-9]\d* of \d+ requests failed \(/);
  assert.match(demo.output(), /with k8s-run {2}0 of \d+ requests failed\n/);
  assert.ok(!demo.output().includes('\u001b'), 'no terminal, no escapes');
  assert.deepEqual(await demo.members(), []);
});

test('Ctrl-C ends the demo and all that it started', async () => {
  await using demo = startDemo();
  await until('k8s-run with its app', () => demo.output().includes('── 2') && /ready {6}node/.test(demo.output()));
  demo.child.kill('SIGINT');
  assert.deepEqual(await soon('the end of the demo', demo.ended, demo.output), { code: 130, signal: null });
  assert.deepEqual(await demo.members(), []);
});
