import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readPairs } from '../../../src/otlp/pairs.ts';
import { otlpSettings } from '../../../src/otlp/settings.ts';

const urls = (environment: NodeJS.ProcessEnv): readonly (string | undefined)[] => {
  const { traces, logs } = otlpSettings('env', environment);
  return [traces?.url.href, logs?.url.href];
};

test('endpoints by the specification', () => {
  assert.deepEqual(urls({}), ['http://localhost:4318/v1/traces', 'http://localhost:4318/v1/logs']);
  for (const base of ['http://c:4318/my', 'http://c:4318/my/'])
    assert.deepEqual(urls({ OTEL_EXPORTER_OTLP_ENDPOINT: base }), [
      'http://c:4318/my/v1/traces',
      'http://c:4318/my/v1/logs',
    ]);
  const OTEL_EXPORTER_OTLP_TRACES_ENDPOINT = 'https://t/';
  const both = { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c' };
  assert.deepEqual(urls(both), ['https://t/', 'http://c/v1/logs'], 'that of one kind of data is taken as it is');
  assert.deepEqual(urls({ OTEL_EXPORTER_OTLP_ENDPOINT: ' ' }), urls({}), 'an empty variable is not set');
  assert.deepEqual(otlpSettings('http://c:1/base/', both).traces?.url.href, 'http://c:1/base/v1/traces');
});

test('what cannot be used is a warning that names the variable, and no value that may be a secret', () => {
  const warning = (environment: NodeJS.ProcessEnv): string => otlpSettings('env', environment).warnings.join();
  assert.match(warning({ OTEL_EXPORTER_OTLP_HEADERS: 'secret' }), /^OTEL_EXPORTER_OTLP_HEADERS is ignored(?!.*secret)/);
  assert.match(warning({ OTEL_EXPORTER_OTLP_LOGS_HEADERS: 'a=%zz' }), /^OTEL_EXPORTER_OTLP_LOGS_HEADERS is ignored/);
  assert.match(warning({ OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: '5s' }), /TRACES_TIMEOUT is ignored: it is no number/);
  assert.match(warning({ OTEL_EXPORTER_OTLP_COMPRESSION: 'zstd' }), /neither gzip nor none/);
  assert.match(warning({ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4317' }), /is no URL of HTTP/);
  assert.match(warning({ OTEL_TRACES_EXPORTER: 'zipkin' }), /OTEL_TRACES_EXPORTER is zipkin/);
  assert.match(warning({ OTEL_RESOURCE_ATTRIBUTES: 'a=1,b' }), /OTEL_RESOURCE_ATTRIBUTES is ignored/);
  assert.match(warning({ OTEL_TRACES_SAMPLER: 'jaeger_remote' }), /OTEL_TRACES_SAMPLER jaeger_remote is ignored/);
  assert.match(warning({ OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '2' }), /from 0 to 1/);
  assert.match(warning({ OTEL_EXPORTER_OTLP_PROTOCOL: 'http' }), /_PROTOCOL is ignored: it is none of/);
  assert.match(warning({ OTEL_EXPORTER_OTLP_PROTOCOL: 'GRPC' }), /_PROTOCOL is grpc/);
  assert.equal(warning({ OTEL_TRACES_EXPORTER: 'none', OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf' }), '');
});

test('words are the same in upper case, and with the line break that YAML may leave', () => {
  const { traces, logs, warnings, attributes, flagsOf } = otlpSettings('env', {
    OTEL_TRACES_EXPORTER: 'OTLP\n',
    OTEL_LOGS_EXPORTER: 'None',
    OTEL_EXPORTER_OTLP_COMPRESSION: 'NONE',
    OTEL_EXPORTER_OTLP_PROTOCOL: 'HTTP/JSON\n',
    OTEL_TRACES_SAMPLER: 'TraceIdRatio\n',
    OTEL_TRACES_SAMPLER_ARG: ' ',
    OTEL_SERVICE_NAME: 'web\n',
  });
  assert.deepEqual([traces?.compression, logs, warnings], ['none', null, []]);
  assert.equal(attributes.get('service.name'), 'web');
  assert.equal(flagsOf(`${'0'.repeat(31)}1`, null), 1);
});

test('kinds of data are left out one by one', () => {
  const { traces, logs } = otlpSettings('env', {
    OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'grpc',
    OTEL_LOGS_EXPORTER: 'otlp,console',
  });
  assert.equal(traces, null);
  assert.notEqual(logs, null);
  const off = otlpSettings('env', { OTEL_SDK_DISABLED: 'True' });
  assert.deepEqual([off.traces, off.logs], [null, null]);
  assert.notEqual(otlpSettings('http://c', { OTEL_SDK_DISABLED: 'true' }).traces, null, 'a URL is meant');
});

test('attributes and headers are percent-decoded, and OTEL_SERVICE_NAME wins', () => {
  const OTEL_RESOURCE_ATTRIBUTES = 'service.name=a, team = b%20c ,k=v=w,';
  const { attributes } = otlpSettings('env', { OTEL_RESOURCE_ATTRIBUTES, OTEL_SERVICE_NAME: 'web' });
  assert.deepEqual(Object.fromEntries(attributes), { 'service.name': 'web', team: 'b c', k: 'v=w' });
  assert.deepEqual(readPairs('a=1;property,b=%E2%82%AC', 'attributes'), [
    ['a', '1'],
    ['b', '€'],
  ]);
  assert.equal(readPairs('a=%0d%0aevil: 1', 'headers'), null);
  assert.equal(readPairs('b=%E2%82%AC', 'headers'), null, 'no header can have it');
  assert.equal(readPairs('=1', 'headers'), null);
});

test('samplers', () => {
  const low = `${'0'.repeat(31)}1`;
  const high = 'f'.repeat(32);
  const parent = { traceId: high, spanId: `${'0'.repeat(15)}1`, flags: 0, state: null };
  const flags = (OTEL_TRACES_SAMPLER: string, OTEL_TRACES_SAMPLER_ARG = ''): readonly number[] => {
    const { flagsOf } = otlpSettings('env', { OTEL_TRACES_SAMPLER, OTEL_TRACES_SAMPLER_ARG });
    return [flagsOf(low, null), flagsOf(high, null), flagsOf(high, parent)];
  };
  assert.deepEqual(flags(''), [1, 1, 0]);
  assert.deepEqual(flags('always_on'), [1, 1, 1]);
  assert.deepEqual(flags('always_off'), [0, 0, 0]);
  assert.deepEqual(flags('parentbased_always_off'), [0, 0, 0]);
  assert.deepEqual(flags('traceidratio', '0.5'), [0, 1, 1]);
  assert.deepEqual(flags('parentbased_traceidratio', '0.5'), [0, 1, 0]);
  assert.deepEqual(flags('traceidratio', '0'), [0, 0, 0]);
  assert.deepEqual(flags('traceidratio', '1'), [1, 1, 1]);
});
