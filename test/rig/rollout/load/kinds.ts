import { Agent } from 'node:http';
import { Agent as TlsAgent } from 'node:https';
import { between, mostlyShort, type Random, type Range } from '../../../../src/rehearse/random.ts';
import { keptSession, newSession } from './http2.ts';
import type { Outcome } from './request-counts.ts';
import { type Connection, overHttp1, type Target } from './requests.ts';
import { converse } from './websocket.ts';

/** The kinds of requests, in the order of the tables. `long`: event streams and WebSockets that last longer than the drain. */
export const KINDS = ['new', 'kept-alive', 'slow', 'upload', 'events', 'websocket', 'long'] as const;
export type Kind = (typeof KINDS)[number];

/** How long the requests take, in milliseconds. */
export type Work = {
  /** An ordinary response, on a new or a kept connection. */
  readonly ordinary: number;
  readonly slow: Range;
  readonly upload: number;
  /** The duration of event streams and WebSockets, of which more are short, and the interval of their messages. */
  readonly stream: Range;
  readonly every: number;
  /** The duration of the long ones. */
  readonly long: Range;
};

/** Users with a kept connection, which each uses for one request at a time. */
const USERS = 20;
const PARTS = 4;
const UPLOAD_BYTES = 64 * 1_024;

/** A function for each kind that makes one request. */
export function requestsTo(target: Target, work: Work, random: Random): Readonly<Record<Kind, () => Promise<Outcome>>> {
  const users = Array.from({ length: USERS }, () => userOf(target));
  const anyone = (): User => users[Math.floor(random() * USERS)] as User;
  // Users of HTTP/2 have one connection for all that they ask for; those of HTTP/1.1 keep one for what is quick.
  const any = (): Connection => (target.protocol === 'h2' ? anyone().kept : newConnection(target));
  const ordinary = { path: `/work?ms=${work.ordinary}`, ending: 'done\n' };
  const events = (ms: number): Promise<Outcome> =>
    any()({ path: `/events?ms=${Math.round(ms)}&every=${work.every}`, ending: 'event: end\ndata:\n\n' });
  const websocket = (ms: number): Promise<Outcome> => converse({ target, ms, every: work.every });
  return {
    new: () => newConnection(target)(ordinary),
    'kept-alive': () => {
      const user = anyone();
      user.last = user.last.then(() => user.kept(ordinary));
      return user.last;
    },
    // Half of them send nothing until they are finished, half send parts of the response.
    slow: () => {
      const ms = Math.round(between(random, work.slow));
      const path = random() < 0.5 ? `/slow?ms=${ms}` : `/dribble?ms=${ms}&parts=${PARTS}`;
      return any()({ path, ending: 'done\n' });
    },
    upload: () => {
      const upload = { bytes: UPLOAD_BYTES, parts: PARTS, ms: work.upload };
      return any()({ path: '/upload', upload, ending: `${UPLOAD_BYTES} bytes\n` });
    },
    events: () => events(mostlyShort(random, work.stream)),
    websocket: () => websocket(mostlyShort(random, work.stream)),
    long: () => (random() < 0.5 ? events : websocket)(between(random, work.long)),
  };
}

/** A user with a connection that is kept, who makes one ordinary request at a time. */
type User = { readonly kept: Connection; last: Promise<Outcome> };

function userOf(target: Target): User {
  const last: Promise<Outcome> = Promise.resolve(null);
  if (target.protocol === 'h2') return { kept: keptSession(target), last };
  const agent = new (target.protocol === 'https' ? TlsAgent : Agent)({ keepAlive: true, maxSockets: 1 });
  return { kept: overHttp1(target, agent), last };
}

const newConnection = (target: Target): Connection =>
  target.protocol === 'h2' ? newSession(target) : overHttp1(target);
