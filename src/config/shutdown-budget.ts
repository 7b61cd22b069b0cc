import { formatDuration } from '../duration.ts';
import type { Config, OptionSources } from './config.ts';
import type { OptionValues } from './options/table.ts';

/**
 * Kept at the end of the pod's time: for what the app leaves behind to be killed and seen gone, the last line of the log,
 * and the container runtime. At the end of that time the kubelet kills k8s-run too, and nobody can say why.
 */
export const RESERVE: number = 2_000;
/** A phase that is derived is no shorter than this: shorter ones serve nobody, and who wants them all the same can say so. */
export const LEAST_PHASE: number = 1_000;

/** A length that the user chose, or one that may be derived and is then at most, or by default, this long. */
export type PhaseLength = { readonly ms: number; readonly source: 'chosen' | 'default' };

/** All that a shutdown may take, one after the other. */
export type BudgetPhases = {
  readonly pause: PhaseLength;
  /** The limit of the wait for connections. */
  readonly drain: number;
  /** What the hooks of the shutdown may take. */
  readonly hooks: number;
  readonly grace: PhaseLength;
};

export type ShutdownBudget =
  | { readonly kind: 'fits'; readonly pause: number; readonly grace: number }
  /** `needed`: the least that the phases and the reserve take. A derived phase counts with its least. */
  | {
      readonly kind: 'too small';
      readonly needed: number;
      readonly pause: number;
      readonly grace: number;
    };

/**
 * Fits a shutdown into the pod's terminationGracePeriodSeconds. What was chosen stays. A pause that was not keeps its
 * default, but never takes more than half of what is left for both; the grace gets all the rest, be it more or less than its
 * default.
 */
export function budgetOf(total: number, { pause, drain, hooks, grace }: BudgetPhases): ShutdownBudget {
  const left = total - RESERVE - drain - hooks;
  const least = (length: PhaseLength): number => (length.source === 'chosen' ? length.ms : LEAST_PHASE);
  const needed = total - left + least(pause) + least(grace);
  if (needed > total) return { kind: 'too small', needed, pause: least(pause), grace: least(grace) };
  if (pause.source === 'chosen') {
    return { kind: 'fits', pause: pause.ms, grace: grace.source === 'chosen' ? grace.ms : left - pause.ms };
  }
  if (grace.source === 'chosen') return { kind: 'fits', pause: Math.min(pause.ms, left - grace.ms), grace: grace.ms };
  const derived = Math.min(pause.ms, Math.floor(left / 2));
  return { kind: 'fits', pause: derived, grace: left - derived };
}

/** With `--termination-grace-period` every phase of the shutdown must fit into it: what was not set is derived from it. */
export function fitBudget(
  values: Partial<OptionValues>,
  told: OptionSources,
): { readonly ok: Partial<OptionValues> } | { readonly problem: string } {
  const { terminationGracePeriod: total, shutdownDelay, drainConnections, grace } = values;
  if (total === undefined || total === null) return { ok: {} };
  if (shutdownDelay === undefined || drainConnections === undefined || grace === undefined) return { ok: {} };
  const limited = [values.preStop, values.postExit].filter((hook) => hook !== undefined && hook !== null);
  const hooks = limited.length * (values.hookTimeout ?? 0);
  const length = (ms: number, key: 'shutdownDelay' | 'grace'): PhaseLength => ({
    ms,
    source: told.isChosen(key) ? 'chosen' : 'default',
  });
  const budget = budgetOf(total, {
    pause: length(shutdownDelay, 'shutdownDelay'),
    drain: drainConnections,
    hooks,
    grace: length(grace, 'grace'),
  });
  if (budget.kind === 'fits') return { ok: { shutdownDelay: budget.pause, grace: budget.grace } };
  const term = (key: 'shutdownDelay' | 'drainConnections' | 'grace', ms: number): string =>
    `${told.sourceOf(key)} ${formatDuration(ms)}${told.isChosen(key) ? '' : ' (at least)'}`;
  const sum = [
    term('shutdownDelay', budget.pause),
    ...(drainConnections > 0 ? [term('drainConnections', drainConnections)] : []),
    ...(hooks > 0
      ? [`${limited.length} × ${told.sourceOf('hookTimeout')} ${formatDuration(hooks / limited.length)}`]
      : []),
    term('grace', budget.grace),
    `${formatDuration(RESERVE)} in reserve`,
  ].join(' + ');
  const needed = formatDuration(budget.needed);
  return {
    problem: `cannot use ${told.sourceOf('terminationGracePeriod')} ${formatDuration(total)}: ${sum} = ${needed}; shorten one of them, or make it ${needed} or more here and in the pod's terminationGracePeriodSeconds`,
  };
}

/** What a shutdown may take, one after the other, under the names that users know; and what must be left of the pod's time. */
export function shutdownPhases(config: Config): {
  readonly phases: readonly (readonly [name: string, ms: number])[];
  readonly reserve: number;
} {
  const { preStop, postExit, hookTimeout, shutdownDelay, drainConnections, grace } = config;
  const phases: readonly (readonly [string, number])[] = [
    ['--pre-stop', preStop === null ? 0 : hookTimeout],
    ['--shutdown-delay', shutdownDelay],
    ['--drain-connections', drainConnections],
    ['--grace', grace],
    ['--post-exit', postExit === null ? 0 : hookTimeout],
  ];
  return { phases: phases.filter(([, ms]) => ms > 0), reserve: RESERVE };
}
