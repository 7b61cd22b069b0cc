import { formatDuration } from '../../duration.ts';
import { exitCodeLabel, formatSpan, VARIANT_LABELS } from '../labels.ts';
import type { EventTime, PodTimeline } from '../pod/pod-timeline.ts';
import type { Rehearsal, Variant, VariantResult } from '../results.ts';
import { escaped } from './svg.ts';

export type Fact = readonly [name: string, value: string];

/** Names and values as a description list. `kind`: its class. */
export function factList(facts: readonly Fact[], kind = ''): string {
  const items = facts.map(([name, value]) => `<dt>${escaped(name)}</dt><dd>${escaped(value)}</dd>`);
  return `<dl${kind === '' ? '' : ` class="${kind}"`}>${items.join('')}</dl>`;
}

/** One row for each pod. */
export function podTable(runs: readonly VariantResult[]): string {
  const heads = ['', '', 'time to ready', 'delay', 'signal to exit', 'still routed to', 'exit code', 'killed'];
  const rows = runs.flatMap(({ variant, pods }) => pods.map((pod) => tableRow(podCells(pod, variant), 'td')));
  return `<table><thead>${tableRow(heads, 'th')}</thead><tbody>${rows.join('')}</tbody></table>`;
}

const tableRow = (cells: readonly string[], kind: 'th' | 'td'): string =>
  `<tr>${cells.map((cell) => `<${kind}>${escaped(cell)}</${kind}>`).join('')}</tr>`;

function podCells(pod: PodTimeline, variant: Variant): readonly string[] {
  return [
    ...[pod.name, VARIANT_LABELS[variant], between(pod.started, pod.ready)],
    ...[variant === 'k8s-run' ? between(pod.deleted, pod.signalled) : '–', between(pod.signalled, pod.exited)],
    between(pod.deleted, pod.unrouted),
    pod.exitCode === null ? 'still serving' : exitCodeLabel(pod.exitCode),
    pod.killed === null ? '' : `by ${pod.killed.by}`,
  ];
}

const between = (from: EventTime, to: EventTime): string =>
  from === null || to === null ? '–' : formatSpan(to - from);

/** How the rehearsal was set up. */
export function settingsList({ settings, preflight }: Rehearsal): string {
  const { rate, keptAlive, paths, nodes, lag } = settings;
  const facts: readonly Fact[] = [
    ['replicas', String(settings.replicas)],
    [
      'requests',
      `${rate} per second, ${Math.round(keptAlive * 100)} % on kept-alive connections, for ${paths.join(', ')}`,
    ],
    ['nodes', `${nodes}, each learns of a change up to ${formatDuration(lag)} late`],
    ['delay and grace', `${formatDuration(settings.shutdownDelay)}, ${formatDuration(settings.grace)}`],
    ['terminationGracePeriodSeconds', String(settings.terminationGracePeriod / 1_000)],
    ['random seed', settings.seed],
    ...(preflight === null ? [] : [['time to ready of the first start', formatSpan(preflight.timeToReady)] as const]),
  ];
  return factList(facts, 'card plain');
}
