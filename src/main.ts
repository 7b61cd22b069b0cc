// The order of these imports is the order of what happens: signals are caught before all else, but for a start over.
import { EXIT_WITH, launcher } from './boot/reexec.ts';
import { signals } from './boot/signals.ts';
import { writeSync } from 'node:fs';
import { run } from './run.ts';
import { appEnvironment } from './boot/env-shield.ts';

// What Node would warn of (an experimental module, a library's deprecation) is not the app's, whose stderr it is.
process.removeAllListeners('warning');

/** sysexits(3): EX_SOFTWARE. */
const EXIT_SOFTWARE = 70;

const launch =
  launcher === undefined ? [process.execPath, ...process.execArgv, ...process.argv.slice(1, 2)] : [launcher];

run(process.argv.slice(2), appEnvironment(process.env), signals, launch).then(
  ({ code, log }) => {
    if (log === 'stuck') leaveAtOnce(code);
    process.exit(code);
  },
  (error: unknown) => {
    writeSync(2, `k8s-run: internal error: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(EXIT_SOFTWARE);
  },
);

/**
 * process.exit joins the thread pool, where a write to a stderr that nobody reads would hold it for ever. execve(2) ends
 * every other thread, and what it starts has only the code to give. Of the environment it needs what Node itself may need.
 */
function leaveAtOnce(code: number): void {
  if (launcher !== undefined) process.execve?.(launcher, [EXIT_WITH, String(code)], {});
  const libraries = process.env['LD_LIBRARY_PATH'];
  const environment = libraries === undefined ? {} : { LD_LIBRARY_PATH: libraries };
  process.execve?.(process.execPath, [process.execPath, '--eval', `process.exit(${code})`], environment);
}
