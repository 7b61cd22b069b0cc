import { Agent } from 'node:http';
import { between, mostlyShort, type Random, type Range } from '../../../../src/rehearse/random.ts';
import { call, converse, type Target } from './requests.ts';
import type { Outcome } from './tally.ts';

/** The kinds of requests, in the order of the tables. */
export const KINDS = ['new', 'kept-alive', 'slow', 'upload', 'events', 'websocket'] as const;
export type Kind = (typeof KINDS)[number];

/** What is asked for, in milliseconds. */
export type Work = {
  /** An ordinary answer, on a new connection or a kept one. */
  readonly ordinary: number;
  readonly slow: Range;
  readonly upload: number;
  /** How long streams of events and WebSockets last, short ones more often, and how often something passes on them. */
  readonly stream: Range;
  readonly every: number;
};

/** Who keep their connections: each has one, and uses it for one request at a time. */
const USERS = 20;
const PARTS = 4;
const UPLOAD_BYTES = 64 * 1_024;

/** How one request of each kind is made. */
export function requestsTo(target: Target, work: Work, random: Random): Readonly<Record<Kind, () => Promise<Outcome>>> {
  const kept = Array.from({ length: USERS }, () => user(target, work));
  return {
    new: () => call({ target, path: `/work?ms=${work.ordinary}`, ending: 'done\n' }),
    'kept-alive': () => kept[Math.floor(random() * USERS)]?.() ?? Promise.resolve('no user'),
    // Half of them are silent until they are finished, half have an answer under way.
    slow: () => {
      const ms = Math.round(between(random, work.slow));
      const path = random() < 0.5 ? `/slow?ms=${ms}` : `/dribble?ms=${ms}&parts=${PARTS}`;
      return call({ target, path, ending: 'done\n' });
    },
    upload: () => {
      const upload = { bytes: UPLOAD_BYTES, parts: PARTS, ms: work.upload };
      return call({ target, path: '/upload', upload, ending: `${UPLOAD_BYTES} bytes\n` });
    },
    events: () => {
      const ms = Math.round(mostlyShort(random, work.stream));
      return call({ target, path: `/events?ms=${ms}&every=${work.every}`, ending: 'event: end\ndata:\n\n' });
    },
    websocket: () => converse({ target, ms: mostlyShort(random, work.stream), every: work.every }),
  };
}

function user(target: Target, work: Work): () => Promise<Outcome> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  let last: Promise<Outcome> = Promise.resolve(null);
  return () => {
    last = last.then(() => call({ target, path: `/work?ms=${work.ordinary}`, agent, ending: 'done\n' }));
    return last;
  };
}
