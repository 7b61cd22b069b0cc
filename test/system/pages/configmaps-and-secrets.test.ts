import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse, parseAllDocuments } from 'yaml';
import { until } from '../../rig/deadline.ts';
import { blocksOf, commandWith, typed } from '../../rig/how-to.ts';
import { mountedVolume } from '../../rig/mounted-volume.ts';

const PAGE = 'configmaps-and-secrets.md';
const [FOR_US = '', FOR_THE_APP = ''] = blocksOf(PAGE, 'yaml');
const NGINX = `#!/bin/sh
echo "$@"
trap 'echo reloaded' HUP
trap 'exit 0' QUIT
while :; do sleep 0.05; done
`;

test('every example of configmaps-and-secrets.md has a test here', () => {
  assert.equal(blocksOf(PAGE, 'yaml').length, 2);
  assert.equal(blocksOf(PAGE, 'sh').join('').trim().split('\n').length, 3);
});

test('configmaps-and-secrets.md, envFrom: the keys of the ConfigMap are options', async () => {
  const [map, container] = parseAllDocuments(FOR_US).map((document) => document.toJS());
  assert.equal(container.envFrom[0].configMapRef.name, map.metadata.name);
  const { data } = map as { data: Record<string, string> };
  await using run = typed('k8s-run sleep 1000', {}, {}, { ...data, K8S_RUN_HEALTH_PORT_80_TCP: 'tcp://10.0.0.7:80' });
  await run.line('spawned');
  const { options, probes } = JSON.parse((await run.get('/statusz')).body);
  assert.deepEqual([options.graceMs, probes.ready.probe], [40_000, data['K8S_RUN_READY']]);
  assert.ok(!run.events().includes('warning'), run.stderr());
});

test('configmaps-and-secrets.md, --env-dir: the files of the mounted folders are variables', async () => {
  const { args, volumeMounts } = parse(FOR_THE_APP) as { args: string[]; volumeMounts: { mountPath: string }[] };
  const paths = volumeMounts.map(({ mountPath }) => mountPath);
  assert.deepEqual(
    args.filter((word) => word.startsWith('/')),
    paths,
  );
  await using config = await mountedVolume({ DATABASE_URL: 'db\n', 'application.properties': 'a=b' });
  await using secrets = await mountedVolume({ PASSWORD: 'tell-nobody' });
  const [first = '', second = ''] = paths;
  const words = args.map((word) => (word === first ? config.path : word === second ? secrets.path : word));
  const server = 'const { DATABASE_URL, PASSWORD } = process.env; console.log(DATABASE_URL, PASSWORD)';
  await using run = typed(`k8s-run ${words.join(' ')}`, { 'server.js': server });
  assert.equal((await run.ended()).code, 0, run.stderr());
  assert.equal(run.stdout(), 'db tell-nobody\n');
  assert.ok(!run.stderr().includes('tell-nobody'));
  assert.match((await run.line('warning')).msg, /^application\.properties of .* does not become a variable/);
});

test('configmaps-and-secrets.md, --watch: the app gets HUP', async () => {
  await using volume = await mountedVolume({ 'default.conf': 'server {}' });
  const elsewhere = { '/etc/nginx/conf.d': volume.path };
  await using run = typed(commandWith(PAGE, 'nginx'), { 'bin/nginx': NGINX }, elsewhere);
  await until('nginx', () => run.stdout() === '-g daemon off;\n', run.stderr);
  await volume.swap({ 'default.conf': 'server { listen 81; }' });
  await until('the reload', () => run.stdout().endsWith('reloaded\n'), run.stderr);
  run.kill('SIGTERM');
  assert.equal((await run.ended()).code, 0, run.stderr());
});

test('configmaps-and-secrets.md, --on-change restart: the app has the new variables', async () => {
  await using volume = await mountedVolume({ COLOUR: 'red' });
  const server =
    "process.on('SIGTERM', () => process.exit(0)); console.log(process.env.COLOUR); setInterval(() => {}, 1000)";
  await using run = typed(
    commandWith(PAGE, '--on-change restart'),
    { 'server.js': server },
    { '/etc/web': volume.path },
  );
  await until('the app', () => run.stdout() === 'red\n', run.stderr);
  await volume.swap({ COLOUR: 'green' });
  await until('its next life', () => run.stdout() === 'red\ngreen\n', run.stderr);
  run.kill('SIGTERM');
  assert.equal((await run.ended()).code, 0, run.stderr());
});

test('configmaps-and-secrets.md, --on-change exec: the command runs', async () => {
  await using volume = await mountedVolume({ A: '1' });
  const files = { 'app/reload': '#!/bin/sh\necho "$@" >reloaded\n', 'app/server': '#!/bin/sh\nexec sleep 1000\n' };
  const elsewhere = { '/etc/app': volume.path, '/app/': './app/' };
  await using run = typed(commandWith(PAGE, 'exec:'), files, elsewhere);
  await run.line('spawned');
  await until('the watch', async () => {
    await volume.swap({ A: String(Math.random()) });
    return run.events().includes('hook');
  });
  await run.line('hook', (line) => line['outcome'] === 'done');
  assert.equal(await readFile(join(run.folder, 'reloaded'), 'utf8'), 'now\n');
});
