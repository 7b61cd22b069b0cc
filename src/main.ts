// The order of these imports matters: after a possible re-execution, signals are caught before anything else runs.
import { EXIT_WITH, launcher } from './boot/reexec.ts';
import { signals } from './boot/signals.ts';
import { writeSync } from 'node:fs';
import type { RunResult } from './exit/finish.ts';
import { exitAtOnce } from './linux/exit-at-once.ts';
import { run } from './run.ts';
import { appEnvironment } from './boot/env-shield.ts';

// Node's warnings (experimental modules, deprecations in libraries) do not belong on the stderr that the app shares.
process.removeAllListeners('warning');

/** sysexits(3): EX_SOFTWARE. */
const EXIT_SOFTWARE = 70;
/** Options of Node that write a file at the exit. */
const WRITES_AT_EXIT = /^--(cpu-prof|heap-prof|prof|trace-event)/;

const launch =
  launcher === undefined ? [process.execPath, ...process.execArgv, ...process.argv.slice(1, 2)] : [launcher];

run(process.argv.slice(2), appEnvironment(process.env), signals, launch).then(exit, (error: unknown) => {
  const { exitCode } = Object(error) as { readonly exitCode?: number };
  const what = exitCode === undefined ? 'internal error: ' : '';
  writeSync(2, `k8s-run: ${what}${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(exitCode ?? EXIT_SOFTWARE);
});

/**
 * process.exit joins the thread pool, where a name lookup, or a write to a stderr without a reader, may hang for longer than the
 * pod has. _exit(2) does not. Where it cannot be called, execve(2) ends all other threads.
 */
function exit({ code, log }: RunResult): never {
  if (process.execArgv.some((option) => WRITES_AT_EXIT.test(option))) process.exit(code);
  exitAtOnce(code);
  if (log === 'stuck' || process.getActiveResourcesInfo().includes('GetAddrInfoReqWrap')) exitByExec(code);
  process.exit(code);
}

/** The new program only exits with the code. It gets LD_LIBRARY_PATH, because Node may need it. */
function exitByExec(code: number): void {
  if (launcher !== undefined) process.execve?.(launcher, [EXIT_WITH, String(code)], {});
  const libraries = process.env['LD_LIBRARY_PATH'];
  const environment = libraries === undefined ? {} : { LD_LIBRARY_PATH: libraries };
  process.execve?.(process.execPath, [process.execPath, '--eval', `process.exit(${code})`], environment);
}
