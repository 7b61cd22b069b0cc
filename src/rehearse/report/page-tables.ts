import { formatDuration } from '../../duration.ts';
import { exitCodeLabel, formatSpan, VARIANT_LABELS } from '../labels.ts';
import type { EventTime, PodTimeline } from '../pod/pod-timeline.ts';
import type { Rehearsal, VariantResult } from '../results.ts';
import { escaped, unbroken } from './svg.ts';

export type Fact = readonly [name: string, value: string];

/** Names and values as a description list. `kind`: its class. */
export function factList(facts: readonly Fact[], kind = ''): string {
  const items = facts.map(([name, value]) => `<dt>${escaped(name)}</dt><dd>${unbroken(value)}</dd>`);
  return `<dl${kind === '' ? '' : ` class="${kind}"`}>${items.join('')}</dl>`;
}

const NONE = '–';
const HEADS: readonly string[] = [
  ...['', '', 'port open after', 'seen ready after', 'delay', 'signal to exit'],
  ...['still routed to', 'exit code', 'killed'],
];

/** One row for each pod. A phone has no room for columns, so each cell has its name with it; the roles stay when a row is no row any more. */
export function podTable(runs: readonly VariantResult[]): string {
  const heads = HEADS.map((head) => `<th>${head}</th>`).join('');
  const rows = runs.flatMap((run) =>
    run.pods.map((pod) => `<tr role="row">${podCells(pod, run).map(tableCell).join('')}</tr>`),
  );
  return `<table role="table"><thead><tr>${heads}</tr></thead><tbody>${rows.join('')}</tbody></table>`;
}

function tableCell(text: string, index: number): string {
  const head = HEADS[index] ?? '';
  const kind = text === NONE ? ' class="none"' : '';
  return `<td role="cell"${kind}${head === '' ? '' : ` data-head="${head}"`}>${unbroken(text)}</td>`;
}

function podCells(pod: PodTimeline, run: VariantResult): readonly string[] {
  const { variant } = run;
  return [
    ...[pod.name, VARIANT_LABELS[variant], between(pod.appStarted, pod.listening), between(pod.started, pod.ready)],
    ...[variant === 'k8s-run' ? between(pod.deleted, pod.signalled) : NONE, between(pod.signalled, pod.exited)],
    between(pod.deleted, pod.unrouted),
    endOf(pod, run),
    pod.killed === null ? '' : `by ${pod.killed.by}`,
  ];
}

/** The exit code, or what the replica did when the run was over. */
function endOf({ exitCode, ready, deleted }: PodTimeline, { load }: VariantResult): string {
  if (exitCode !== null) return exitCodeLabel(exitCode);
  if (ready === null) return 'never ready';
  if (deleted !== null) return 'not exited yet';
  return load === null ? 'still running' : 'still serving';
}

const between = (from: EventTime, to: EventTime): string =>
  from === null || to === null ? NONE : formatSpan(to - from);

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
    ...(preflight === null
      ? []
      : [['first start, until k8s-run said ready', formatSpan(preflight.timeToReady)] as const]),
  ];
  return factList(facts, 'card plain');
}
