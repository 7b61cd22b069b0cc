import type { ExitCause, StopCause } from '../lifecycle/state.ts';
import type { ShutdownHistory } from './exit-cause.ts';

/** The option that would have waited for the requests that the app's end has cut, and the sentence that says so; null: none would. */
export type CutRemedy = {
  readonly option: '--grace' | '--shutdown-delay' | '--drain-connections' | '--node-drain';
  readonly text: string;
} | null;

/** `drains`: whether `--drain-connections` is on. */
export function cutRemedyFor(cause: ExitCause, { because, stopping }: ShutdownHistory, drains: boolean): CutRemedy {
  if (endsAtOnce(because)) return null;
  if (cause === 'killed') return { option: '--grace', text: 'a longer --grace gives the app more time to respond' };
  // The app has ended by itself, before its stop signal.
  if (stopping === null || cause !== 'stopped') return null;
  const { skipped, waited } = stopping;
  if (skipped === 'not alive' || skipped === 'second Ctrl-C') return null;
  if (!drains)
    return { option: '--drain-connections', text: '--drain-connections waits for them before the app is signalled' };
  if (waited?.ended === 'limit')
    return { option: '--drain-connections', text: 'a longer --drain-connections waits for them' };
  // Nothing was in flight, and then the next request came.
  if (skipped === 'no delay')
    return { option: '--shutdown-delay', text: 'a --shutdown-delay gives clients time to go elsewhere' };
  return {
    option: '--node-drain',
    text: 'they came as the app was signalled: --node-drain, or --drain-signal for other servers, makes clients leave kept connections first',
  };
}

const endsAtOnce = (because: StopCause | null): boolean => because === null || because.kind === 'fault';

export function cutText(count: number, remedy: CutRemedy): string {
  const what = count === 1 ? '1 request was cut' : `${count} requests were cut`;
  return `; ${what}${remedy === null ? '' : ` (${remedy.text})`}`;
}
