import { contenders, NAMES, type Name, ON_TERM, type OnTerm } from '../../test/rig/rollout/contenders.ts';
import { KINDS, type Kind } from '../../test/rig/rollout/load/kinds.ts';
import { sum } from '../../test/rig/rollout/load/request-counts.ts';
import { median } from '../measure.ts';
import { WANTED } from './circumstances.ts';
import type { Result } from './players.ts';
import { heldIn, inSeconds, type Run } from './run.ts';

/** Kinds of which no request may fail, whatever the app does on SIGTERM. */
const ZERO: Readonly<Partial<Record<Name, readonly Kind[]>>> = {
  'drain-off': ['new'],
  'k8s-run': ['new', 'slow', 'upload'],
  'k8s-run-tls': ['new', 'slow', 'upload'],
  'node-drain': KINDS.filter((kind) => kind !== 'long'),
  'node-drain-h2': KINDS.filter((kind) => kind !== 'long'),
};
/** Kinds that cannot be ended from outside without a race: as few failures as possible. */
const FEW: readonly Kind[] = ['kept-alive', 'events', 'websocket', 'long'];
/** Who ignores the signal is killed in the end, whoever is in front. */
const COMPARED: readonly OnTerm[] = ON_TERM.filter((onTerm) => onTerm !== 'ignores');
/** Those that wait for requests in flight. */
const DRAINING: ReadonlySet<Name> = new Set(['k8s-run', 'k8s-run-tls', 'node-drain', 'node-drain-h2']);
/** Milliseconds that a busy machine may add to a deadline. */
const LATE = 1_000;

/** The targets and whether they are met, a sentence each. */
export function verdicts(run: Run): readonly string[] {
  return [...doubts(run), size(run), ...zeroes(run), ...fewer(run), ...holds(run), ...unslowed(run)];
}

/**
 * Requests sent by the slowest node must be answered between its lag and the end of the delay. When an ordinary answer takes
 * longer than that, requests fail for want of CPU, and the failures say nothing about the contenders.
 */
function doubts({ loaded, circumstances: { times, lag } }: Run): readonly string[] {
  const slowest = Math.max(...loaded.map(({ counts }) => counts.new.slowest));
  const spare = times.delay - lag[1];
  if (slowest <= spare) return [];
  return [
    `**This run does not count**: an ordinary answer took ${inSeconds(slowest)} s, but the delay leaves only ` +
      `${inSeconds(spare)} s. The machine was too busy; repeat the run on an idle machine.`,
  ];
}

function size({ loaded }: Run): string {
  const made = Math.min(
    ...NAMES.flatMap((name) => {
      const rows = loaded.filter(({ contender }) => contender === name);
      const of = (kind: Kind): number => rows.reduce((total, { counts }) => total + counts[kind].made, 0);
      return rows.length === 0 ? [] : KINDS.map(of);
    }),
  );
  const rollouts = Math.min(...loaded.map((result) => result.rollouts.length));
  const enough = made >= WANTED.requests && rollouts >= WANTED.rollouts;
  return (
    `For each contender ${WANTED.requests} requests of each kind, and ${WANTED.rollouts} rollouts of each app: ` +
    `${enough ? 'met' : 'not met'}, at least ${made} requests and ${rollouts} rollouts.`
  );
}

function zeroes({ loaded, circumstances: { times } }: Run): readonly string[] {
  const names = contenders(times);
  return NAMES.flatMap((name) => {
    const rows = loaded.filter(({ contender }) => contender === name);
    const kinds = ZERO[name] ?? [];
    if (rows.length === 0 || kinds.length === 0) return [];
    const failed = rows.flatMap(({ onTerm, counts }) =>
      kinds.flatMap((kind) => {
        const count = sum(counts[kind].failed);
        return count === 0 ? [] : [`${count} ${kind} of an app that ${onTerm}`];
      }),
    );
    const verdict = failed.length === 0 ? 'met' : `**missed**, ${failed.join(', ')}`;
    return [`${names[name].name}: target 0 failed of ${kinds.join(', ')}: ${verdict}.`];
  });
}

function fewer({ loaded }: Run): readonly string[] {
  const of = (contender: Name, onTerm: OnTerm): Result | undefined =>
    loaded.find((result) => result.contender === contender && result.onTerm === onTerm);
  return COMPARED.flatMap((onTerm) => {
    const ours = of('k8s-run', onTerm);
    if (ours === undefined) return [];
    const worse = FEW.flatMap((kind) =>
      (['alone', 'sleep'] as const).flatMap((other) => {
        const theirs = sum(of(other, onTerm)?.counts[kind].failed ?? {});
        const failed = sum(ours.counts[kind].failed);
        return failed < theirs || theirs + failed === 0 ? [] : [`${kind} ${failed} against ${theirs} (${other})`];
      }),
    );
    const words = `Kept-alive, event streams and WebSockets, long ones too, of an app that ${onTerm}: fewer with k8s-run`;
    return [`${words} than alone and with a sleep, ${worse.length === 0 ? 'met' : `**missed**: ${worse.join(', ')}`}.`];
  });
}

function holds({ loaded, idle, circumstances: { times } }: Run): readonly string[] {
  const rows = [...loaded, ...idle].filter(({ contender }) => DRAINING.has(contender));
  if (rows.length === 0) return [];
  const longest = Math.max(...rows.flatMap(heldIn));
  const limit = times.delay + times.drainLimit;
  return [
    `The signal is held back for at most the delay and the limit of the drain, ${inSeconds(limit)} s: ` +
      `${longest <= limit + LATE ? 'met' : '**missed**'}, ${inSeconds(longest)} s at most.`,
  ];
}

function unslowed({ idle }: Run): readonly string[] {
  const of = (names: ReadonlySet<Name>): readonly number[] =>
    idle.filter(({ contender }) => names.has(contender)).flatMap(heldIn);
  const [fixed, drained] = [of(new Set(['drain-off'])), of(DRAINING)];
  if (fixed.length === 0 || drained.length === 0) return [];
  const [delay, held] = [median(fixed), median(drained)];
  return [
    `Without traffic the drain holds the signal back no longer than the fixed delay, ${inSeconds(delay)} s: ` +
      `${held <= delay + LATE ? 'met' : '**missed**'}, ${inSeconds(held)} s.`,
  ];
}
