import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseManifest, rootOf } from '../../../../src/check/manifest-node.ts';
import { type PreStopTime, preStopOf } from '../../../../src/check/rules/pre-stop.ts';

const timeOf = (handler: object): PreStopTime | null =>
  preStopOf({ node: rootOf(parseManifest(JSON.stringify({ lifecycle: { preStop: handler } }))) });
const ofScript = (script: string): PreStopTime | null => timeOf({ exec: { command: ['/bin/sh', '-c', script] } });

describe('how long a preStop hook sleeps before it stops the app', () => {
  const scripts: readonly (readonly [script: string, time: PreStopTime | null])[] = [
    ['sleep 5', { seconds: 5, onlySleeps: true }],
    ['exec /usr/bin/sleep 1m', { seconds: 60, onlySleeps: true }],
    ['sleep 40; nginx -s quit', { seconds: 40, onlySleeps: false }],
    ['sleep 10 && sleep 5 && kill -QUIT 1', { seconds: 15, onlySleeps: false }],
    ['echo bye > /tmp/log 2>&1\nsleep 7.5', { seconds: 7.5, onlySleeps: false }],
    ['# wait\nsleep "3"', { seconds: 3, onlySleeps: true }],
    ['nginx -s quit; sleep 60', null],
    ['kill 1; sleep 60', null],
    ['while pgrep x; do sleep 60; done', null],
    ['test -f /ready || sleep 60', null],
    ['sleep 60 & wait', null],
    ['sleep $DELAY', null],
    ['if true; then sleep 60; fi', null],
    ['flush', null],
    ['', null],
  ];
  for (const [script, time] of scripts) test(JSON.stringify(script), () => assert.deepEqual(ofScript(script), time));

  test('the other handlers', () => {
    assert.deepEqual(timeOf({ sleep: { seconds: 4 } }), { seconds: 4, onlySleeps: true });
    assert.deepEqual(timeOf({ exec: { command: ['sleep', '4'] } }), { seconds: 4, onlySleeps: true });
    assert.deepEqual(timeOf({ httpGet: { path: '/stop', port: 80 } }), null);
    assert.deepEqual(timeOf({}), null);
  });
});
