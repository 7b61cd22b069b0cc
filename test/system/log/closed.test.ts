import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../../rig/deadline.ts';
import { openPipe } from '../../rig/pipe.ts';
import { startPuppet } from '../../rig/puppet.ts';
import { ask, start } from '../../rig/supervised.ts';
import { ownAddress } from '../../rig/target.ts';

const ADDRESS = ownAddress(5);
const HEALTH = ['--health-host', ADDRESS, '--health-port=20417', '--ready', 'none', '--shutdown-delay', '1ms'];

function ready(): Promise<unknown> {
  return until('ready', () =>
    ask(`http://${ADDRESS}:20417/readyz`).then(
      ({ status }) => status === 200,
      () => false,
    ),
  );
}

test('when the reader of stderr goes away, the app and k8s-run go on', async () => {
  await using run = await startPuppet(HEALTH);
  await run.puppet.tell({ do: 'catch', signals: ['SIGHUP'] });
  await run.puppet.tell({ do: 'exitOn', signal: 'SIGTERM', code: 7 });
  await run.line('ready');
  run.child.stderr?.destroy();
  run.kill('SIGHUP');
  await run.puppet.received('SIGHUP');
  await ready();
  run.kill('SIGTERM');
  assert.deepEqual(await run.ended(), { code: 7, signal: null });
});

test('when the reader of a pipe on stderr goes away, the app and k8s-run go on', async () => {
  await using run = await startPuppet([...HEALTH, '--rewrite', 'HUP:0'], {
    prefix: [
      'sh',
      '-c',
      '(exec 3>&1; { "$@" 3>&-; echo "code $?" >&3; } 2>&1 >/dev/null | head -n 1 >/dev/null)',
      'sh',
    ],
  });
  await run.puppet.tell({ do: 'exitOn', signal: 'SIGTERM', code: 7 });
  await ready();
  const { ppid } = await run.puppet.tell<{ ppid: number }>({ do: 'describe' });
  process.kill(ppid, 'SIGHUP');
  process.kill(ppid, 'SIGTERM');
  await until('the code of the app', () => run.stdout().includes('code 7\n'), run.stdout);
  await run.ended();
});

test('with stderr closed before the start the app runs, and its descriptor 2 is no other file', async () => {
  await using run = start([], ['sh', '-c', 'readlink /proc/self/fd/2; exit 7'], {
    prefix: ['sh', '-c', 'exec "$@" 2>&-', 'sh'],
  });
  assert.deepEqual(await run.ended(), { code: 7, signal: null });
  assert.equal(run.stdout(), '/dev/null\n');
});

test('with stdin, stdout and stderr closed k8s-run exits with the app’s code', async () => {
  await using run = start([], ['sh', '-c', 'exit 7'], { prefix: ['sh', '-c', 'exec "$@" <&- >&- 2>&-', 'sh'] });
  assert.deepEqual(await run.ended(), { code: 7, signal: null });
});

test('a pipe that has a new reader is written to again', async () => {
  await using pipe = await openPipe();
  await using run = await startPuppet(HEALTH, { stdio: ['ignore', 'ignore', pipe.writeEnd] });
  await ready();
  pipe.stopReading();
  await run.puppet.tell({ do: 'catch', signals: ['SIGHUP'] });
  run.kill('SIGHUP');
  await until('the line is lost', async () => {
    const { log } = JSON.parse((await ask(`http://${ADDRESS}:20417/statusz`)).body);
    return log.droppedLines === 1;
  });
  pipe.readAgain();
  await run.puppet.tell({ do: 'exit', code: 5 });
  assert.deepEqual(await run.ended(), { code: 5, signal: null });
  assert.match(pipe.drain(), /"event":"exited".*"droppedLines":1/);
});
