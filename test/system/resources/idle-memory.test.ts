import assert from 'node:assert/strict';
import { test } from 'node:test';
import { APP, freePort } from '../../../bench/contenders.ts';
import { memoryOf } from '../../../bench/kernel.ts';
import { until } from '../../rig/deadline.ts';
import { noFfi } from '../../rig/ffi.ts';
import { type Supervised, start } from '../../rig/supervised.ts';

/** MiB; less than what the start leaves behind, more than collections by the way make of a difference. */
const GIVEN_BACK = 0.5;

/** Waits until private memory has been larger than it is now, and is at most `most` MiB. */
async function comesDownTo(most: number, { pid }: Supervised): Promise<void> {
  const seen = { peak: 0, now: 0 };
  const look = (): boolean => {
    seen.now = memoryOf([pid]).privateDirty;
    seen.peak = Math.max(seen.peak, seen.now);
    return seen.now <= Math.min(most, seen.peak - GIVEN_BACK);
  };
  await until(`private memory of at most ${most} MiB, and some given back`, look, () => JSON.stringify(seen));
}

/** The promise of the idle supervisor, in MiB; `npm run bench -- idle-memory` has what it is exactly. */
const CASES = [
  { name: 'the default probes', most: 12, options: () => [] },
  { name: 'an HTTP probe each second', most: 16, options: (port: number) => [`--ready=http://127.0.0.1:${port}/`] },
];

for (const { name, most, options } of CASES) {
  test(`with ${name} an idle k8s-run comes down to ${most} MiB of private memory`, async () => {
    const port = await freePort();
    await using run = start(options(port), [process.execPath, APP, String(port)]);
    await run.line('ready');
    await comesDownTo(most, run);
  });
}

test('without node:ffi, and so without malloc_trim, memory is given back too, and nothing is logged', {
  skip: noFfi,
}, async () => {
  const port = await freePort();
  const app = [process.execPath, APP, String(port)];
  await using run = start([], app, { nodeOptions: ['--no-experimental-ffi'] });
  await run.line('ready');
  await comesDownTo(16, run);
  assert.deepEqual(
    run.lines().filter(({ event }) => event === 'fault'),
    [],
  );
});
