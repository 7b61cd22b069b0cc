import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LEAST_SHARE, OWN_MEMORY, RUNTIME_RULES } from '../../../src/environment/runtime-rules.ts';
import { settingsFor, withSettings } from '../../../src/environment/runtime-settings.ts';
import type { Limits } from '../../../src/resources/limits.ts';

const MIB = 2 ** 20;
const limits = (processors: number | null, mebibytes: number | null, allowed = 8): Limits => ({
  cpu: processors === null ? null : { processors, allowed, quota: processors, source: '/cpu' },
  memory: mebibytes === null ? null : { bytes: mebibytes * MIB, visible: mebibytes * MIB, source: '/memory' },
  problems: [],
});
const BOTH = new Set(['resource-env', 'web-concurrency'] as const);
const valuesOf = (bounds: Limits, environment: Record<string, string> = {}): Record<string, string> =>
  Object.fromEntries(
    settingsFor(bounds, environment).flatMap(({ name, value }) => (value === null ? [] : [[name, value]])),
  );

test('one and a half processors and 512 MiB set every variable', () => {
  assert.deepEqual(valuesOf(limits(1.5, 512)), {
    GOMAXPROCS: '2',
    GOMEMLIMIT: '439MiB',
    NODE_OPTIONS: '--max-old-space-size=366',
    UV_THREADPOOL_SIZE: '4',
    JAVA_TOOL_OPTIONS: '-XX:ActiveProcessorCount=2 -XX:MaxRAMPercentage=71.5',
    DOTNET_PROCESSOR_COUNT: '2',
    DOTNET_GCHeapHardLimitPercent: '0x47',
    OMP_NUM_THREADS: '1',
    PYTHON_CPU_COUNT: '2',
    RAYON_NUM_THREADS: '1',
    TOKIO_WORKER_THREADS: '1',
    MALLOC_ARENA_MAX: '16',
    WEB_CONCURRENCY: '2',
  });
});

test('processors are rounded as each runtime rounds them', () => {
  const names = ['GOMAXPROCS', 'UV_THREADPOOL_SIZE', 'DOTNET_PROCESSOR_COUNT', 'OMP_NUM_THREADS'] as const;
  const rows: readonly (readonly [processors: number, allowed: number, ...string[]])[] = [
    [0.001, 8, '2', '4', '1', '1'],
    [1, 8, '2', '4', '1', '1'],
    [1, 1, '1', '4', '1', '1'],
    [2.5, 8, '3', '4', '3', '2'],
    [6, 8, '6', '6', '6', '6'],
    [16, 32, '16', '16', '16', '16'],
  ];
  for (const [processors, allowed, ...expected] of rows) {
    const values = valuesOf(limits(processors, null, allowed));
    assert.deepEqual(
      names.map((name) => values[name]),
      expected,
      `${processors} of ${allowed}`,
    );
  }
});

test('one limit alone sets only the variables that depend on it', () => {
  assert.equal(valuesOf(limits(2, null))['JAVA_TOOL_OPTIONS'], '-XX:ActiveProcessorCount=2');
  assert.match(valuesOf(limits(null, 512))['JAVA_TOOL_OPTIONS'] ?? '', /^-XX:MaxRAMPercentage=/);
  assert.deepEqual(Object.keys(valuesOf(limits(null, 512))), [
    'GOMEMLIMIT',
    'NODE_OPTIONS',
    'JAVA_TOOL_OPTIONS',
    'DOTNET_GCHeapHardLimitPercent',
  ]);
  assert.deepEqual(valuesOf(limits(null, null)), {});
});

test('where memory.high is below memory.max, percentages are of the memory that the runtime sees', () => {
  const memory = { bytes: 124 * MIB, visible: 400 * MIB, source: '/memory.high' };
  const values = valuesOf({ cpu: null, memory, problems: [] });
  assert.equal(values['JAVA_TOOL_OPTIONS'], '-XX:MaxRAMPercentage=18.8');
  assert.equal(values['DOTNET_GCHeapHardLimitPercent'], '0x12');
});

test('where too little memory is left for the app no size is set, and the reason says so', () => {
  for (const bytes of [0, OWN_MEMORY, OWN_MEMORY + LEAST_SHARE - 1]) {
    const bounds = { ...limits(1, 1), memory: { bytes, visible: bytes, source: '/memory' } };
    assert.equal(valuesOf(bounds)['GOMEMLIMIT'], undefined);
    assert.equal(valuesOf(bounds)['JAVA_TOOL_OPTIONS'], '-XX:ActiveProcessorCount=1');
    assert.equal(valuesOf(bounds)['WEB_CONCURRENCY'], '1');
    const setting = settingsFor(bounds, {}).find(({ name }) => name === 'GOMEMLIMIT');
    assert.match(setting?.reason ?? '', /too little/);
  }
  assert.equal(valuesOf(limits(1, 40))['GOMEMLIMIT'], '14MiB');
});

test('there are no more workers than have memory', () => {
  assert.equal(valuesOf(limits(8, 24 + 3 * 128))['WEB_CONCURRENCY'], '3');
  assert.equal(valuesOf(limits(8, null))['WEB_CONCURRENCY'], '8');
});

test('each option sets its own variables, and the number of processes of a web server is no part of --resource-env', () => {
  const namesOf = (...options: readonly ('resource-env' | 'web-concurrency')[]): readonly string[] =>
    Object.keys(withSettings({}, limits(2, 512), new Set(options)));
  assert.deepEqual(namesOf(), []);
  assert.deepEqual(namesOf('web-concurrency'), ['WEB_CONCURRENCY']);
  assert.deepEqual(
    namesOf('resource-env'),
    RUNTIME_RULES.map(({ name }) => name).filter((name) => name !== 'WEB_CONCURRENCY'),
  );
  assert.deepEqual(
    namesOf('resource-env', 'web-concurrency').toSorted(),
    RUNTIME_RULES.map(({ name }) => name).toSorted(),
  );
});

test('the arenas of malloc are those that glibc would have on a machine of that size, unless its tunables are set', () => {
  assert.equal(valuesOf(limits(0.1, null))['MALLOC_ARENA_MAX'], '8');
  assert.equal(valuesOf(limits(3.5, null))['MALLOC_ARENA_MAX'], '32');
  assert.equal(valuesOf(limits(2, 512), { GLIBC_TUNABLES: 'glibc.malloc.arena_max=1' })['MALLOC_ARENA_MAX'], undefined);
});

test('a variable that is set, be it empty or by an alias, is left alone, and its value is not shown', () => {
  const environment = { NODE_OPTIONS: '--require=secret', GOMAXPROCS: '', COMPlus_GCHeapHardLimit: '0xsecret' };
  const settings = settingsFor(limits(2, 512), environment);
  const reasonOf = (wanted: string): string | undefined => settings.find(({ name }) => name === wanted)?.reason;
  assert.equal(reasonOf('NODE_OPTIONS'), 'it is set');
  assert.equal(reasonOf('GOMAXPROCS'), 'it is set');
  assert.equal(reasonOf('DOTNET_GCHeapHardLimitPercent'), 'COMPlus_GCHeapHardLimit is set');
  assert.doesNotMatch(JSON.stringify(settings), /secret/);
});

test('for any limits and environment, no set variable changes and every size fits the limit', () => {
  const names = RUNTIME_RULES.map(({ name }) => name);
  const bounds = fc.record({
    processors: fc.option(fc.double({ min: 0.001, max: 512, noNaN: true })),
    mebibytes: fc.option(fc.integer({ min: 0, max: 2 ** 22 })),
    allowed: fc.integer({ min: 1, max: 512 }),
    set: fc.dictionary(fc.constantFrom(...names, 'PATH'), fc.string()),
  });
  fc.assert(
    fc.property(bounds, ({ processors, mebibytes, allowed, set }) => {
      const found = limits(processors, mebibytes, allowed);
      const environment = withSettings({ ...set }, found, BOTH);
      for (const [name, value] of Object.entries(set)) assert.equal(environment[name], value);
      const { GOMAXPROCS, GOMEMLIMIT, RAYON_NUM_THREADS } = valuesOf(found);
      if (GOMAXPROCS !== undefined) assert.ok(Number(GOMAXPROCS) >= 1 && Number(GOMAXPROCS) <= allowed);
      if (RAYON_NUM_THREADS !== undefined) assert.ok(Number(RAYON_NUM_THREADS) >= 1);
      if (GOMEMLIMIT !== undefined) assert.ok(Number.parseInt(GOMEMLIMIT, 10) < (mebibytes ?? 0) - OWN_MEMORY / MIB);
      assert.equal(GOMAXPROCS === undefined, processors === null);
    }),
  );
});
