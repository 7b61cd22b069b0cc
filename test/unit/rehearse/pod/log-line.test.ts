import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readLine } from '../../../../src/rehearse/pod/log-line.ts';

const LOGGED = '{"level":"info","severity":"INFO","time":"x","event":"ready","msg":"m"}';

test('a log line of k8s-run is recognized, also after text of the app without a newline', () => {
  assert.equal(readLine(LOGGED).logged?.event, 'ready');
  const { own, logged } = readLine(`half a line${LOGGED}`);
  assert.deepEqual([own, logged?.msg], ['half a line', 'm']);
});

test('a line that only looks like a log line of k8s-run belongs to the app', () => {
  for (const line of ['{"level":30,"msg":"pino"}', '{"level":"info"}', '{"level":"info",}', 'plain', ''])
    assert.deepEqual(readLine(line), { logged: null, own: line });
});
