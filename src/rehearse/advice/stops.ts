import { constants } from 'node:os';
import { formatDuration } from '../../duration.ts';
import { exitCodeLabel, spanRange } from '../labels.ts';
import type { PodTimeline } from '../pod/pod-timeline.ts';
import type { RehearsalSettings, Variant } from '../results.ts';
import { countEach } from '../summary.ts';
import { namesOf } from './phrases.ts';

const BY_SIGNAL = 128;

/** How replicas stopped that nobody sent requests to: by exit codes and times, because no failed request tells. */
export function stopsOf(
  deleted: readonly PodTimeline[],
  variant: Variant,
  { grace, terminationGracePeriod }: RehearsalSettings,
): string {
  const times = deleted.flatMap(timeToExit);
  if (times.length === 0) return 'No replica was stopped.';
  const codes = countEach(deleted.map(({ exitCode }) => exitCode ?? 0)).map(([code]) => exitCodeLabel(code));
  const after = spanRange(Math.min(...times), Math.max(...times));
  const limit = formatDuration(variant === 'k8s-run' ? grace : terminationGracePeriod);
  const signal = deleted[0]?.signal ?? 'SIGTERM';
  return `Every old replica exited in time: with ${codes.join(' and ')}, ${after} after ${signal}, of the ${limit} that it had.`;
}

/** What to know of workers that the signal itself ended; '' where there are none. */
export function onAbruptStops(deleted: readonly PodTimeline[]): string {
  const abrupt = deleted.filter(({ killed, signal, exitCode }) => killed === null && exitCode === codeOf(signal));
  if (abrupt.length === 0) return '';
  const signal = abrupt[0]?.signal ?? 'SIGTERM';
  const ended = `${signal} ended ${namesOf(abrupt)}.`;
  if (abrupt.every(({ handling }) => handling === 'default'))
    return `${ended} The app has no handler for it, so an unfinished task is given up. Let the app finish it, or hand it back, before it exits.`;
  return `${ended} An unfinished task is given up then, unless a handler of the app has handed it back.`;
}

/** Where a signal ended the app, it is said to have exited with 128 + n. */
const codeOf = (signal: string | null): number =>
  BY_SIGNAL + ((constants.signals as Readonly<Record<string, number>>)[signal ?? ''] ?? Number.NaN);

function timeToExit({ signalled, exited }: PodTimeline): readonly number[] {
  return signalled === null || exited === null ? [] : [exited - signalled];
}
