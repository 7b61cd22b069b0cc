import { clock } from '../../clock.ts';
import type { Connection, Sample } from '../facts.ts';
import type { Random } from '../random.ts';
import { type Line, OWN, openLine, type Reply } from './request.ts';

export type Plan = {
  readonly port: number;
  /** Requests a second, and how many of them, from 0 to 1, go over connections that are kept. */
  readonly rate: number;
  readonly keptAlive: number;
  readonly paths: readonly string[];
  readonly random: Random;
  readonly agent: string;
  /** Milliseconds since the side began. */
  readonly now: () => number;
  /** Whom the connection of this local port went to, and whether it was let in. */
  readonly carrier: (via: number) => { readonly pod: string | null; readonly accepted: boolean } | undefined;
  readonly told: (sample: Sample) => void;
};

/** A steady load. */
export type Load = {
  readonly samples: readonly Sample[];
  readonly unmade: () => number;
  /** None is sent until it is resumed; what is under way goes on. */
  readonly pause: () => void;
  readonly resume: () => void;
  /** Sends no more; resolves once what is under way has come to its end. */
  readonly stop: () => Promise<void>;
  /** Ends it at once. */
  readonly abandon: () => void;
};

/** A user who hears nothing for so long gives up, in milliseconds. */
export const PATIENCE = 10_000;
/** More under way is no load but a jam. */
const MOST_UNDER_WAY = 2_000;
/** Who keep their connection: at first so many, and more only while all of them wait for an answer. */
const USERS = 8;

/** Sends requests at the times of many users who know nothing of each other (a Poisson process). */
export function startLoad(plan: Plan): Load {
  const { rate, random, now } = plan;
  const samples: Sample[] = [];
  const underWay = new Set<Promise<void>>();
  const idle: Line[] = [];
  const kept = new Set<Line>();
  const passing = new Set<Line>();
  let unmade = 0;
  let state: 'on' | 'paused' | 'over' = 'on';
  let cancel = (): void => {};
  let next = clock.now();
  let turn = 0;

  const gap = (): number => (-Math.log(1 - random()) / rate) * 1_000;
  const keepUp = (): void => {
    // What a busy machine was late with is made up for.
    for (; next <= clock.now(); next += gap()) if (state === 'on') begin();
    cancel = clock.after(Math.max(0, next - clock.now()), keepUp);
  };
  const begin = (): void => {
    if (underWay.size >= MOST_UNDER_WAY) {
      unmade += 1;
      return;
    }
    turn += 1;
    const path = plan.paths[turn % plan.paths.length] ?? '/';
    const request = once(random() < plan.keptAlive ? 'kept-alive' : 'new', path).finally(() =>
      underWay.delete(request),
    );
    underWay.add(request);
  };
  const once = async (connection: Connection, path: string): Promise<void> => {
    const at = now();
    const keep = connection === 'kept-alive';
    const line = (keep ? take() : undefined) ?? (await openLine(plan.port, keep, PATIENCE, plan.agent));
    (keep ? kept : passing).add(line);
    const reply = await line.ask(path);
    if (keep) idle.push(line);
    else {
      passing.delete(line);
      line.close();
    }
    if (OWN.has(reply.failure ?? '')) unmade += 1;
    else if (state !== 'over' || reply.status !== null) record({ at, took: now() - at, connection, path }, reply);
  };
  /** One of those who are idle; undefined where there are too few users yet, or all are waiting. */
  const take = (): Line | undefined =>
    kept.size < USERS ? undefined : idle.splice(Math.floor(random() * idle.length), 1)[0];
  const record = (asked: Pick<Sample, 'at' | 'took' | 'connection' | 'path'>, reply: Reply): void => {
    const carried = plan.carrier(reply.via);
    // Whoever is not let in sees a reset, as the balancer has taken the connection by then.
    const refused = carried !== undefined && !carried.accepted && reply.failure !== null;
    const failure = refused ? 'connection refused' : reply.failure;
    const bad = reply.status !== null && reply.status >= 500 ? `HTTP ${reply.status}` : null;
    const sample: Sample = { ...asked, failure: failure ?? bad, pod: carried?.pod ?? null };
    samples.push(sample);
    plan.told(sample);
  };
  const closeAll = (): void => {
    for (const line of [...kept, ...passing]) line.close();
  };
  next += gap();
  keepUp();
  return {
    samples,
    unmade: () => unmade,
    pause: () => {
      if (state === 'on') state = 'paused';
    },
    resume: () => {
      if (state === 'paused') state = 'on';
    },
    async stop() {
      state = state === 'over' ? state : 'paused';
      await Promise.all(underWay);
      cancel();
      state = 'over';
      closeAll();
    },
    abandon() {
      state = 'over';
      cancel();
      closeAll();
    },
  };
}
