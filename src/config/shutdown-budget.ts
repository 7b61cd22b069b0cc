import { formatDuration } from '../duration.ts';
import type { Config, OptionSources } from './config.ts';
import type { OptionValues } from './options/table.ts';

/**
 * Milliseconds at the end of terminationGracePeriodSeconds that are kept for killing leftovers, the last log line and the
 * container runtime. After it the kubelet kills k8s-run too, which then cannot report why.
 */
export const RESERVE: number = 2_000;
/** The shortest length of a derived phase, in milliseconds. A shorter one would be of no use; the user can still set it. */
export const LEAST_PHASE: number = 1_000;

/** `chosen`: the user set this length; `default`: another one may be derived. */
export type PhaseLength = { readonly ms: number; readonly source: 'chosen' | 'default' };

/** The parts of a shutdown, one after the other. Times are milliseconds. */
export type BudgetPhases = {
  readonly delay: PhaseLength;
  /** The limit of the wait for requests in flight. */
  readonly drain: number;
  /** The limits of the shutdown's hooks together. */
  readonly hooks: number;
  readonly grace: PhaseLength;
};

export type ShutdownBudget =
  | { readonly kind: 'fits'; readonly delay: number; readonly grace: number }
  /** `needed`: the least total for the phases and the reserve. A derived phase counts with LEAST_PHASE. */
  | {
      readonly kind: 'too small';
      readonly needed: number;
      readonly delay: number;
      readonly grace: number;
    };

/**
 * Fits a shutdown into terminationGracePeriodSeconds. Chosen lengths stay. A delay that was not chosen has its default, but at
 * most half of the time that is left for delay and grace; a grace that was not chosen gets all the rest, which may be more or
 * less than its default.
 */
export function budgetOf(total: number, { delay, drain, hooks, grace }: BudgetPhases): ShutdownBudget {
  const left = total - RESERVE - drain - hooks;
  const least = (length: PhaseLength): number => (length.source === 'chosen' ? length.ms : LEAST_PHASE);
  const needed = total - left + least(delay) + least(grace);
  if (needed > total) return { kind: 'too small', needed, delay: least(delay), grace: least(grace) };
  if (delay.source === 'chosen') {
    return { kind: 'fits', delay: delay.ms, grace: grace.source === 'chosen' ? grace.ms : left - delay.ms };
  }
  if (grace.source === 'chosen') return { kind: 'fits', delay: Math.min(delay.ms, left - grace.ms), grace: grace.ms };
  const derived = Math.min(delay.ms, Math.floor(left / 2));
  return { kind: 'fits', delay: derived, grace: left - derived };
}

/** Fits the shutdown into `--termination-grace-period`: phases that were not set are derived from it. */
export function fitBudget(
  values: Partial<OptionValues>,
  options: OptionSources,
): { readonly ok: Partial<OptionValues> } | { readonly problem: string } {
  const { terminationGracePeriod: total, shutdownDelay, drainConnections, grace } = values;
  if (total === undefined || total === null) return { ok: {} };
  if (shutdownDelay === undefined || drainConnections === undefined || grace === undefined) return { ok: {} };
  const hookList = [values.preStop, values.postExit].filter((hook) => hook !== undefined && hook !== null);
  const hooks = hookList.length * (values.hookTimeout ?? 0);
  const length = (ms: number, key: 'shutdownDelay' | 'grace'): PhaseLength => ({
    ms,
    source: options.isChosen(key) ? 'chosen' : 'default',
  });
  const budget = budgetOf(total, {
    delay: length(shutdownDelay, 'shutdownDelay'),
    drain: drainConnections,
    hooks,
    grace: length(grace, 'grace'),
  });
  if (budget.kind === 'fits') return { ok: { shutdownDelay: budget.delay, grace: budget.grace } };
  const term = (key: 'shutdownDelay' | 'drainConnections' | 'grace', ms: number): string =>
    `${options.sourceOf(key)} ${formatDuration(ms)}${options.isChosen(key) ? '' : ' (at least)'}`;
  const sum = [
    term('shutdownDelay', budget.delay),
    ...(drainConnections > 0 ? [term('drainConnections', drainConnections)] : []),
    ...(hooks > 0
      ? [`${hookList.length} × ${options.sourceOf('hookTimeout')} ${formatDuration(hooks / hookList.length)}`]
      : []),
    term('grace', budget.grace),
    `${formatDuration(RESERVE)} in reserve`,
  ].join(' + ');
  const needed = formatDuration(budget.needed);
  return {
    problem: `cannot use ${options.sourceOf('terminationGracePeriod')} ${formatDuration(total)}: ${sum} = ${needed}; shorten one of them, or make it ${needed} or more here and in the pod's terminationGracePeriodSeconds`,
  };
}

/** The phases of a shutdown by the names of their options, in milliseconds, without those that take no time; and the reserve. */
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
