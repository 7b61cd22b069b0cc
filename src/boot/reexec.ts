/**
 * Executes k8s-run again without the variables that are for the app and that Node or the dynamic loader have already used. It
 * imports nothing and runs before signals.ts, because execve(2) drops signal handlers: a TERM that a handler had received
 * would be lost, while without a handler it ends k8s-run, which has done nothing yet. (For PID 1 the kernel drops a TERM
 * without a handler, so there it is lost either way.)
 *
 * In the portable folder nothing is executed again: its launcher (bundle/launcher.c) has put a `+` before the name of every
 * variable that it received, so that no program uses them, and has set a variable of its own. There no TERM is lost.
 */
const NODE_HAS_READ: readonly string[] = [
  ...['NODE_OPTIONS', 'NODE_DEBUG', 'NODE_DEBUG_NATIVE', 'NODE_V8_COVERAGE', 'NODE_COMPILE_CACHE'],
  // Not LD_LIBRARY_PATH, because this Node may need it to start.
  ...['OPENSSL_CONF', 'LD_PRELOAD', 'LD_AUDIT'],
];

/** Carries the removed variables to the second execution, as JSON. It is not passed on to the app. */
export const CARRIED_ENV = '_K8S_RUN_FOR_THE_APP';

/** Set by the launcher of the portable folder to its own path. It is not passed on to the app. */
export const LAUNCHER_ENV = '_K8S_RUN_LAUNCHER';
/** Before the name of each variable of the app, in the portable folder. */
export const MARK = '+';
/** The name (argv[0]) under which the launcher only exits with the code in its argument. */
export const EXIT_WITH = 'k8s-run: exit';

/** The launcher of the portable folder that started this process, and made it a subreaper; undefined in other installs. */
export const launcher: string | undefined = launcherOf(process.env[LAUNCHER_ENV], process.argv[1]);

/** The user may have set a variable with this name, so it counts only when this program is the one beside that launcher. */
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
    // execve is not permitted here; it is better to run with these variables than not at all.
  }
}

if (process.env[CARRIED_ENV] === undefined && NODE_HAS_READ.some((name) => process.env[name] !== undefined)) {
  reexec(process.env);
}
