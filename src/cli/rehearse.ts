import { writeFileSync } from 'node:fs';
import { clock } from '../clock.ts';
import { OPTIONS } from '../config/options/table.ts';
import { EXIT_CANTCREAT } from '../exit/exit-codes.ts';
import { openWaitidReaper } from '../process/waitid.ts';
import { rehearse } from '../rehearse/rehearsal.ts';
import { textReport } from '../rehearse/report/text.ts';
import type { Rehearsal } from '../rehearse/results.ts';
import { hasLost } from '../rehearse/summary.ts';
import { openScreen, type Screen } from '../rehearse/terminal/screen.ts';
import type { CommandOption, Invocation } from './command-file.ts';
import { print, STDERR } from './print.ts';
import { type RehearseOptions, readRehearseOptions } from './rehearse-options.ts';
import { rehearsalPlan } from './rehearse-plan.ts';
import { REHEARSE_OPTIONS } from './rehearse-rows.ts';
import { openRehearsalSystem, type RehearsalSystem } from './rehearse-system.ts';

/** By signal(7), the same on every architecture that Node runs on. */
const STOP_SIGNALS: ReadonlyMap<number, string> = new Map([
  [1, 'SIGHUP'],
  [2, 'SIGINT'],
  [15, 'SIGTERM'],
]);
const SIGWINCH = 28;

export const options: readonly CommandOption[] = REHEARSE_OPTIONS;
/** The options of k8s-run, too, and the app's command. */
export const operands = 'app';

export const catchesSignals = true;

/**
 * `k8s-run rehearse`. Resolves with 0 when nothing was lost, 1 when something was or the app could not be rehearsed, 73 when
 * the report could not be written, 128 + n when signal n stopped it.
 */
export async function run({ words, environment, signals, launch }: Invocation): Promise<number> {
  const read = await readRehearseOptions(words, environment);
  if (typeof read === 'number') return read;
  if ('code' in read) {
    print(`${read.text}\n`, STDERR);
    return read.code;
  }
  const { ok: options, warnings } = read;
  for (const warning of warnings) print(`k8s-run rehearse: ${warning}\n`, STDERR);
  const cancelled = new AbortController();
  let stoppedBy = 0;
  const screen = openScreen({
    ...{ environment, title: options.command.join(' '), hasSeveralRuns: options.compare !== null },
    write: (text) => print(text, STDERR),
  });
  signals.deliverTo((signal) => {
    if (signal === SIGWINCH) screen.resized();
    if (!STOP_SIGNALS.has(signal)) return;
    stoppedBy = signal;
    cancelled.abort();
  });
  const system = openRehearsalSystem(environment);
  const reaper = openWaitidReaper({ isOurs: system.isOwnChild, after: clock.after, reaped: () => {} });
  if (!('missing' in reaper)) signals.onChildExit(reaper.reap);
  try {
    const plan = rehearsalPlan(options, { environment, launch }, system);
    const rehearsal = await rehearse(plan, system, screen, cancelled.signal);
    screen.close();
    return await report(rehearsal, options, screen);
  } catch (error) {
    screen.close();
    if (!cancelled.signal.aborted) throw error;
    print(`${stoppedText(STOP_SIGNALS.get(stoppedBy) ?? '', system)}\n`, STDERR);
    return 128 + stoppedBy;
  } finally {
    screen.close();
    system.dismissGuard();
  }
}

/** Writes the file of --report first, but prints the results even where that fails. */
async function report(rehearsal: Rehearsal, { report: file, json }: RehearseOptions, screen: Screen): Promise<number> {
  const has = (flag: string): boolean => Object.values(OPTIONS).some((option) => option.flag === flag);
  const isWritten = file === null || (await writeReport(file, rehearsal, has));
  const { columns: width, paint } = screen.stdout;
  print(json ? `${JSON.stringify(rehearsal, null, 2)}\n` : textReport(rehearsal, { has, width, paint }));
  if (!isWritten) return EXIT_CANTCREAT;
  if (file !== null && !json) print(`\nThe report is in ${file}\n`);
  const { runs, appFailure } = rehearsal;
  return appFailure !== null || runs.some((each) => each.variant === 'k8s-run' && hasLost(each)) ? 1 : 0;
}

async function writeReport(file: string, rehearsal: Rehearsal, has: (flag: string) => boolean): Promise<boolean> {
  const isPicture = /\.svg$/i.test(file);
  const [{ htmlPage }, { svgPicture }] = [
    await import('../rehearse/report/page.ts'),
    await import('../rehearse/report/picture.ts'),
  ];
  try {
    writeFileSync(file, isPicture ? svgPicture(rehearsal) : htmlPage(rehearsal, has));
    return true;
  } catch (error) {
    print(`k8s-run rehearse: cannot write --report ${file}: ${(error as Error).message}\n`, STDERR);
    return false;
  }
}

function stoppedText(signal: string, system: RehearsalSystem): string {
  const running = system.running().map(({ pid, program }) => `${program} (${pid})`);
  return running.length === 0
    ? `Stopped by ${signal}; every process of the rehearsal has exited.`
    : `Stopped by ${signal}; SIGKILL had no effect on ${running.join(', ')}.`;
}
