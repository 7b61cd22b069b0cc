import { type LabelValues, METRICS } from '../../src/metrics/catalog.ts';
import { STATES } from '../../src/metrics/label-values.ts';
import { code, table } from './blocks.ts';

/** Every metric: its type, its labels with their values, and its `# HELP` line. */
export function metricTable(): string {
  const rows = Object.entries(METRICS).map(([name, { type, help, labels = {} }]) => [
    code(name),
    type,
    Object.entries(labels)
      .map(([label, values]) => `${code(label)}: ${valuesOf(values)}`)
      .join('; '),
    help,
  ]);
  return table(['metric', 'type', 'labels and their values', 'help'], rows);
}

function valuesOf(values: LabelValues): string {
  if (values === STATES) return '[every state](#states-and-phases)';
  return typeof values === 'string' ? values : values.map(code).join(', ');
}
