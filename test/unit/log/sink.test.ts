import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openSink } from '../../../src/log/sink.ts';
import { openPipe } from '../../rig/pipe.ts';

test('the last line is written even if the buffer is full', async () => {
  await using pipe = await openPipe();
  pipe.fill();
  const timers: (() => void)[] = [];
  const sink = openSink(pipe.writeEnd, (_delay, call) => {
    timers.push(call);
    return () => {};
  });
  const line = `${'x'.repeat(999)}\n`;
  while (sink.dropped() === 0) sink.write(line);
  sink.write('last line\n', 'always');
  let text = '';
  for (let retry = timers.shift(); retry !== undefined; retry = timers.shift()) {
    text += pipe.drain();
    retry();
  }
  text += pipe.drain();
  assert.ok(text.endsWith(`${line}last line\n`));
  assert.equal(sink.dropped(), 1);
  assert.equal(await sink.close(1_000), 'written');
});
