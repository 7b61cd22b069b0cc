import { formatDuration } from '../duration.ts';
import type { Config, OptionSources } from './config.ts';
import type { OptionKey, OptionValues } from './options/table.ts';

/**
 * Milliseconds at the end of terminationGracePeriodSeconds that are kept for killing leftovers, the last log line and the
 * container runtime. After it the kubelet kills k8s-run too, which then cannot report why.
 */
export const RESERVE: number = 2_000;
/** The shortest length of a derived phase, in milliseconds. A shorter one would be of no use; the user can still set it. */
export const LEAST_PHASE: number = 1_000;

/** The grace that is not set, in milliseconds, and what of it is left for the app beside a longer drain. */
export const GRACE_DEFAULT: number = 20_000;
const GRACE_BESIDE_DRAIN = 10_000;
/** The longest drain that is not set, in milliseconds: longer than most requests, and half of the default grace. */
const DRAIN_MOST = 10_000;

/** `chosen`: the user set this length; `default`: another one may be derived. */
export type PhaseLength = { readonly ms: number; readonly source: 'chosen' | 'default' };

/** The parts of a shutdown, one after the other. Times are milliseconds. */
export type BudgetPhases = {
  readonly delay: PhaseLength;
  /** The limits of the shutdown's hooks together. */
  readonly hooks: number;
  readonly grace: PhaseLength;
  /** A derived grace is not shorter, because a chosen drain must fit into it. */
  readonly leastGrace: number;
};

export type ShutdownBudget =
  | { readonly kind: 'fits'; readonly delay: number; readonly grace: number }
  /** `needed`: the least total for the phases and the reserve. A derived phase counts with the least that it may be. */
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
export function budgetOf(total: number, { delay, hooks, grace, leastGrace }: BudgetPhases): ShutdownBudget {
  const left = total - RESERVE - hooks;
  const leastOfDelay = delay.source === 'chosen' ? delay.ms : LEAST_PHASE;
  const leastOfGrace = grace.source === 'chosen' ? grace.ms : leastGrace;
  const needed = total - left + leastOfDelay + leastOfGrace;
  if (needed > total) return { kind: 'too small', needed, delay: leastOfDelay, grace: leastOfGrace };
  if (delay.source === 'chosen') {
    return { kind: 'fits', delay: delay.ms, grace: grace.source === 'chosen' ? grace.ms : left - delay.ms };
  }
  if (grace.source === 'chosen') return { kind: 'fits', delay: Math.min(delay.ms, left - grace.ms), grace: grace.ms };
  const derived = Math.min(delay.ms, Math.floor(left / 2), left - leastGrace);
  return { kind: 'fits', delay: derived, grace: left - derived };
}

/** The part of a grace for the drain where none was set: half of it, DRAIN_MOST at most, and LEAST_PHASE stays for the app. */
export function drainWithin(grace: number): number {
  return Math.max(0, Math.min(Math.floor(grace / 2), DRAIN_MOST, grace - LEAST_PHASE));
}

type Fitted = {
  readonly ok: Partial<Pick<Config, 'shutdownDelay' | 'grace' | 'drainConnections'>>;
};

/** Fits the shutdown into `--termination-grace-period`, and the drain into the grace: what was not set is derived. */
export function fitBudget(
  values: Partial<OptionValues>,
  options: OptionSources,
): Fitted | { readonly problem: string; readonly key: OptionKey } {
  const { terminationGracePeriod: total, shutdownDelay, drainConnections: drain, grace } = values;
  if (total === undefined || shutdownDelay === undefined || drain === undefined || grace === undefined)
    return { ok: {} };
  const isGraceChosen = options.isChosen('grace');
  const leastGrace = drain === null || drain === 0 ? LEAST_PHASE : drain + LEAST_PHASE;
  if (drain !== null && drain > 0 && isGraceChosen && grace < leastGrace) {
    const [source, ofGrace] = [options.sourceOf('drainConnections'), options.sourceOf('grace')];
    return {
      key: 'drainConnections',
      problem: `cannot use ${source} ${formatDuration(drain)}: it is a part of ${ofGrace} ${formatDuration(grace)}, of which ${formatDuration(LEAST_PHASE)} must be left for the app; make ${ofGrace} ${formatDuration(leastGrace)} or more, or ${source} shorter`,
    };
  }
  const drainIn = (fitted: number): number => drain ?? drainWithin(fitted);
  if (total === null) {
    const fitted = isGraceChosen ? grace : Math.max(GRACE_DEFAULT, (drain ?? 0) + GRACE_BESIDE_DRAIN);
    return { ok: { grace: fitted, drainConnections: drainIn(fitted) } };
  }
  const hookList = [values.preStop, values.beforeKill, values.postExit].filter(
    (hook) => hook !== undefined && hook !== null,
  );
  const hooks = hookList.length * (values.hookTimeout ?? 0);
  const length = (ms: number, key: 'shutdownDelay' | 'grace'): PhaseLength => ({
    ms,
    source: options.isChosen(key) ? 'chosen' : 'default',
  });
  const budget = budgetOf(total, {
    delay: length(shutdownDelay, 'shutdownDelay'),
    hooks,
    grace: length(grace, 'grace'),
    leastGrace,
  });
  if (budget.kind === 'fits')
    return { ok: { shutdownDelay: budget.delay, grace: budget.grace, drainConnections: drainIn(budget.grace) } };
  const term = (key: 'shutdownDelay' | 'grace', ms: number, why = ''): string =>
    `${options.sourceOf(key)} ${formatDuration(ms)}${options.isChosen(key) ? '' : ` (at least${why})`}`;
  const forDrain = leastGrace > LEAST_PHASE ? `, for ${options.sourceOf('drainConnections')}` : '';
  const sum = [
    term('shutdownDelay', budget.delay),
    ...(hooks > 0
      ? [`${hookList.length} × ${options.sourceOf('hookTimeout')} ${formatDuration(hooks / hookList.length)}`]
      : []),
    term('grace', budget.grace, forDrain),
    `${formatDuration(RESERVE)} in reserve`,
  ].join(' + ');
  const needed = formatDuration(budget.needed);
  return {
    key: 'terminationGracePeriod',
    problem: `cannot use ${options.sourceOf('terminationGracePeriod')} ${formatDuration(total)}: ${sum} = ${needed}; shorten one of them, or make it ${needed} or more here and in the pod's terminationGracePeriodSeconds`,
  };
}

/** The phases of a shutdown by the names of their options, in milliseconds, without those that take no time; and the reserve. */
export function shutdownPhases(config: Config): {
  readonly phases: readonly (readonly [name: string, ms: number])[];
  readonly reserve: number;
} {
  const { preStop, beforeKill, postExit, hookTimeout, shutdownDelay, grace } = config;
  const phases: readonly (readonly [string, number])[] = [
    ['--pre-stop', preStop === null ? 0 : hookTimeout],
    ['--shutdown-delay', shutdownDelay],
    ['--grace', grace],
    ['--before-kill', beforeKill === null ? 0 : hookTimeout],
    ['--post-exit', postExit === null ? 0 : hookTimeout],
  ];
  return { phases: phases.filter(([, ms]) => ms > 0), reserve: RESERVE };
}
