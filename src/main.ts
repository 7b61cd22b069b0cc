// The order of these imports matters: after a possible re-execution, signals are caught before anything else runs.
import { EXIT_WITH, launcher } from './boot/reexec.ts';
import { signals } from './boot/signals.ts';
import { writeSync } from 'node:fs';
import { run } from './run.ts';
import { appEnvironment } from './boot/env-shield.ts';

// Node's warnings (experimental modules, deprecations in libraries) do not belong on the stderr that the app shares.
process.removeAllListeners('warning');

/** sysexits(3): EX_SOFTWARE. */
const EXIT_SOFTWARE = 70;

const launch =
  launcher === undefined ? [process.execPath, ...process.execArgv, ...process.argv.slice(1, 2)] : [launcher];

run(process.argv.slice(2), appEnvironment(process.env), signals, launch).then(
  ({ code, log }) => {
    if (log === 'stuck') exitByExec(code);
    process.exit(code);
  },
  (error: unknown) => {
    writeSync(2, `k8s-run: internal error: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(EXIT_SOFTWARE);
  },
);

/**
 * process.exit waits for the thread pool, where a write to a stderr without a reader may hang forever. execve(2) ends all
 * other threads, and the new program only exits with the code. It gets LD_LIBRARY_PATH, because Node may need it.
 */
function exitByExec(code: number): void {
  if (launcher !== undefined) process.execve?.(launcher, [EXIT_WITH, String(code)], {});
  const libraries = process.env['LD_LIBRARY_PATH'];
  const environment = libraries === undefined ? {} : { LD_LIBRARY_PATH: libraries };
  process.execve?.(process.execPath, [process.execPath, '--eval', `process.exit(${code})`], environment);
}
