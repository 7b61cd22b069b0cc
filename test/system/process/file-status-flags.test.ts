import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { listenersOf } from '../../../src/linux/listeners.ts';
import { until } from '../../rig/deadline.ts';
import { needs } from '../../rig/needs.ts';
import { ask, killGroup, start } from '../../rig/supervised.ts';

const skip = needs('bash');

/** What a flag means is the platform's; that it is per descriptor, and so not shared, is fcntl(2)'s FD_CLOEXEC. */
const O_CLOEXEC = 0o2000000;
const O_NONBLOCK = 0o4000;

type Streams = readonly [stdin: number, stdout: number, stderr: number];

/** Opens what the app gets as 0, 1 and 2; `open` remembers what is to be closed. */
const KINDS: Readonly<Record<string, (folder: string, open: (path: string, flags: string) => number) => Streams>> = {
  'files opened without O_APPEND': (folder, open) => [
    open(join(folder, 'in'), 'r'),
    open(join(folder, 'out'), 'w'),
    open(join(folder, 'err'), 'w'),
  ],
  'files opened with O_APPEND': (folder, open) => [
    open(join(folder, 'in'), 'r'),
    open(join(folder, 'out'), 'a'),
    open(join(folder, 'err'), 'a'),
  ],
  'one file for both': (folder, open) => {
    const both = open(join(folder, 'out'), 'w');
    return [open(join(folder, 'in'), 'r'), both, both];
  },
  pipes: (folder, open) => {
    const [input, output, errors] = ['a', 'b', 'c'].map((name) => {
      const path = join(folder, name);
      execFileSync('mkfifo', [path]);
      // Both ends are held, so that opening the one that is handed down does not wait.
      open(path, 'r+');
      return path;
    });
    return [open(String(input), 'r'), open(String(output), 'w'), open(String(errors), 'w')];
  },
  '/dev/null': (_folder, open) => [open('/dev/null', 'r'), open('/dev/null', 'w'), open('/dev/null', 'w')],
};

for (const [kind, openAll] of Object.entries(KINDS)) {
  test(`the app's streams keep their flags while k8s-run logs: ${kind}`, { skip }, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'k8s-run-'));
    const opened: number[] = [];
    try {
      await writeFile(join(folder, 'in'), 'input\n');
      const streams = openAll(folder, (path, flags) => {
        const fd = openSync(path, flags);
        opened.push(fd);
        return fd;
      });
      const before = streams.map((fd) => flagsIn(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8')));
      assert.deepEqual(await flagsOfApp(folder, [...streams]), before);
      const after = streams.map((fd) => flagsIn(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8')));
      assert.deepEqual(after, before, 'nor are they left changed');
    } finally {
      opened.forEach(closeSync);
      await rm(folder, { recursive: true, force: true });
    }
  });
}

test("the app's streams stay blocking while k8s-run logs: sockets", { skip }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'k8s-run-'));
  try {
    const flags = await flagsOfApp(folder, ['pipe', 'pipe', 'pipe']);
    assert.deepEqual(
      flags.map((each) => each & O_NONBLOCK),
      [0, 0, 0],
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

/**
 * An app that writes nothing, in a program that leaves its streams alone (node does not: node:http opens stderr). It
 * counts the USR1 that it gets in a file.
 */
const COUNTER = 'trap "echo got >> $0" USR1; echo ready >> $0; while :; do sleep 1000 & wait $!; kill $!; done';

/** The flags of 0, 1 and 2 as the app has them once every room is at work and k8s-run has written lines of its log. */
async function flagsOfApp(folder: string, stdio: (number | 'pipe')[]): Promise<readonly number[]> {
  const file = join(folder, 'count');
  const lines = (word: string): number =>
    existsSync(file)
      ? readFileSync(file, 'utf8')
          .split('\n')
          .filter((line) => line === word).length
      : 0;
  const asked = { times: 0 };
  const target = createServer((_request, response) => {
    asked.times += 1;
    response.end();
  });
  await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
  const { port } = target.address() as AddressInfo;
  await using run = start(
    ['--ready', `http://127.0.0.1:${port}/`, '--probe-period', '50ms'],
    ['bash', '-c', COUNTER, file],
    { stdio },
  );
  const app = await until('the app is there', () => childOf(run.pid));
  try {
    await until('the app is ready', () => lines('ready') === 1);
    await until('the app is asked', () => asked.times > 3);
    const health = await until('the health port', () => {
      const found = listenersOf(run.pid);
      return found.kind === 'owned' ? found.listeners[0]?.port : null;
    });
    assert.equal((await ask(`http://127.0.0.1:${health}/livez`)).status, 200);
    for (let count = 1; count <= 3; count += 1) {
      // The line about a signal is written after the signal was sent; the next signal comes after both.
      run.kill('SIGUSR1');
      await until(`USR1 number ${count}`, () => lines('got') === count);
    }
    return [0, 1, 2].map((fd) => flagsIn(readFileSync(`/proc/${app}/fdinfo/${fd}`, 'utf8')));
  } finally {
    killGroup(app);
    target.close();
    target.closeAllConnections();
  }
}

function childOf(pid: number): number | null {
  const [first] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
  return first === undefined || first === '' ? null : Number(first);
}

function flagsIn(fdinfo: string): number {
  const found = /^flags:\s*([0-7]+)$/m.exec(fdinfo)?.[1];
  assert.ok(found !== undefined, `no flags in ${JSON.stringify(fdinfo)}`);
  return Number.parseInt(found, 8) & ~O_CLOEXEC;
}
