import assert from 'node:assert/strict';
import { test } from 'node:test';
import { temporaryFile } from '../../rig/config-file.ts';
import { until } from '../../rig/deadline.ts';
import { type Supervised, start } from '../../rig/supervised.ts';
import { type HttpTarget, serveHttp } from '../../rig/target.ts';

const SLEEP = ['sleep', '300'];
const FAST = ['--probe-period', '30ms', '--failure-threshold', '2'];

/** A server that answers each path with a status of the test's choice, 200 at first. */
async function services(): Promise<HttpTarget & { readonly set: (path: string, status: number) => void }> {
  const statuses = new Map<string, number>();
  const target = await serveHttp(({ url = '' }, response) => response.writeHead(statuses.get(url) ?? 200).end());
  return { ...target, set: (path, status) => void statuses.set(path, status) };
}

const verbose = async (run: Supervised, path: string): Promise<string> => (await run.get(`${path}?verbose`)).body;

test('readiness is the main probe and every check tagged ready, each with a line of its own in ?verbose', async () => {
  await using app = await services();
  app.set('/db', 500);
  await using file = await temporaryFile(`
ready: http://:${app.port}/app
checks:
  - name: database
    probe: http://:${app.port}/db
  - name: queue
    probe: { httpGet: { port: ${app.port}, path: /queue } }
`);
  await using run = start([...FAST, '--config', file.path], SLEEP);
  await until('it waits', async () => (await run.get('/readyz')).body === 'database: HTTP 500\n', run.stderr);
  assert.equal((await run.get('/startupz')).status, 200);
  app.set('/db', 200);
  await run.line('ready');
  assert.equal(
    await verbose(run, '/readyz'),
    '[+]startup ok\n[+]ready ok\n[+]database ok\n[+]queue ok\nreadyz check passed\n',
  );
  assert.equal(await verbose(run, '/livez'), '[+]live ok\nlivez check passed\n');
  app.set('/queue', 503);
  assert.equal((await run.line('unready'))['reason'], 'queue: HTTP 503');
  assert.equal(
    await verbose(run, '/readyz'),
    '[+]startup ok\n[-]ready failed: queue: HTTP 503\n[+]database ok\n[-]queue failed: HTTP 503\nreadyz check failed\n',
  );
  const { checks } = JSON.parse((await run.get('/statusz')).body);
  for (const { ready } of checks) {
    assert.ok(ready.changedAgoMs >= 0);
    delete ready.changedAgoMs;
  }
  assert.deepEqual(checks, [
    { name: 'database', probe: `http://:${app.port}/db`, degraded: false, ready: { kind: 'passing' } },
    {
      ...{ name: 'queue', probe: `http://:${app.port}/queue`, degraded: false },
      ready: { kind: 'failing', cause: 'failed', reason: 'HTTP 503' },
    },
  ]);
});

test('a check with degraded: true that fails is shown in the log, ?verbose and JSON, and keeps the app ready', async () => {
  await using app = await services();
  await using file = await temporaryFile(`
ready: none
checks:
  - { name: cache, degraded: true, tags: [ready], probe: "http://:${app.port}/cache" }
`);
  await using run = start([...FAST, '--config', file.path], SLEEP);
  await run.line('ready');
  app.set('/cache', 500);
  const line = await run.line('degraded');
  assert.deepEqual([line.level, line['check'], line['reason']], ['warn', 'cache', 'HTTP 500']);
  const reply = await run.get('/readyz?verbose');
  assert.deepEqual(
    [reply.status, reply.body],
    [200, '[+]startup ok\n[+]ready ok\n[-]cache degraded: HTTP 500\nreadyz check passed\n'],
  );
  assert.deepEqual((await run.get('/readyz')).body, 'ok');
  const json = await run.get('/readyz', { headers: { accept: 'application/json' } });
  assert.deepEqual(
    [json.status, JSON.parse(json.body)],
    [
      200,
      {
        status: 'degraded',
        checks: [
          { name: 'startup', status: 'ok' },
          { name: 'ready', status: 'ok' },
          { name: 'cache', status: 'degraded', reason: 'HTTP 500' },
        ],
      },
    ],
  );
  app.set('/cache', 200);
  assert.equal((await run.line('restored'))['check'], 'cache');
  assert.deepEqual(
    run.events().filter((event) => event === 'unready'),
    [],
  );
});

test('checks tagged startup or live count there, and a check with both tags is probed for each', async () => {
  await using app = await services();
  app.set('/migrated', 500);
  await using file = await temporaryFile(`
ready: none
checks:
  - { name: migrated, tags: [startup], probe: "http://:${app.port}/migrated" }
  - { name: loop, tags: [live, ready], probe: "http://:${app.port}/loop" }
`);
  await using run = start([...FAST, '--config', file.path], SLEEP);
  await until('it starts', async () => (await run.get('/startupz')).body === 'migrated: HTTP 500\n', run.stderr);
  assert.ok(app.requests.every(({ url }) => url === '/migrated'));
  app.set('/migrated', 200);
  await run.line('ready');
  app.set('/loop', 500);
  assert.equal((await run.line('unlive'))['reason'], 'loop: HTTP 500');
  assert.equal((await run.line('unready'))['reason'], 'loop: HTTP 500');
  assert.equal(
    await verbose(run, '/livez'),
    '[-]live failed: loop: HTTP 500\n[-]loop failed: HTTP 500\nlivez check failed\n',
  );
  // What had passed is not probed again.
  assert.match(await verbose(run, '/startupz'), /^\[\+\]startup ok\n\[\+\]migrated ok\n/);
});

test('during the shutdown readiness fails whatever the checks say', async () => {
  await using app = await services();
  await using file = await temporaryFile(
    `ready: none\nshutdownDelay: 10m\nchecks: [{ name: db, probe: "http://:${app.port}/" }]\n`,
  );
  await using run = start(['--config', file.path], SLEEP);
  await run.line('ready');
  run.kill('SIGTERM');
  await run.line('terminating');
  assert.equal(
    await verbose(run, '/readyz'),
    '[+]startup ok\n[-]ready failed: shutting down\n[+]db ok\nreadyz check failed\n',
  );
});
