import type { CommandOption } from './command-file.ts';

/** An option of `k8s-run rehearse` itself, for its help. */
export type RehearseRow = { readonly flags: string; readonly help: string; readonly fallback: string | null };

export type RehearseOptionName =
  | 'manifest'
  | 'compare'
  | 'init'
  | 'rate'
  | 'keptAlive'
  | 'paths'
  | 'rollouts'
  | 'replicas'
  | 'duration'
  | 'settle'
  | 'lag'
  | 'seed'
  | 'readyWithin'
  | 'portVariable'
  | 'report'
  | 'json';

/** All of them; the options of k8s-run are accepted, too. */
export const ROWS: Readonly<Record<RehearseOptionName, RehearseRow>> = {
  manifest: row(
    '--manifest <file>',
    'manifest from which probes, env, preStop hook, terminationGracePeriodSeconds and options of k8s-run are taken',
  ),
  compare: row('--compare', 'run the same rollout without k8s-run too, with the app as PID 1'),
  init: row(
    '--init',
    'with --compare: run the app under an init such as tini, which forwards SIGTERM at once, instead of as PID 1',
  ),
  rate: row('--rate <n>', 'requests per second; 0 for none', '50'),
  keptAlive: row(
    '--kept-alive <percent>',
    'percentage of the requests on kept-alive connections; the others each open a new one',
    '30',
  ),
  paths: row('--paths <paths>', 'paths to request in turn, separated by commas, such as /,/api/items', '/'),
  rollouts: row('--rollouts <n>', 'number of rollouts, one after the other', '1'),
  replicas: row('--replicas <n>', 'number of replicas', '2'),
  duration: row('--duration <duration>', 'minimum time under load', '0s'),
  settle: row('--settle <duration>', 'time under load before the first rollout and after each', '2s'),
  lag: row('--lag <duration>', 'maximum time until a node learns of an added or removed pod', '3s'),
  seed: row('--seed <text>', 'random seed; repeats lags, endpoints and arrivals', '1'),
  readyWithin: row('--ready-within <duration>', 'time limit for the app to become ready', '30s'),
  portVariable: row('--port-variable <name>', 'variable from which the app takes its port', 'PORT'),
  report: row('--report <file>', 'file for the report: a page (.html), or its picture alone (.svg)'),
  json: row('--json', 'print all results as JSON'),
};

/** For shell completion, docs/reference.md and the man page. */
export const REHEARSE_OPTIONS: readonly CommandOption[] = Object.values(ROWS).map(({ flags, help, fallback }) => ({
  flags,
  help: fallback === null ? help : `${help} (default: ${fallback})`,
}));

/** The flag alone: `--rate`. */
export const flagOf = ({ flags }: RehearseRow): string => flags.split(' ')[0] ?? '';

function row(flags: string, help: string, fallback: string | null = null): RehearseRow {
  return { flags, help, fallback };
}
