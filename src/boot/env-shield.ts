import { CARRIED_ENV, launcher, MARK } from './reexec.ts';

/** Meant for the app; read only when something of theirs is used for the first time. */
const NODE_READS_LATER: readonly string[] = [
  'NODE_EXTRA_CA_CERTS',
  'NODE_PATH',
  'NODE_REDIRECT_WARNINGS',
  'SSLKEYLOGFILE',
];

/**
 * Returns the environment that the app shall have, and keeps from this process what is meant for the app alone. What has
 * acted already, reexec.ts took away by starting k8s-run over: the same process and pid, at the price of a second start
 * of Node. What it did until then (a `--require` has run) is the limit of an install beside a Node that others configure.
 */
export function appEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  if (launcher !== undefined) return unmarked(environment);
  const hidden = [...NODE_READS_LATER, CARRIED_ENV].filter((name) => environment[name] !== undefined);
  if (hidden.length === 0) return environment;
  const { [CARRIED_ENV]: _, ...theirs } = { ...environment, ...carriedOver(environment[CARRIED_ENV]) };
  for (const name of hidden) delete environment[name];
  return theirs;
}

/** The portable folder: what bears the mark is the app's, by its name without it, and nothing else is. */
function unmarked(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const theirs: NodeJS.ProcessEnv = {};
  for (const [name, value] of Object.entries(environment)) {
    if (name.startsWith(MARK)) theirs[name.slice(MARK.length)] = value;
  }
  return theirs;
}

function carriedOver(text = '{}'): NodeJS.ProcessEnv {
  try {
    return JSON.parse(text) as NodeJS.ProcessEnv;
  } catch {
    // Not ours: somebody has set a variable of this name.
    return {};
  }
}
