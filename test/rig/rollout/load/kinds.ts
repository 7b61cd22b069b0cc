import { Agent } from 'node:http';
import { between, mostlyShort, type Random, type Range } from '../../../../src/rehearse/random.ts';
import type { Outcome } from './request-counts.ts';
import { call, converse, type Target } from './requests.ts';

/** The kinds of requests, in the order of the tables. */
export const KINDS = ['new', 'kept-alive', 'slow', 'upload', 'events', 'websocket'] as const;
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
};

/** Users with a kept connection, which each uses for one request at a time. */
const USERS = 20;
const PARTS = 4;
const UPLOAD_BYTES = 64 * 1_024;

/** A function for each kind that makes one request. */
export function requestsTo(target: Target, work: Work, random: Random): Readonly<Record<Kind, () => Promise<Outcome>>> {
  const kept = Array.from({ length: USERS }, () => user(target, work));
  return {
    new: () => call({ target, path: `/work?ms=${work.ordinary}`, ending: 'done\n' }),
    'kept-alive': () => kept[Math.floor(random() * USERS)]?.() ?? Promise.resolve('no user'),
    // Half of them send nothing until they are finished, half send parts of the response.
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
