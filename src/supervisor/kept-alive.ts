import type { Config } from '../config/config.ts';
import type { Log } from '../log/log.ts';
import { keptAliveHint } from '../node-drain/kept-alive-hint.ts';

export type FurtherRequests = {
  /** The app's process; null before it was started. */
  readonly app: number | null;
  readonly program: string;
  readonly port: number;
  /** How many readers the events socket has at this moment. */
  readonly readers: number;
};

/** Says what could be done about clients that go on sending requests on connections that they keep, if anything is known. */
export function sayReuse(
  { app, ...reuse }: FurtherRequests,
  { nodeDrain, events, drainSignal }: Config,
  log: Log,
): void {
  if (app === null) return;
  const hint = keptAliveHint({ app, ...reuse, nodeDrain, isTold: events || drainSignal !== null });
  if (hint !== null) log.write('warn', 'warning', hint, { reason: 'kept-alive connections' });
}
