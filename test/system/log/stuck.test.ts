import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../../rig/deadline.ts';
import { openPipe } from '../../rig/pipe.ts';
import { startPuppet } from '../../rig/puppet.ts';
import { ask, linesOf, start } from '../../rig/supervised.ts';
import { ownAddress } from '../../rig/target.ts';

/** Where k8s-run is to be asked while its log cannot be read. */
const ADDRESS = ownAddress(4);
const HEALTH = ['--health-host', ADDRESS, '--health-port=20417', '--ready', 'none'];
const URL_BASE = `http://${ADDRESS}:20417`;

function statusOf(path: string): Promise<number> {
  return ask(`${URL_BASE}${path}`).then(
    ({ status }) => status,
    () => 0,
  );
}

test('a full pipe on stderr delays neither health, nor signals, nor the exit', async () => {
  await using pipe = await openPipe();
  pipe.fill();
  await using run = await startPuppet([...HEALTH, '--shutdown-delay', '1ms'], {
    stdio: ['ignore', 'ignore', pipe.writeEnd],
  });
  await run.puppet.tell({ do: 'catch', signals: ['SIGHUP', 'SIGUSR2'] });
  await run.puppet.tell({ do: 'exitOn', signal: 'SIGTERM', code: 7 });
  await until('ready', async () => (await statusOf('/readyz')) === 200);
  run.kill('SIGHUP');
  await run.puppet.received('SIGHUP');
  run.kill('SIGUSR2');
  await run.puppet.received('SIGUSR2');
  run.kill('SIGTERM');
  assert.deepEqual(await run.ended(), { code: 7, signal: null });
});

test('a reader of stderr that stops reading for a while gets every line, the last one included', async () => {
  await using pipe = await openPipe();
  pipe.fill();
  await using run = await startPuppet(HEALTH, { stdio: ['ignore', 'ignore', pipe.writeEnd] });
  await until('ready', async () => (await statusOf('/readyz')) === 200);
  let text = '';
  await until('the lines that were kept', () => {
    text += pipe.drain();
    return text.includes('"event":"ready"');
  });
  await run.puppet.tell({ do: 'exit', code: 9 });
  assert.deepEqual(await run.ended(), { code: 9, signal: null });
  text += pipe.drain();
  const events = linesOf(text).map(({ event }) => event);
  assert.deepEqual(events, ['starting', 'spawned', 'started', 'ready', 'exited']);
});

test('lines of the log beyond the buffer are dropped, and the last line counts them', async () => {
  await using pipe = await openPipe();
  pipe.fill();
  // Equal lines are counted, so different ones make the flood.
  const flood = `--pre-start=sh -c 'i=0; while [ $i -lt 200 ]; do printf "%03000d\\n" $i; i=$((i+1)); done'`;
  await using run = await startPuppet([...HEALTH, '--rewrite=HUP:0', flood], {
    stdio: ['ignore', 'ignore', pipe.writeEnd],
  });
  await until('ready', async () => (await statusOf('/readyz')) === 200);
  const { log } = JSON.parse((await ask(`${URL_BASE}/statusz`)).body);
  const dropped = Number(log.droppedLines);
  assert.ok(dropped > 0);
  let text = '';
  await until('a line that was put in last', () => {
    text += pipe.drain();
    run.kill('SIGHUP');
    return text.includes('"signal":"SIGHUP"');
  });
  await run.puppet.tell({ do: 'exit', code: 4 });
  assert.deepEqual(await run.ended(), { code: 4, signal: null });
  text += pipe.drain();
  const last = linesOf(text).at(-1);
  assert.equal(last?.event, 'exited');
  assert.ok(Number(last?.['droppedLines']) >= dropped);
  // Everything between is whole lines: one was cut short nowhere.
  for (const line of text.split('\n').filter(Boolean)) assert.doesNotThrow(() => JSON.parse(line), line);
});

test('with a socket on stderr that the app has filled k8s-run still exits with the app’s code', async () => {
  const fill = `trap 'exit 7' TERM; head -c 3000000 /dev/zero >&2 & echo up; while kill -0 $PPID; do sleep 0.05; done 2>/dev/null`;
  await using run = start([...HEALTH, '--shutdown-delay', '1ms', '--grace', '60s'], ['sh', '-c', fill]);
  run.child.stderr?.pause();
  await until('the app', () => run.stdout().includes('up'));
  await until('ready', async () => (await statusOf('/readyz')) === 200);
  run.kill('SIGTERM');
  assert.deepEqual(await run.ended(), { code: 7, signal: null });
});
