import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Config } from '../../../src/config/config.ts';
import { parseConfig } from '../../../src/config/resolve.ts';
import { scheduleOf } from '../../../src/probe/schedule.ts';
import { temporaryFile } from '../../rig/config-file.ts';
import { until } from '../../rig/deadline.ts';
import { start } from '../../rig/supervised.ts';
import { serveHttp } from '../../rig/target.ts';

const SLEEP = ['sleep', '300'];

function configOf(environment: Readonly<Record<string, string>>): Config {
  const parsed = parseConfig([], environment);
  assert.ok('ok' in parsed);
  return parsed.ok;
}
const SILENT = { initialDelay: 0, period: null, timeout: null, successThreshold: null, failureThreshold: null };

test('a probe given as a word has the options’ periods; a stanza has its own, then those that were set, then the kubelet’s', () => {
  const word = { kind: 'none' } as const;
  assert.deepEqual(scheduleOf(word, configOf({})), {
    ...{ period: 1_000, timeout: 1_000, successThreshold: 1, failureThreshold: 3, runsCommand: false },
  });
  const kubelet = { period: 10_000, timeout: 1_000, successThreshold: 1, failureThreshold: 3, runsCommand: false };
  assert.deepEqual(scheduleOf({ ...word, timing: SILENT }, configOf({})), kubelet);
  const chosen = configOf({ K8S_RUN_PROBE_PERIOD: '2s', K8S_RUN_PROBE_TIMEOUT: '3s', K8S_RUN_FAILURE_THRESHOLD: '7' });
  assert.deepEqual(scheduleOf({ ...word, timing: SILENT }, chosen), {
    ...{ period: 2_000, timeout: 3_000, successThreshold: 1, failureThreshold: 7, runsCommand: false },
  });
  const timing = { initialDelay: 0, period: 4_000, timeout: 5_000, successThreshold: 6, failureThreshold: 8 };
  assert.deepEqual(scheduleOf({ ...word, timing }, chosen), {
    ...{ period: 4_000, timeout: 5_000, successThreshold: 6, failureThreshold: 8, runsCommand: false },
  });
});

test('each probe stanza keeps its own thresholds, and its httpHeaders are sent', async () => {
  const statuses: Record<string, number> = {};
  await using target = await serveHttp(({ url = '' }, response) => response.writeHead(statuses[url] ?? 200).end());
  const at = (path: string): string => `{ port: ${target.port}, path: /${path} }`;
  await using file = await temporaryFile(`
probePeriod: 30ms
startupProbe: { tcpSocket: { port: ${target.port} } }
readinessProbe:
  httpGet:
    port: ${target.port}
    path: /ready
    httpHeaders: [{ name: Host, value: shop.example }, { name: X-Twice, value: a }, { name: X-Twice, value: b },
      { name: user-agent, value: me }, { name: Accept, value: "" }]
  failureThreshold: 1
livenessProbe: { httpGet: ${at('live')}, failureThreshold: 5 }
`);
  await using run = start(['--config', file.path], SLEEP);
  await run.line('ready');
  statuses['/ready'] = 500;
  statuses['/live'] = 500;
  await run.line('unlive');
  const asked = (path: string): number => target.requests.filter(({ url }) => url === path).length;
  assert.ok(asked('/live') >= 5);
  const events = run.events();
  assert.ok(events.indexOf('unready') < events.indexOf('unlive'));
  const { headers } = target.requests.find(({ url }) => url === '/ready') ?? assert.fail('it was not asked');
  assert.deepEqual(
    [headers['host'], headers['x-twice'], headers['user-agent'], headers['accept']],
    ['shop.example', 'a, b', 'me', undefined],
  );
});

test('a probe stanza waits for its initialDelaySeconds, and other probes do not', async () => {
  await using target = await serveHttp((_request, response) => response.end());
  const get = (path: string): string => `httpGet: { port: ${target.port}, path: /${path} }`;
  await using file = await temporaryFile(`
startup: none
ready: { ${get('ready')}, initialDelaySeconds: 3600 }
live: { ${get('live')} }
checks:
  - { name: later, probe: { ${get('later')}, initialDelaySeconds: 1 } }
`);
  await using run = start(['--config', file.path], SLEEP);
  const asked = (path: string): boolean => target.requests.some(({ url }) => url === path);
  await until('two are asked', () => asked('/live') && asked('/later'), run.stderr);
  assert.equal((await run.get('/readyz')).body, 'not started yet\n');
  await until(
    'the check has passed',
    async () => (await run.get('/readyz?verbose')).body.includes('[+]later ok'),
    run.stderr,
  );
  assert.equal(asked('/ready'), false);
});

test('a startup stanza that does not pass in its time is logged once, and goes on', async () => {
  let status = 500;
  await using target = await serveHttp((_request, response) => response.writeHead(status).end());
  await using file = await temporaryFile(
    `startupProbe: { httpGet: { port: ${target.port} }, periodSeconds: 1, failureThreshold: 1 }\nready: none\n`,
  );
  await using run = start(['--config', file.path], SLEEP);
  const warning = await run.line('warning');
  assert.deepEqual([warning['probe'], /did not pass within 1 s/.test(warning.msg)], ['startup', true]);
  assert.equal((await run.get('/startupz')).status, 503);
  assert.equal((await run.get('/livez')).status, 200);
  status = 200;
  await run.line('ready');
});
