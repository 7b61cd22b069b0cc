import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFile } from '../../rig/config-file.ts';
import { finish, finishWords, inBatches, lastLine } from '../../rig/finished.ts';
import { cleanEnvironment } from '../../rig/supervised.ts';

/** sysexits(3): EX_CONFIG. */
const CONFIG = 78;

test('mistakes of flags, variables and the config file are reported together, and nothing is started', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'k8s-run-'));
  try {
    const trace = join(folder, 'started');
    await using file = await temporaryFile('graze: 1\nstopSignal: NOPE\nready: { httpGet: { port: web } }\n');
    const run = await finish(['--grace', 'soon', '--config', file.path], ['touch', trace], {
      env: { ...cleanEnvironment(), K8S_RUN_LOG_FORMAT: 'xml' },
    });
    assert.deepEqual([run.code, lastLine(run)['code'], existsSync(trace)], [CONFIG, CONFIG, false]);
    const mistakes = run.lines.filter(({ event }) => event === 'mistake').map(({ msg }) => msg);
    const expected = [
      '--grace "soon": not a duration',
      'K8S_RUN_LOG_FORMAT "xml": must be one of',
      `${file.path}:1:1 graze: unknown key; did you mean grace?`,
      `${file.path}:2:13 stopSignal "NOPE": not a signal`,
      `${file.path}:3:27 ready.httpGet.port "web":`,
    ];
    assert.equal(mistakes.length, expected.length, run.stderr);
    for (const [index, words] of expected.entries())
      assert.ok(mistakes[index]?.startsWith(`cannot use ${words}`), run.stderr);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('a config file that cannot be read is one mistake, with exit code 78', async () => {
  await inBatches(['/no/such/file', tmpdir(), '/dev/null', '/proc/self/mem'], 2, async (path) => {
    const run = await finishWords(['--', 'true'], { env: { ...cleanEnvironment(), K8S_RUN_CONFIG: path } });
    assert.equal(run.code, CONFIG, run.stderr);
    assert.match(String(run.lines[0]?.msg), new RegExp(`^cannot (read|use) K8S_RUN_CONFIG ${path}: `));
  });
});

test('stopOn, stopSignal and remapExit of the config file take effect', async () => {
  await using file = await temporaryFile('healthPort: off\nstopOn: [USR1]\nstopSignal: KILL\nremapExit: { 137: 3 }\n');
  const run = await finishWords(['--config', file.path, '--', 'sh', '-c', 'kill -USR1 $PPID; sleep 300']);
  assert.equal(run.code, 3, run.stderr);
  assert.equal(run.lines.find(({ event }) => event === 'stopping')?.['signal'], 'SIGKILL');
});

test('no log line has a value of the config file that may be a secret', async () => {
  const secret = 's3cret';
  await using file = await temporaryFile(
    `ready: "http://user:${secret}@host/?token=${secret}"\nchecks:\n  - name: a\n    probe:\n      httpGet: { port: 1, httpHeaders: [{ name: Authorization, value: [${secret}] }] }\n  - name: b\n    probe: exec:"${secret}\n`,
  );
  const run = await finishWords(['--config', file.path, '--', 'true']);
  assert.equal(run.code, CONFIG);
  assert.equal(run.lines.filter(({ event }) => event === 'mistake').length, 3, run.stderr);
  assert.doesNotMatch(run.stderr, new RegExp(secret));
});
