import { formatDuration } from './config/duration.ts';
import type { Config, Fit } from './config/parse.ts';
import { budgetOf, type Length, RESERVE } from './lifecycle/budget.ts';

/** With `--termination-grace-period` every phase of the shutdown must fit into it: what was not set is derived from it. */
export const fitBudget: Fit = (values, told) => {
  const { terminationGracePeriod: total, shutdownDelay, drainConnections, grace } = values;
  if (total === undefined || total === null) return { ok: {} };
  if (shutdownDelay === undefined || drainConnections === undefined || grace === undefined) return { ok: {} };
  const limited = [values.preStop, values.postExit].filter((hook) => hook !== undefined && hook !== null);
  const hooks = limited.length * (values.hookTimeout ?? 0);
  const length = (ms: number, key: 'shutdownDelay' | 'grace'): Length => ({
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
};

/** What a shutdown may take, one after the other, under the names that users know; and what must be left of the pod's time. */
export function shutdownOf(config: Config): {
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
