import { listen } from './signals.ts';

// The first thing that happens: until signals are caught, the kernel drops a TERM that is sent to PID 1.
const signals = listen();

/** sysexits(3): EX_SOFTWARE. */
const EXIT_SOFTWARE = 70;

try {
  const { run } = await import('./run.ts');
  const { code, log } = await run(process.argv.slice(2), process.env, signals);
  if (log === 'stuck') leaveAtOnce(code);
  process.exit(code);
} catch (error) {
  const { writeSync } = await import('node:fs');
  writeSync(2, `k8s-run: internal error: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(EXIT_SOFTWARE);
}

/**
 * process.exit joins the thread pool, where a write to a stderr that nobody reads would hold it for ever. execve(2) ends
 * every other thread, and what it starts has only the code to give.
 */
function leaveAtOnce(code: number): void {
  process.removeAllListeners('warning');
  process.execve?.(process.execPath, [process.execPath, '--eval', `process.exit(${code})`], {});
}
