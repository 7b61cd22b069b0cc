import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { makeControlGroup, noControlGroup } from '../../rig/control-group.ts';
import { until } from '../../rig/deadline.ts';
import { HOLD_ON, WORDS } from '../../rig/flood-kinds.ts';
import { probed } from '../../rig/probed.ts';
import { type Supervised, start } from '../../rig/supervised.ts';

const CLIENT = new URL('../../rig/flood-client.ts', import.meta.url).pathname;
const KIB = 1024;
/** What k8s-run may grow by, whatever comes in. */
const BOUND_KIB = 16 * KIB;

/** Of each client. Both together have more than are kept. */
const CONNECTIONS = 40;
/** Connections of each client until the memory is read. */
const CLOSED = 400;

type Flood = Disposable & { readonly counted: () => number };

/** A client in a process of its own. */
function flood(port: number, kind: string, connections: number): Flood {
  const child = spawn(process.execPath, [CLIENT, String(port), kind, String(connections)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let counted = 0;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    counted = Number(text.trim().split('\n').at(-1));
  });
  return { counted: () => counted, [Symbol.dispose]: () => void child.kill('SIGKILL') };
}

async function portOf(run: Supervised): Promise<number> {
  return Number(new URL(String((await run.line('starting'))['health'])).port);
}

/** Private memory in KiB: what is not shared with the file of Node. */
function privateMemory(pid: number): number {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  return Number(/^Private_Dirty:\s+(\d+) kB$/m.exec(text)?.[1]);
}

test('two clients that send bodies of 60 kB do not get k8s-run killed in a container of 48 MiB', {
  skip: noControlGroup,
}, async () => {
  await using group = makeControlGroup({ mebibytes: 48 });
  await using run = start(['--ready=none'], ['sleep', '300'], { prefix: group.prefix });
  await run.line('ready');
  const port = await portOf(run);
  using one = flood(port, 'POST with 60 kB', 8);
  using other = flood(port, 'POST in chunks', 8);
  await until('many bodies', () => one.counted() >= 500 && other.counted() >= 500, run.stderr);
  assert.equal(await probed(run), 200);
  assert.deepEqual([run.child.exitCode, run.child.signalCode], [null, null]);
  assert.ok(!run.events().includes('fault'), run.stderr());
});

for (const kind of Object.keys(WORDS)) {
  test(`a flood (${kind}) neither fills the memory nor keeps the kubelet from its answer`, async () => {
    await using run = start(['--ready=none'], ['sleep', '300']);
    await run.line('ready');
    const port = await portOf(run);
    // The first ones load what makes the answers.
    for (const path of ['/readyz', '/statusz', '/metrics']) assert.equal((await run.get(path)).status, 200);
    const before = privateMemory(run.pid);
    using one = flood(port, kind, CONNECTIONS);
    using other = flood(port, kind, CONNECTIONS);
    const enough = HOLD_ON.includes(kind) ? CONNECTIONS : CLOSED;
    await until('the flood', () => one.counted() >= enough && other.counted() >= enough, run.stderr);
    assert.equal(await probed(run), 200);
    const grown = privateMemory(run.pid) - before;
    assert.ok(grown < BOUND_KIB, `${grown} KiB more`);
    assert.ok(!run.events().includes('fault'), run.stderr());
  });
}
