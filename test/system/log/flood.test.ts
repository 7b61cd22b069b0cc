import assert from 'node:assert/strict';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { until } from '../../rig/deadline.ts';
import { finish } from '../../rig/finished.ts';
import { startPuppet } from '../../rig/puppet.ts';
import type { Line } from '../../rig/supervised.ts';

const LINE_LIMIT = 8_192;
const repeatedOf = (line: Line): number => Number(line['repeated'] ?? 1);

test('a storm of signals is counted, not repeated; other lines keep their place, and none is lost', async () => {
  await using run = await startPuppet(['--shutdown-delay', '0', '--health-port', '0']);
  await run.puppet.tell({ do: 'catch', signals: ['SIGUSR1', 'SIGUSR2', 'SIGURG'] });
  await run.puppet.tell({ do: 'exitOn', signal: 'SIGTERM', code: 7 });
  for (let sent = 0; sent < 3_000; sent += 1) {
    run.kill('SIGUSR1');
    if (sent % 3 === 0) run.kill('SIGUSR2');
    // The kernel keeps one signal of a kind, so k8s-run must get the CPU between them.
    if (sent % 30 === 0) await until('it has heard', () => run.get('/livez'));
  }
  // Of pending signals the lowest number comes first, so all others were received before this one.
  run.kill('SIGURG');
  await run.puppet.received('SIGURG');
  const received = await receivedBy(run.get);
  assert.ok(received > 200, `${received}`);
  run.kill('SIGTERM');
  assert.equal((await run.ended()).code, 7);
  const signals = run.lines().filter(({ event }) => event === 'signal');
  assert.equal(
    signals.reduce((sum, line) => sum + repeatedOf(line), 0),
    received + 1,
  );
  assert.ok(signals.length < received / 2, `${signals.length} lines of ${received} signals`);
  assert.match(
    signals.find((line) => repeatedOf(line) > 1)?.msg ?? '',
    /^Received SIGUSR[12]: passed on as SIGUSR[12] \(\d+ times\)$/,
  );
  const events = run.events();
  assert.deepEqual(events.slice(-4), ['signal', 'terminating', 'stopping', 'exited']);
});

async function receivedBy(get: (path: string) => Promise<{ readonly body: string }>): Promise<number> {
  const { body } = await get('/metrics');
  return [...body.matchAll(/^k8s_run_signals_received_total\{.*\} (\d+)$/gm)].reduce(
    (sum, [, count]) => sum + Number(count),
    0,
  );
}

test('hundreds of leftovers and endless texts fit into a line of 8 KiB', async () => {
  const run = await finish([], ['sh', '-c', 'n=0; while [ $n -lt 300 ]; do sleep 1000 & n=$((n+1)); done; exit 3']);
  assert.equal(run.code, 3);
  const leftovers = run.lines.find(({ event }) => event === 'leftovers');
  const listed = leftovers?.['leftovers'] as readonly unknown[] | undefined;
  assert.deepEqual([leftovers?.['count'], listed?.length], [300, 20]);
  assert.match(leftovers?.msg ?? '', /\) and 290 more$/);
  const endless = await finish(
    [
      "--pre-start=sh -c 'head -c 4000 /dev/zero | tr \\\\0 \\\\033; echo; head -c 4000 /dev/zero | tr \\\\0 x; echo; echo why; exit 1'",
    ],
    ['true'],
  );
  assert.equal(endless.code, 78);
  const [printed] = endless.lines.filter((line) => line['output'] !== undefined);
  assert.ok(Number((printed?.['cut'] as { readonly output?: number } | undefined)?.output) > 3_000, endless.stderr);
  assert.match(endless.lines.at(-1)?.msg ?? '', /x… \/ why$/);
  for (const text of `${run.stderr}\n${endless.stderr}`.split('\n')) assert.ok(Buffer.byteLength(text) <= LINE_LIMIT);
});

test('control characters in the name of a program do not reach the terminal', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'names-'));
  try {
    const program = join(folder, 'a\u001b[2J\u009b31m');
    await symlink('/bin/true', program);
    for (const format of ['pretty', 'json']) {
      const { stderr } = await finish(['--log-format', format], [program]);
      assert.ok(stderr.includes('a\\u001b[2J\\u009b31m'), stderr);
      assert.doesNotMatch(stderr.replaceAll('\n', ''), /\p{Cc}/u);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});
