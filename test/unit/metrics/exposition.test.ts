import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expose, formatFor } from '../../../src/metrics/exposition.ts';
import { familiesOf } from '../../../src/metrics/families.ts';
import { parseExposition, sampleOf } from '../../rig/exposition.ts';
import { READINGS, UNREADABLE_CONTAINER } from '../../rig/readings.ts';

for (const [accept, format] of [
  ['', 'text'],
  ['*/*', 'text'],
  ['text/plain', 'text'],
  ['application/json', 'text'],
  ['application/openmetrics-text', 'openmetrics'],
  ['application/openmetrics-text; version=1.0.0; charset=utf-8', 'openmetrics'],
  ['APPLICATION/OpenMetrics-Text', 'openmetrics'],
  // Prometheus 2.5 to 2.42, 2.43 to 2.53, and 3.
  [
    'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
    'openmetrics',
  ],
  [
    'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1',
    'openmetrics',
  ],
  ['text/plain;version=0.0.4;q=0.7,application/openmetrics-text;q=0.6', 'text'],
  ['application/openmetrics-text;version=2.0.0', 'text'],
  ['application/openmetrics-text;q=0', 'text'],
  ['application/openmetrics-text;q=high', 'text'],
  [',;=,,application/openmetrics-text;;;', 'openmetrics'],
] as const) {
  test(`a scrape with Accept: ${accept.slice(0, 80)} gets ${format}`, () => assert.equal(formatFor(accept), format));
}

for (const format of ['text', 'openmetrics'] as const) {
  test(`buckets are cumulative, and infinity and large numbers are written by the rules of ${format}`, async () => {
    const { body } = await expose(familiesOf(READINGS), format);
    const families = parseExposition(body, format);
    const bucket = (le: string): number =>
      sampleOf(families, 'k8s_run_probe_duration_seconds_bucket', { probe: 'ready', le });
    assert.deepEqual([bucket('0.1'), bucket('1.0'), bucket('+Inf')], [2, 3, 4]);
    assert.equal(sampleOf(families, 'k8s_run_probe_duration_seconds_sum', { probe: 'ready' }), 3.25);
    assert.equal(sampleOf(families, 'k8s_run_app_max_fds'), Number.POSITIVE_INFINITY);
    assert.equal(sampleOf(families, 'k8s_run_app_resident_memory_bytes'), 1e9);
  });
}

test('a family whose value is unknown is left out', async () => {
  const bare = {
    ...READINGS,
    app: null,
    own: null,
    container: UNREADABLE_CONTAINER,
    orphansReaped: null,
    requests: [],
  };
  const families = parseExposition((await expose(familiesOf(bare), 'text')).body, 'text');
  const absent = families.filter(({ name }) => /^(k8s_run_(container|app_(cpu|open)|orphans)|process)_/.test(name));
  assert.deepEqual(absent, []);
  assert.ok(families.length > 10);
});

test("metric names follow Prometheus' conventions, and each family has a help text", () => {
  const families = familiesOf(READINGS);
  assert.ok(families.length > 40);
  for (const { name, type, help, samples } of families) {
    assert.match(name, /^(k8s_run|process|target)(_[a-z]+)+$/, name);
    assert.equal(/_total$/.test(name), type === 'counter', name);
    // Base units: seconds and bytes, never their parts (promlint).
    assert.doesNotMatch(name, /_(ms|milliseconds|microseconds|minutes|kib|mib|kilobytes|percent|ratio)(_|$)/, name);
    assert.doesNotMatch(name, /_(count|sum|bucket|info_total)$/, name);
    assert.match(help, /^[A-Z].*\.$/, name);
    const sets = samples.map(({ labels }) => Object.keys(labels).join());
    assert.equal(new Set(sets).size, 1, `${name} has the same labels in every series`);
  }
  assert.equal(new Set(families.map(({ name }) => name)).size, families.length);
});

test('the parser that the tests use refuses what the format forbids', () => {
  const good = '# HELP a_total x\n# TYPE a_total counter\na_total{b="c\\"\\n"} 1\n';
  assert.equal(parseExposition(good, 'text')[0]?.series[0]?.labels['b'], 'c"\n');
  for (const [wrong, right] of [
    ['# TYPE a_total counter\n', ''],
    ['} 1', '} -1'],
    ['} 1', '}  1'],
    ['} 1', '} one'],
    ['b=', 'b ='],
    ['"}', '",}'],
    ['a_total{', 'other{'],
    ['1\n', '1\na_total{b="c\\"\\n"} 2\n'],
    ['1\n', '1'],
    ['counter', 'count'],
  ] as const) {
    assert.throws(() => parseExposition(good.replace(wrong, right), 'text'), Error, right);
  }
  assert.throws(() => parseExposition(good, 'openmetrics'), /EOF/);
});
