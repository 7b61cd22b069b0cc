/**
 * Starts k8s-run over where Node or its loader have acted on variables that are meant for the app. It imports nothing and
 * comes before signals.ts: execve(2) forgets what was caught until then, so a TERM that a listener had taken would be lost,
 * whereas without one it ends what has not begun yet (as PID 1, whom the kernel shields from it, it is too early both ways).
 *
 * In the portable folder there is nothing to start over: its launcher (bundle/launcher.c) has given every variable that came
 * in a name with a `+` before, which means nothing to anybody, and says so by one of its own.
 */
const NODE_HAS_READ: readonly string[] = [
  ...['NODE_OPTIONS', 'NODE_DEBUG', 'NODE_DEBUG_NATIVE', 'NODE_V8_COVERAGE', 'NODE_COMPILE_CACHE'],
  // Not LD_LIBRARY_PATH: this very Node may need it to start.
  ...['OPENSSL_CONF', 'LD_PRELOAD', 'LD_AUDIT'],
];

/** Carries them over to the second start, as JSON. It never reaches the app. */
export const CARRIED_ENV = '_K8S_RUN_FOR_THE_APP';

/** Set by the launcher of the portable folder, to its own path. It never reaches the app. */
export const LAUNCHER_ENV = '_K8S_RUN_LAUNCHER';
/** Before each variable that is the app's, in the portable folder. */
export const MARK = '+';
/** Called so, the launcher does nothing but exit with the code it is given. */
export const EXIT_WITH = 'k8s-run: exit';

/** The launcher of the portable folder that started this process; it is a subreaper then. Undefined in other installs. */
export const launcher: string | undefined = launcherOf(process.env[LAUNCHER_ENV], process.argv[1]);

/** A variable of this name may be anybody's: it is believed of the program beside that launcher. */
function launcherOf(path: string | undefined, program: string | undefined): string | undefined {
  return path?.replace(/bin\/k8s-run$/, 'lib/program/bin/k8s-run.js') === program ? path : undefined;
}

function reexec(environment: NodeJS.ProcessEnv): void {
  const entries = Object.entries(environment);
  const carried = Object.fromEntries(entries.filter(([name]) => NODE_HAS_READ.includes(name)));
  const kept = Object.fromEntries(entries.filter(([name]) => !NODE_HAS_READ.includes(name)));
  const words = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  try {
    process.execve?.(process.execPath, words, { ...kept, [CARRIED_ENV]: JSON.stringify(carried) } as NodeJS.ProcessEnv);
  } catch {
    // Not allowed here: better run under them than not at all.
  }
}

if (process.env[CARRIED_ENV] === undefined && NODE_HAS_READ.some((name) => process.env[name] !== undefined)) {
  reexec(process.env);
}
