/** Meant for the app; Node or its loader have acted on them before the first line of ours. */
const ACTED_ALREADY: readonly string[] = [
  ...['NODE_OPTIONS', 'NODE_DEBUG', 'NODE_DEBUG_NATIVE', 'NODE_V8_COVERAGE', 'NODE_COMPILE_CACHE'],
  // Not LD_LIBRARY_PATH: this very Node may need it to start.
  ...['OPENSSL_CONF', 'LD_PRELOAD', 'LD_AUDIT'],
];
/** Meant for the app; read only when something of theirs is used for the first time. */
const WOULD_ACT_LATER: readonly string[] = [
  'NODE_EXTRA_CA_CERTS',
  'NODE_PATH',
  'NODE_REDIRECT_WARNINGS',
  'SSLKEYLOGFILE',
];

/** Carries them over to the second start, as JSON. It never reaches the app. */
const CARRIER = '_K8S_RUN_FOR_THE_APP';

/**
 * Returns the environment that the app shall have, and keeps from this process what is meant for the app alone. Where a
 * variable has acted already, k8s-run starts over without it by execve(2): the same process and pid, at the price of a
 * second start of Node. What it did until then (a `--require` has run) is the limit of an install beside a Node that
 * others configure.
 */
export function shield(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const carried = environment[CARRIER];
  if (carried === undefined && ACTED_ALREADY.some((name) => environment[name] !== undefined)) startOver(environment);
  const hidden = [...WOULD_ACT_LATER, CARRIER].filter((name) => environment[name] !== undefined);
  if (hidden.length === 0) return environment;
  const { [CARRIER]: _, ...theirs } = { ...environment, ...(JSON.parse(carried ?? '{}') as NodeJS.ProcessEnv) };
  for (const name of hidden) delete environment[name];
  return theirs;
}

function startOver(environment: NodeJS.ProcessEnv): void {
  const entries = Object.entries(environment);
  const carried = Object.fromEntries(entries.filter(([name]) => ACTED_ALREADY.includes(name)));
  const kept = Object.fromEntries(entries.filter(([name]) => !ACTED_ALREADY.includes(name)));
  const words = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  try {
    process.execve?.(process.execPath, words, { ...kept, [CARRIER]: JSON.stringify(carried) } as NodeJS.ProcessEnv);
  } catch {
    // Not allowed here: better run under them than not at all.
  }
}
