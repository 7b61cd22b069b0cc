import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { type Document, parse, parseAllDocuments } from 'yaml';
import { OPTIONS } from '../../../src/config/options/table.ts';
import { METRICS, type MetricRow } from '../../../src/metrics/catalog.ts';
import { familiesOf, type MetricFamily } from '../../../src/metrics/families.ts';
import { parseExposition } from '../../rig/exposition.ts';
import { noFfi } from '../../rig/ffi.ts';
import { READINGS } from '../../rig/readings.ts';
import { start } from '../../rig/supervised.ts';

const read = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
const CATALOGUE = familiesOf(READINGS);

/** Each series that the catalogue can have, by name, with its labels. */
const SERIES = new Map<string, readonly string[]>(CATALOGUE.flatMap(seriesOf));

function seriesOf({ name, type, samples }: MetricFamily): [name: string, labels: readonly string[]][] {
  const labels = Object.keys(samples[0]?.labels ?? {});
  if (type !== 'histogram') return [[name, labels]];
  return [
    [`${name}_bucket`, [...labels, 'le']],
    [`${name}_sum`, labels],
    [`${name}_count`, labels],
  ];
}
/** What Prometheus adds to the targets that it finds in a cluster. */
const TARGET_LABELS = ['namespace', 'pod', 'container'];

type Panel = {
  readonly id: number;
  readonly type: string;
  readonly title?: string;
  readonly description?: string;
  readonly fieldConfig?: { readonly defaults: { readonly unit?: string } };
  readonly gridPos: Readonly<Record<'h' | 'w' | 'x' | 'y', number>>;
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
};
type Dashboard = {
  readonly uid: string;
  readonly panels: readonly Panel[];
  readonly schemaVersion: number;
  readonly annotations: { readonly list: readonly { readonly expr: string }[] };
  readonly templating: { readonly list: readonly { readonly name: string; readonly definition?: string }[] };
};

type AlertRule = { readonly alert: string; readonly expr: string };

const rulesIn = (text: string): readonly AlertRule[] =>
  (parse(text) as { groups: { rules: AlertRule[] }[] }).groups.flatMap(({ rules }) => rules);
const ALERTS = rulesIn(read('examples/grafana/alerts.yaml'));
const DASHBOARD = JSON.parse(read('examples/grafana/k8s-run.json')) as Dashboard;

/** What an expression asks for that does not exist: series, and labels of them. */
function unknownIn(expression: string): readonly string[] {
  const series = [...expression.matchAll(/\b((?:k8s_run|process)_\w+)(?:\{([^}]*)\})?/g)];
  return series.flatMap(([, name = '', selector = '']) => {
    const labels = SERIES.get(name);
    if (labels === undefined) return [name];
    return [...selector.matchAll(/(\w+)(=~|!~|!=|=)"([^"]*)"/g)].flatMap(([, label = '', operator, value = '']) => {
      if (![...labels, ...TARGET_LABELS].includes(label)) return [`${name}{${label}}`];
      const values = valuesOf(name, label);
      const isKnown = values === null || !/^!?=$/.test(operator ?? '') || values.includes(value);
      return isKnown ? [] : [`${name}{${label}="${value}"}`];
    });
  });
}

/** The values that a label of this metric can have; null: they cannot be listed. */
function valuesOf(name: string, label: string): readonly string[] | null {
  const metric = name.replace(/_(bucket|sum|count)$/, '');
  const rows: Readonly<Record<string, MetricRow<'gauge' | 'counter' | 'histogram'>>> = METRICS;
  const values = rows[metric]?.labels?.[label];
  return typeof values === 'object' ? values : null;
}

/** Brackets of all kinds pair off, outside of strings. */
function isBalanced(expression: string): boolean {
  const open: string[] = [];
  for (const char of expression.replace(/"[^"]*"/g, '')) {
    if ('([{'.includes(char)) open.push(char);
    if (')]}'.includes(char) && open.pop() !== { ')': '(', ']': '[', '}': '{' }[char]) return false;
  }
  return open.length === 0;
}

test('every series in the Grafana dashboard exists, with its labels', () => {
  const expressions = DASHBOARD.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
  assert.ok(expressions.length > 40);
  expressions.push(...DASHBOARD.annotations.list.map(({ expr }) => expr));
  for (const expression of expressions) {
    assert.deepEqual(unknownIn(expression), [], expression);
    assert.ok(/k8s_run_|process_/.test(expression) && isBalanced(expression), expression);
  }
  for (const { definition } of DASHBOARD.templating.list) assert.deepEqual(unknownIn(definition ?? ''), []);
});

test('every alert rule asks for series that exist, and has a test', () => {
  const tests = read('examples/grafana/alerts.test.yaml');
  assert.ok(ALERTS.length > 10);
  for (const { alert, expr } of ALERTS) {
    assert.deepEqual(unknownIn(expr), [], alert);
    assert.ok(isBalanced(expr), alert);
    assert.match(tests, new RegExp(`alertname[:=] ?"?${alert}\\b`), alert);
  }
});

test('every panel of the Grafana dashboard has a title, a description, a unit, a legend and a place of its own', () => {
  const taken = new Set<string>();
  assert.equal(new Set(DASHBOARD.panels.map(({ id }) => id)).size, DASHBOARD.panels.length);
  // Of Grafana 11: ids of panels are unique numbers, each target has its data source.
  assert.equal(DASHBOARD.schemaVersion, 39);
  for (const { type, title, description, fieldConfig, gridPos, targets = [] } of DASHBOARD.panels) {
    assert.ok(title, JSON.stringify(gridPos));
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1) {
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
        assert.ok(x < 24 && !taken.has(`${x} ${y}`), `${title} overlaps`);
        taken.add(`${x} ${y}`);
      }
    }
    if (type === 'row') continue;
    assert.ok(fieldConfig?.defaults.unit, title);
    assert.match(description ?? '', /\.$/, title);
    assert.ok(targets.length > 0 && targets.every(({ legendFormat }) => legendFormat !== ''), title);
  }
});

test('the check of series finds a series and a label that do not exist', () => {
  assert.deepEqual(unknownIn('rate(k8s_run_nothing_total[5m]) / process_open_fds'), ['k8s_run_nothing_total']);
  assert.deepEqual(unknownIn('k8s_run_state{state="running",phase=~"x",pod!="y"}'), ['k8s_run_state{phase}']);
  assert.deepEqual(unknownIn('k8s_run_shutdown_phase_seconds{phase="resting"}'), [
    'k8s_run_shutdown_phase_seconds{phase="resting"}',
  ]);
  assert.ok(isBalanced('a{b=")"}[5m]') && !isBalanced('sum(a') && !isBalanced('sum(a])'));
});

test('a real scrape has every metric of the catalogue, except those that this container cannot tell', {
  skip: noFfi,
}, async () => {
  // target_info is there with --otlp only. Nothing listens there.
  await using run = start(['--ready', 'none', '--otlp', 'http://127.0.0.1:9'], ['sleep', '300']);
  await run.line('ready');
  await run.get('/metrics', { method: 'HEAD' });
  const accept = { headers: { accept: 'application/openmetrics-text' } };
  const families = parseExposition((await run.get('/metrics', accept)).body, 'openmetrics');
  const real = families.map(({ name, type }) => `${name}${type === 'counter' ? '_total' : ''}`);
  const names = CATALOGUE.map(({ name }) => name);
  assert.deepEqual(
    real.filter((name) => !names.includes(name)),
    [],
  );
  assert.deepEqual(
    names.filter((name) => !real.includes(name) && !name.startsWith('k8s_run_container_')),
    [],
  );
});

test('docs/reference.md has every metric, with its type and labels, and no other', () => {
  const section = /^## Metrics\n([\s\S]*?)^## /m.exec(read('docs/reference.md'))?.[1] ?? '';
  const rows = [...section.matchAll(/^\| `(\w+)` \| (\w+) \|([^|]*)\|/gm)].map(([, name, type, labels = '']) => ({
    name,
    type,
    labels: [...labels.matchAll(/`(\w+)`:/g)].map(([, label]) => label),
  }));
  const told = CATALOGUE.map(({ name, type, samples }) => ({
    name,
    type,
    labels: Object.keys(samples[0]?.labels ?? {}),
  }));
  assert.deepEqual(rows, told);
});

test('docs/how-to/metrics.md uses series that exist, and the port and path of k8s-run', () => {
  const page = read('docs/how-to/metrics.md');
  const blocks = [...page.matchAll(/^```yaml\n([\s\S]*?)^```/gm)].map(([, block = '']) => block);
  assert.ok(blocks.length >= 4);
  const documents = blocks.flatMap((block) => parseAllDocuments(block, { strict: true }) as readonly Document[]);
  assert.deepEqual(
    documents.flatMap(({ errors, warnings }) => [...errors, ...warnings]),
    [],
  );
  const kinds = documents.map((document) => document.get('kind') ?? 'rules');
  assert.deepEqual(kinds, ['PodMonitor', 'Service', 'ServiceMonitor', 'Pod', 'rules']);
  const onPage = rulesIn(blocks.at(-1) ?? '');
  assert.ok(onPage.length >= 4);
  // The page shows some of the rules of the example, as they are there.
  for (const rule of onPage)
    assert.deepEqual(
      rule,
      ALERTS.find(({ alert }) => alert === rule.alert),
    );
  const port = String(OPTIONS.healthPort.fallback);
  for (const [, number] of page.matchAll(/(?:containerPort: |port: "?|localhost:)(\d+)/g)) assert.equal(number, port);
  const paths = [...page.matchAll(/path: ([/\w]+)/g)].map(([, path]) => path);
  assert.ok(paths.includes('/metrics'));
  for (const path of paths) assert.match(String(path), /^\/(metrics|readyz|livez|startupz)$/);
});
