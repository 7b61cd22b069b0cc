import { Counter, Gauge, Histogram, Registry, type RegistryContentType } from 'prom-client';
import type { MetricFamily } from './families.ts';
import type { Distribution } from './instruments.ts';

/** `text`: Prometheus' own format, version 0.0.4. `openmetrics`: OpenMetrics 1.0.0, for clients that ask for it. */
export type ExpositionFormat = 'text' | 'openmetrics';
export type Exposition = { readonly status: 200; readonly type: string; readonly body: string };

/**
 * The format that an Accept header prefers (RFC 9110 12.5.1): OpenMetrics where it is named and wanted no less than
 * text, as Prometheus does; else text.
 */
export function formatFor(accept: string): ExpositionFormat {
  const wanted = accept.split(',').map((range) => {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const value = (name: string): string | undefined =>
      parameters.find((parameter) => parameter.startsWith(`${name}=`))?.slice(name.length + 1);
    return { type, version: value('version'), weight: weightOf(value('q')) };
  });
  const most = (weights: readonly number[]): number => Math.max(0, ...weights);
  const open = wanted.filter(
    ({ type, version }) => type === 'application/openmetrics-text' && (version === undefined || version === '1.0.0'),
  );
  const text = wanted.filter(({ type }) => type === 'text/plain' || type === 'text/*');
  const weight = most(open.map((each) => each.weight));
  return weight > 0 && weight >= most(text.map((each) => each.weight)) ? 'openmetrics' : 'text';
}

function weightOf(text: string | undefined): number {
  const weight = Number(text ?? 1);
  return weight >= 0 && weight <= 1 ? weight : 0;
}

/** Made by prom-client, in a registry that lives as long as the answer takes. */
export async function expose(families: readonly MetricFamily[], format: ExpositionFormat): Promise<Exposition> {
  const registry = new Registry<RegistryContentType>();
  registry.setContentType(format === 'text' ? Registry.PROMETHEUS_CONTENT_TYPE : Registry.OPENMETRICS_CONTENT_TYPE);
  for (const family of families) register(family, registry);
  return { status: 200, type: registry.contentType, body: await registry.metrics() };
}

function register(family: MetricFamily, registry: Registry<RegistryContentType>): void {
  const { name, help } = family;
  const labelNames = [...new Set(family.samples.flatMap(({ labels }) => Object.keys(labels)))];
  const registers = [registry];
  switch (family.type) {
    case 'gauge': {
      const metric = new Gauge({ name, help, labelNames, registers });
      for (const { labels, value } of family.samples) metric.set({ ...labels }, value);
      return;
    }
    case 'counter': {
      const metric = new Counter({ name, help, labelNames, registers });
      for (const { labels, value } of family.samples) metric.inc({ ...labels }, value);
      return;
    }
    case 'histogram': {
      const metric = new Histogram({ name, help, labelNames, registers });
      // prom-client would count each observation itself; these were counted before it was loaded.
      const values = family.samples.flatMap((each) => cumulative(name, each));
      const data = { name, help, type: 'histogram', aggregator: 'sum', values };
      Object.assign(metric, { getForPromString: () => Promise.resolve(data) });
      return;
    }
  }
}

type Value = { readonly metricName: string; readonly labels: Readonly<Record<string, string>>; readonly value: number };

/** Each bucket holds all that is not above its bound, the last of them everything. */
function cumulative(name: string, { labels, bounds, counts, sum }: Distribution): readonly Value[] {
  let count = 0;
  const buckets = counts.map((add, index) => {
    count += add;
    return { metricName: `${name}_bucket`, labels: { ...labels, le: boundOf(bounds[index]) }, value: count };
  });
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels, value: sum },
    { metricName: `${name}_count`, labels, value: count },
  ];
}

/** OpenMetrics wants its numbers canonical: `1.0`, not `1`; to Prometheus both are the same. */
function boundOf(bound: number | undefined): string {
  if (bound === undefined) return '+Inf';
  return Number.isInteger(bound) ? `${bound}.0` : `${bound}`;
}
