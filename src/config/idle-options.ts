import type { OptionKey, OptionValues } from './options/table.ts';

/** Options of the shutdown, which have no effect when no signal starts one. */
const SHUTDOWN_OPTIONS = [
  ...(['shutdownDelay', 'drainConnections', 'grace', 'terminationGracePeriod', 'preStop', 'beforeKill'] as const),
  ...(['drainSignal', 'nodeDrain'] as const),
] as const;

/** A warning for each option that the user set and that has no effect. */
export function idleOptions(
  values: OptionValues,
  chosen: ReadonlySet<OptionKey>,
  sources: Readonly<Partial<Record<OptionKey, string>>>,
): readonly string[] {
  const { stopOn, watch, onChange, onResize, waitFor, preStart, preStop, postExit } = values;
  const { onUnlive, beforeKill, onMemory } = values;
  const hasHooks =
    [preStart, preStop, postExit, onUnlive, beforeKill, onMemory].some((hook) => hook !== null) ||
    [onChange, onResize].some((action) => action?.kind === 'exec');
  const restarts = (watch.length > 0 && onChange.kind === 'restart') || onResize?.kind === 'restart';
  const neverStops = stopOn.length === 0 && !restarts;
  const rules: readonly (readonly [key: OptionKey, isIdle: boolean, reason: string])[] = [
    ...SHUTDOWN_OPTIONS.map(
      (key) => [key, neverStops, `with ${sources.stopOn} none no signal starts a shutdown`] as const,
    ),
    ['onChange', watch.length === 0, 'nothing is watched; set --watch'],
    ['waitTimeout', waitFor.length === 0, 'no dependency is waited for; set --wait-for'],
    ['hookTimeout', !hasHooks, 'there is no hook'],
    ['onUnlive', values.live.kind === 'none', 'liveness never fails; set --live to a probe of the app'],
    ['restartLimit', values.restart === 'never', 'the app is never restarted; set --restart'],
  ];
  return rules
    .filter(([key, isIdle]) => isIdle && chosen.has(key))
    .map(([key, , reason]) => `${sources[key]} has no effect: ${reason}`);
}
