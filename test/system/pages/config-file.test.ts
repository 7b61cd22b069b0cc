import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { readConfig } from '../../../src/config/resolve.ts';
import { temporaryFile } from '../../rig/config-file.ts';
import { until } from '../../rig/deadline.ts';
import { freePort } from '../../rig/free-port.ts';
import { cleanEnvironment, start } from '../../rig/supervised.ts';

const ROOT = new URL('../../..', import.meta.url).pathname;
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** The YAML on a page: configuration files, and what a manifest holds of one. */
function filesOn(page: string): readonly string[] {
  return [...read(page).matchAll(/^```yaml\n([\s\S]*?)^```/gm)].map(([, text = '']) => {
    const value = parse(text);
    return value.kind === 'ConfigMap' ? value.data['k8s-run.yaml'] : text;
  });
}

const PAGES: Readonly<Record<string, number>> = { 'docs/how-to/config-file.md': 4, 'docs/how-to/probes.md': 2 };

for (const [page, count] of Object.entries(PAGES)) {
  test(`every configuration file on ${page} is read without a warning, and passes the schema`, async () => {
    const validate = new Ajv({ strict: false }).compile(JSON.parse(read('config.schema.json')));
    const files = filesOn(page);
    assert.equal(files.length, count);
    for (const text of files) {
      await using file = await temporaryFile(text);
      const parsed = await readConfig([{ key: 'config', source: '--config', text: file.path }], {});
      assert.ok('ok' in parsed, JSON.stringify(parsed));
      assert.deepEqual(parsed.warnings, []);
      assert.ok(validate(parse(text)), `${text}\n${JSON.stringify(validate.errors)}`);
    }
  });
}

test('config-file.md shows the mistakes as k8s-run reports them', async () => {
  const page = read('docs/how-to/config-file.md');
  const said = [...page.matchAll(/^cannot use .*$/gm)].map(([line]) => line);
  await using file = await temporaryFile(
    'graze: 1\nstopOn:  "TERM,KILL"\nreadinessProbe:\n  httpGet:\n    path: /ready\n    port: web\n',
  );
  const parsed = await readConfig([{ key: 'config', source: '--config', text: file.path }], {});
  assert.ok('mistakes' in parsed);
  const texts = parsed.mistakes.map(({ text }) => text.replaceAll(file.path, '/etc/k8s-run.yaml'));
  assert.deepEqual([...texts].sort(), [...said].sort());
});

/** The example as its README has it, on a port of its own. */
async function startExample(down: string) {
  const port = String(await freePort());
  const text = read('examples/config-file/k8s-run.yaml').replaceAll('8080', port);
  const file = await temporaryFile(text);
  const run = start(['--config', file.path, '--probe-period', '50ms'], ['node', 'server.js'], {
    cwd: join(ROOT, 'examples/config-file'),
    env: {
      ...cleanEnvironment(),
      PATH: `${join(process.execPath, '..')}:${process.env['PATH']}`,
      PORT: port,
      DOWN: down,
    },
  });
  return {
    run,
    async [Symbol.asyncDispose]() {
      await run[Symbol.asyncDispose]();
      await file[Symbol.asyncDispose]();
    },
  };
}

test('the example of config-file.md: without its cache the app is degraded, and keeps traffic', async () => {
  await using example = await startExample('cache');
  const { run } = example;
  await run.line('ready');
  await run.line('degraded', (line) => line['check'] === 'cache');
  const { status, body } = await run.get('/readyz?verbose');
  assert.equal(status, 200);
  assert.ok(read('examples/config-file/README.md').includes(body), body);
});

test('the example of config-file.md: without its orders the app is not ready', async () => {
  await using example = await startExample('orders');
  const { run } = example;
  await until('the reason', async () => (await run.get('/readyz')).body === 'orders: HTTP 503\n', run.stderr);
  assert.equal((await run.get('/startupz')).status, 200);
});
