import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GivenOption } from '../../../../src/config/config.ts';
import { FILE_KEYS } from '../../../../src/config/file/read-file.ts';
import { readConfig } from '../../../../src/config/resolve.ts';
import { configOf, mistakesOf, temporaryFile } from '../../../rig/config-file.ts';

/** The value of an option in a file, and the same value on the command line. */
const FORMS: Readonly<Record<string, readonly [yaml: string, flags: readonly string[]]>> = {
  healthPort: ['off', ['off']],
  healthHost: ['"::1"', ['::1']],
  ready: ['http://:8080/ready', ['http://:8080/ready']],
  live: ['exec:test -e /tmp/x', ['exec:test -e /tmp/x']],
  startup: ['none', ['none']],
  probePeriod: ['500ms', ['500ms']],
  probeTimeout: ['2.5', ['2500ms']],
  successThreshold: ['2', ['2']],
  failureThreshold: ['"4"', ['4']],
  shutdownDelay: ['10', ['10s']],
  grace: ['1m30s', ['90s']],
  readinessOnDrain: ['keep', ['keep']],
  stopOn: ['[TERM, SIGQUIT, 2]', ['TERM,QUIT,INT']],
  stopSignal: ['15', ['TERM']],
  rewrite: ['{HUP: QUIT, USR1: 0}', ['HUP:QUIT', 'USR1:0']],
  signalScope: ['process', ['process']],
  interactive: ['false', ['false']],
  remapExit: ['[143:0, {130: 1}]', ['143:0', '130:1']],
  logLevel: ['debug', ['debug']],
  logFormat: ['json', ['json']],
};

for (const [name, [yaml, texts]] of Object.entries(FORMS)) {
  test(`${name}: ${yaml} in a config file means the same as ${texts.join(' and ')} after the flag`, async () => {
    const key = name as GivenOption['key'];
    const byFlag = await readConfig(
      texts.map((text) => ({ key, text, source: 'flag' })),
      {},
    );
    assert.ok('ok' in byFlag);
    const byFile = await configOf(`${name}: ${yaml}\n`);
    assert.deepEqual(byFile[key], byFlag.ok[key]);
    assert.ok(byFile.chosen.has(key));
    const json = await configOf(JSON.stringify({ [name]: texts.length === 1 ? texts[0] : texts }));
    assert.deepEqual(json[key], byFlag.ok[key]);
  });
}

test('every option but config is a key of the config file', async () => {
  assert.ok(FILE_KEYS.length >= Object.keys(FORMS).length);
  assert.match((await mistakesOf('config: x')).join(), /F:1:1 config: unknown key/);
  for (const key of FILE_KEYS) {
    const [first] = await mistakesOf(`${key}: [[]]`);
    assert.match(String(first), /^cannot use F:1:/);
    assert.doesNotMatch(String(first), /unknown key/);
  }
});

test('a flag wins over a variable, a variable over the config file, the file over the default', async () => {
  const text = 'grace: 1s\nshutdownDelay: 2s\nprobePeriod: 3s\nready: { tcpSocket: { port: 80 } }\n';
  const flags: readonly GivenOption[] = [{ key: 'grace', source: '--grace', text: '7s' }];
  const config = await configOf(text, flags, { K8S_RUN_SHUTDOWN_DELAY: '8s', K8S_RUN_GRACE: '9s' });
  const { grace, shutdownDelay, probePeriod, probeTimeout } = config;
  assert.deepEqual([grace, shutdownDelay, probePeriod, probeTimeout], [7_000, 8_000, 3_000, 1_000]);
  assert.deepEqual((await configOf(text, [{ key: 'ready', source: '--ready', text: 'none' }])).ready, { kind: 'none' });
});

test('K8S_RUN_CONFIG names a config file, and --config wins over it', async () => {
  await using file = await temporaryFile('grace: 3s');
  const byVariable = await readConfig([], { K8S_RUN_CONFIG: file.path });
  assert.ok('ok' in byVariable);
  assert.deepEqual([byVariable.ok.grace, byVariable.ok.config], [3_000, file.path]);
  await using other = await temporaryFile('grace: 4s');
  const both = await readConfig([{ key: 'config', source: '--config', text: other.path }], {
    K8S_RUN_CONFIG: file.path,
  });
  assert.ok('ok' in both && both.ok.grace === 4_000);
});

test('a config file may use anchors and merge keys, and a key without a value is not set', async () => {
  const config = await configOf('probePeriod: &d 3s\ngrace: *d');
  assert.deepEqual([config.grace, config.probePeriod], [3_000, 3_000]);
  const { rewrite, remapExit } = await configOf(
    'rewrite: &r { HUP: QUIT }\nremapExit: { <<: { 1: 0 }, 2: 0 }\n<<: { grace: 1s }',
  );
  assert.deepEqual([rewrite.length, remapExit.length], [1, 2]);
  assert.equal((await configOf('grace:\nready: null\nlive: ~')).chosen.size, 1);
  assert.equal((await configOf('{}')).chosen.size, 1);
  assert.equal((await configOf('\uFEFFgrace: 2s')).grace, 2_000);
  assert.equal((await configOf('{\n\t"grace": 2,\n\t"stopOn": ["TERM"]\n}\n')).grace, 2_000);
});
