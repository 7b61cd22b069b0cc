/** Programs that the tests of the comparison run; s6 is what s6-overlay is made of. */
export type Peer = 'k8s-run' | 'tini' | 'dumb-init' | 'catatonit' | 's6' | 'supervisord' | 'pm2-runtime';

/** What is done with each of them (test/system/peers/experiments.ts). */
export type Experiment =
  | 'TERM'
  | 'HUP'
  | 'real-time signal'
  | 'exit code'
  | 'group'
  | 'orphans, as PID 1'
  | 'orphans, not as PID 1'
  | 'signal mask'
  | 'ignored signals'
  | 'working directory'
  | 'restart'
  | 'SIGKILL after a time'
  | 'several services';

/** What a test sees when it does this with the program. */
export type Seen = { readonly peer: Peer; readonly experiment: Experiment; readonly seen: string };

/** A cell of the comparison: what it says, and what shows that. */
export type Cell = {
  readonly says: string;
  /** From docs/explanation/; null only where the row does not apply. */
  readonly link: string | null;
  /** What a test has to see, where the program can be run. */
  readonly run?: Seen;
};

/** The page is in docs/explanation/. */
const EXPERIMENTS = '../../test/system/peers/experiments.ts';

/** Shown by running the program. */
export function runs(peer: Peer, experiment: Experiment, seen: string, says: string): Cell {
  return { says, link: EXPERIMENTS, run: { peer, experiment, seen } };
}

/** Shown by a test of k8s-run. */
export const tested = (test: string, says: string): Cell => ({ says, link: `../../test/system/${test}.test.ts` });

/** Shown by a page of docs/. */
export const page = (path: string, says: string): Cell => ({ says, link: `../${path}` });

/** Shown by a table of docs/benchmarks.md, by the title of its section. */
export function measured(title: string, says: string): Cell {
  const anchor = title
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-');
  return { says, link: `../benchmarks.md#${anchor}` };
}

/** Shown by a file of a repository on GitHub, or by a page elsewhere. */
export const source = (url: string, says: string): Cell => ({ says, link: url });

/** What a file of a repository, by its path, says. */
type Shows = (path: string, says: string) => Cell;

const file =
  (repository: string): Shows =>
  (path, says) =>
    source(`https://github.com/${repository}/blob/HEAD/${path}`, says);

export const TINI: Shows = file('krallin/tini');
export const DUMB_INIT: Shows = file('Yelp/dumb-init');
export const CATATONIT: Shows = file('openSUSE/catatonit');
export const OVERLAY: Shows = file('just-containers/s6-overlay');
export const SUPERVISOR: Shows = file('Supervisor/supervisor');
export const PM2: Shows = file('Unitech/pm2');
export const PEBBLE: Shows = file('canonical/pebble');
export const COMPOSE: Shows = file('F1bonacc1/process-compose');
export const KNATIVE: Shows = file('knative/serving');
export const ISTIO: Shows = file('istio/istio');
export const LIGHTSHIP: Shows = file('gajus/lightship');
export const TERMINUS: Shows = file('godaddy/terminus');
export const SLEEP = (says: string): Cell =>
  source('https://kubernetes.io/docs/concepts/containers/container-lifecycle-hooks/', says);

/** The row does not apply. */
export const none: Cell = { says: '–', link: null };
