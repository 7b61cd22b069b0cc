import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Ajv } from 'ajv';
import { SCHEMA_FILE, schemaText } from '../../../scripts/schema.ts';
import { FILE_KEYS } from '../../../src/config/file/read-file.ts';
import { OPTIONS, type Option } from '../../../src/config/options/table.ts';
import { readConfig } from '../../../src/config/resolve.ts';
import { temporaryFile } from '../../rig/config-file.ts';

const schema = JSON.parse(readFileSync(SCHEMA_FILE, 'utf8'));
const validate = new Ajv({ strict: true }).compile(schema);

test('config.schema.json is what `npm run docs` writes, and is in the package', () => {
  assert.equal(readFileSync(SCHEMA_FILE, 'utf8'), schemaText());
  const { files } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));
  assert.ok(files.includes('config.schema.json'));
});

test('config.schema.json is ready for SchemaStore: its draft, and the address of its catalogue entry in the docs', () => {
  assert.equal(schema.$schema, 'http://json-schema.org/draft-07/schema#');
  const page = readFileSync(new URL('../../../docs/how-to/config-file.md', import.meta.url), 'utf8');
  const [, entry = ''] = /^```json\n(\{\n {2}"name": "k8s-run"[\s\S]*?)^```$/m.exec(page) ?? [];
  const { name, description, fileMatch, url } = JSON.parse(entry);
  assert.equal(url, schema.$id);
  assert.deepEqual([name, typeof description], ['k8s-run', 'string']);
  // A name that other programs have, too, would bring the schema into their files.
  for (const pattern of fileMatch) assert.match(pattern, /k8s-run/);
});

test('every option is in config.schema.json, with its help', () => {
  for (const key of FILE_KEYS) {
    const { description } = schema.properties[key];
    assert.ok(description.startsWith((OPTIONS[key] as Option<unknown>).help), key);
  }
});

/** A value that each option takes, as an editor's user would write it. */
const TAKEN: readonly unknown[] = [
  { $schema: './config.schema.json', grace: 20, shutdownDelay: '1m30s', healthPort: 'off' },
  { healthPort: 8080, healthHost: '::1', probePeriod: 0.5, probeTimeout: '500ms', successThreshold: 2 },
  { failureThreshold: 1, readinessOnDrain: 'keep', stopSignal: 'QUIT', signalScope: 'group', interactive: true },
  {
    stopOn: ['TERM', 2],
    rewrite: { HUP: 'QUIT', USR1: 0 },
    remapExit: { 143: 0 },
    logLevel: 'debug',
    logFormat: 'json',
  },
  { stopOn: 'none', stopSignal: 15, rewrite: ['HUP:QUIT'], remapExit: '143:0', ready: 'auto', live: 'process' },
  { ready: 'http://:8080/x', live: 'exec:true', startup: 'grpc://:50051' },
  { ready: { httpGet: { port: 80, path: '/x', scheme: 'HTTP', host: 'h', httpHeaders: [{ name: 'A', value: 'b' }] } } },
  { readinessProbe: { tcpSocket: { port: '80', host: 'h' }, successThreshold: 2, initialDelaySeconds: 0 } },
  { livenessProbe: { grpc: { port: 80, service: 's' }, successThreshold: 1, terminationGracePeriodSeconds: 3 } },
  { startupProbe: { exec: { command: ['a', 'b'] }, periodSeconds: 1, timeoutSeconds: 1, failureThreshold: 1 } },
  {
    checks: [
      { name: 'db', probe: 'tcp://:1' },
      { name: 'c', tags: ['live'], degraded: true, probe: { grpc: { port: 1 } } },
    ],
  },
  { checks: [] },
  { ports: { web: 80 }, ready: { httpGet: { port: 'web', protocol: 'HTTP2' } }, live: 'h2c://:1/x' },
  { ports: [{ name: 'web', containerPort: 80, protocol: 'TCP' }], live: { grpc: { port: 'web', mode: 'TLS' } } },
  { ready: 'grpcs://:50051' },
  { preStart: 'migrate up', preStop: 'http://:8080/drain', postExit: 'upload /dumps' },
  { onUnlive: 'signal:QUIT', beforeKill: 'jcmd {pid} Thread.print', onMemory: 'signal:12' },
  {},
];

/** Each is wrong in one way. */
const REFUSED: readonly unknown[] = [
  [],
  'grace',
  { graze: 1 },
  { config: 'x' },
  { grace: 'soon' },
  { grace: -1 },
  { probePeriod: 0 },
  { healthPort: 70_000 },
  { healthPort: 'none' },
  { successThreshold: 0 },
  { successThreshold: 1.5 },
  { readinessOnDrain: 'maybe' },
  { logLevel: 'loud' },
  { interactive: 'maybe' },
  { stopOn: [] },
  { stopOn: { TERM: 1 } },
  { rewrite: 'HUP' },
  { ready: 'htp://x' },
  { ready: {} },
  { ready: { tcpSocket: { port: 1 }, grpc: { port: 1 } } },
  { ready: { httpGet: {} } },
  { ready: { httpGet: { port: 'Web!' } } },
  { ready: { httpGet: { port: 1, protocol: 'h2c' } } },
  { ready: { grpc: { port: 1, mode: 'tls' } } },
  { ports: 80 },
  { ports: { http: '80' } },
  { ports: { HTTP: 80 } },
  { ports: [{ name: 'http' }] },
  { ports: [{ name: 'http', containerPort: 80, port: 80 }] },
  { ready: { httpGet: { port: 0 } } },
  { ready: { httpGet: { port: 1, pth: '/' } } },
  { ready: { httpGet: { port: 1, scheme: 'FTP' } } },
  { ready: { httpGet: { port: 1, httpHeaders: [{ value: 'x' }] } } },
  { ready: { exec: { command: 'cat' } } },
  { ready: { exec: { command: [] } } },
  { ready: { grpc: { port: 1 }, periodSeconds: 0 } },
  { ready: { grpc: { port: 1 }, periodSeconds: '10' } },
  { live: { grpc: { port: 1 }, successThreshold: 2 } },
  { startupProbe: { grpc: { port: 1 }, successThreshold: 2 } },
  { checks: { name: 'a' } },
  { checks: [{ probe: 'none' }] },
  { checks: [{ name: 'a' }] },
  { checks: [{ name: 'live', probe: 'none' }] },
  { checks: [{ name: 'a b', probe: 'none' }] },
  { checks: [{ name: 'a', probe: 'none', tags: [] }] },
  { checks: [{ name: 'a', probe: 'none', tags: ['x'] }] },
  { checks: [{ name: 'a', probe: 'none', degraded: 'yes' }] },
];

async function isRead(value: unknown): Promise<boolean> {
  await using file = await temporaryFile(JSON.stringify(value), 'k8s-run.json');
  return 'ok' in (await readConfig([{ key: 'config', source: '--config', text: file.path }], {}));
}

test('what the schema takes k8s-run takes', async () => {
  for (const value of TAKEN) {
    const text = JSON.stringify(value);
    assert.ok(validate(value), `${text}: ${JSON.stringify(validate.errors)}`);
    assert.ok(await isRead(value), text);
  }
});

test('what the schema refuses k8s-run refuses', async () => {
  for (const value of REFUSED) {
    const text = JSON.stringify(value);
    assert.equal(validate(value), false, `the schema takes ${text}`);
    assert.equal(await isRead(value), false, `k8s-run takes ${text}`);
  }
});
