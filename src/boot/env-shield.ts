import { CARRIED_ENV, launcher, MARK } from './reexec.ts';

/** Variables for the app that Node reads only when they are first needed. */
const NODE_READS_LATER: readonly string[] = [
  'NODE_EXTRA_CA_CERTS',
  'NODE_PATH',
  'NODE_REDIRECT_WARNINGS',
  'SSLKEYLOGFILE',
];

/**
 * Returns the environment for the app, and removes from this process the variables that are for the app alone. Those that
 * Node has read at its start were removed by reexec.ts, which executes k8s-run again in the same process, at the cost of a
 * second start of Node. What they did before that (a `--require` has run) cannot be undone in an npm install.
 */
export function appEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  if (launcher !== undefined) return unmarked(environment);
  const hidden = [...NODE_READS_LATER, CARRIED_ENV].filter((name) => environment[name] !== undefined);
  if (hidden.length === 0) return environment;
  const { [CARRIED_ENV]: _, ...forApp } = { ...environment, ...carriedOver(environment[CARRIED_ENV]) };
  for (const name of hidden) delete environment[name];
  return forApp;
}

/** In the portable folder: the variables with the mark are the app's, under the name without it; all others are k8s-run's. */
function unmarked(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const forApp: NodeJS.ProcessEnv = {};
  for (const [name, value] of Object.entries(environment)) {
    if (name.startsWith(MARK)) forApp[name.slice(MARK.length)] = value;
  }
  return forApp;
}

function carriedOver(text = '{}'): NodeJS.ProcessEnv {
  try {
    return JSON.parse(text) as NodeJS.ProcessEnv;
  } catch {
    // Not written by reexec.ts: the user has set a variable with this name.
    return {};
  }
}
