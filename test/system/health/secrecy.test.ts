import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../../rig/deadline.ts';
import { cleanEnvironment, start } from '../../rig/supervised.ts';

const SECRET = 'hunter2-4711';

test('no endpoint and no line of the log shows arguments, environment values or what a probe is given', async () => {
  const probe = `exec:sh -c "exit 1" --password=${SECRET}`;
  const options = [
    ...['--startup', 'none', '--ready', `http://:1/health?token=${SECRET}`, '--live', probe],
    ...['--probe-period', '30ms', '--failure-threshold', '1', '--grace', '1s'],
  ];
  await using run = start(options, ['sh', '-c', 'sleep 300', `--token=${SECRET}`], {
    env: { ...cleanEnvironment(), API_KEY: SECRET, K8S_RUN_UNHEARD_OF: SECRET },
  });
  await run.line('unlive');
  await until('not ready', async () => /nothing listens/.test((await run.get('/readyz')).body), run.stderr);
  for (const path of ['/healthz', '/livez', '/readyz', '/startupz', '/statusz', '/metrics', '/', '/nowhere']) {
    for (const [query, accept] of [
      ['', '*/*'],
      ['?verbose', '*/*'],
      ['', 'application/json'],
      ['', 'text/html'],
    ] as const) {
      const reply = await run.get(`${path}${query}`, { headers: { accept } });
      assert.ok(!JSON.stringify(reply).includes(SECRET), `${path}${query}: ${JSON.stringify(reply)}`);
    }
  }
  run.kill('SIGTERM');
  await run.ended();
  await run.line('exited');
  assert.ok(!run.stderr().includes(SECRET), run.stderr());
});

test('a command that cannot be started is named without its arguments', async () => {
  await using run = start([], ['/no/such/program', `--token=${SECRET}`]);
  assert.equal((await run.ended()).code, 127);
  assert.ok(!run.stderr().includes(SECRET), run.stderr());
});

test('a mistake shows what was written, but no credentials and no query of a URL', async () => {
  const env = { ...cleanEnvironment(), K8S_RUN_READY: `http://admin:${SECRET}@app:8080/health?token=${SECRET}` };
  await using run = start([], ['true'], { env });
  assert.equal((await run.ended()).code, 78);
  assert.match((await run.line('mistake')).msg, /K8S_RUN_READY "http:\/\/…@app:8080\/health\?…"/);
  assert.ok(!run.stderr().includes(SECRET), run.stderr());
});
