import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pathOf } from '../../../src/health/render.ts';
import { METRICS } from '../../../src/metrics/catalog.ts';
import { familiesOf } from '../../../src/metrics/families.ts';
import { createMetricsRecorder } from '../../../src/metrics/recorder.ts';
import { READINGS } from '../../rig/readings.ts';
import { policyWith } from '../lifecycle/examples.ts';

const { instruments } = createMetricsRecorder(policyWith(), () => 0);
/** What stands in /metrics from the start, beside readings of everything that can be read. */
const FAMILIES = familiesOf({
  ...READINGS,
  states: instruments.states.samples(),
  verdictChanges: instruments.verdicts.samples(),
  results: instruments.results.samples(),
  latencies: instruments.latencies.distributions(),
  faults: instruments.faults.samples(),
});
const labelsOf = (name: string): Readonly<Record<string, readonly string[] | string>> =>
  Object.entries(METRICS).find(([each]) => each === name)?.[1].labels ?? {};

test('the catalog is in the order of /metrics and leaves nothing out', () => {
  assert.deepEqual(
    FAMILIES.map(({ name, type, help }) => ({ name, type, help })),
    Object.entries(METRICS).map(([name, { type, help }]) => ({ name, type, help })),
  );
});

test('each series has the labels of its row, and values that it lists', () => {
  for (const { name, samples } of FAMILIES) {
    const labels = labelsOf(name);
    for (const sample of samples) {
      assert.deepEqual(Object.keys(sample.labels), Object.keys(labels), name);
      for (const [label, value] of Object.entries(sample.labels)) {
        const values = labels[label];
        assert.ok(typeof values === 'string' || values?.includes(value), `${name}{${label}="${value}"}`);
      }
    }
  }
});

test('each value that a row lists is counted from the start', () => {
  for (const name of [
    'k8s_run_state',
    'k8s_run_verdict_changes_total',
    'k8s_run_probe_results_total',
    'k8s_run_faults_total',
  ]) {
    const samples = FAMILIES.find((family) => family.name === name)?.samples ?? [];
    for (const [label, values] of Object.entries(labelsOf(name)))
      assert.deepEqual([...new Set(samples.map(({ labels }) => labels[label]))], values, `${name}{${label}}`);
  }
});

test('the paths are those that the health server counts', () => {
  const paths = labelsOf('k8s_run_health_requests_total')['path'] as readonly string[];
  for (const path of paths) assert.equal(pathOf(path === 'other' ? '/elsewhere' : path), path);
});
