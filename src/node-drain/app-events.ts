import type { Milliseconds, State } from '../lifecycle/state.ts';
import { preloadProblem, withAppVariables } from './app-variables.ts';
import { linesAfter, presentLine } from './event-lines.ts';
import { openEventsSocket } from './events-socket.ts';

/** What `--events` and `--node-drain` tell the app. */
export type AppEvents = {
  /** Adds what the app must know of it to its environment. */
  readonly addTo: (environment: NodeJS.ProcessEnv) => NodeJS.ProcessEnv;
  /** From now on a new reader is sent the present state first. */
  readonly follow: (state: () => State, now: () => Milliseconds) => void;
  readonly stateEntered: (next: State, before: State) => void;
  /** Tells the readers that the limits of the container have changed. */
  readonly resized: (facts: Readonly<Record<string, unknown>>) => void;
  /** What works only in part, for the log. */
  readonly remarks: readonly string[];
  /** How many are connected at this moment. */
  readonly readers: () => number;
};

/** Opens the events socket, before the app is started. Rejects with the error of listen(2). */
export async function openAppEvents({ nodeDrain }: { readonly nodeDrain: boolean }): Promise<AppEvents> {
  const socket = await openEventsSocket({ withPort: nodeDrain });
  const variables = { address: socket.address, nodeDrain };
  let clock = (): Milliseconds => 0;
  let present: (() => State) | null = null;
  return {
    addTo: (environment) => withAppVariables(environment, variables),
    follow(state, now) {
      clock = now;
      present = state;
      socket.presentBy(() => presentLine(state(), now()));
    },
    stateEntered(next, before) {
      for (const line of linesAfter(before, next, clock())) socket.publish(line);
    },
    resized(facts) {
      if (present !== null) socket.publish({ ...presentLine(present(), clock()), event: 'resized', ...facts });
    },
    remarks: [
      ...(socket.noPort === null
        ? []
        : [`cannot listen on 127.0.0.1: ${socket.noPort}; --node-drain has no effect in Node before 21`]),
      ...(nodeDrain ? [preloadProblem()].filter((problem) => problem !== null) : []),
    ],
    readers: socket.readers,
  };
}
