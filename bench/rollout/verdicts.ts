import { NAMES, type Name, ON_TERM, type OnTerm } from '../../test/rig/rollout/contenders.ts';
import { KINDS, type Kind } from '../../test/rig/rollout/load/kinds.ts';
import { sum } from '../../test/rig/rollout/load/request-counts.ts';
import { median } from '../measure.ts';
import { WANTED } from './circumstances.ts';
import type { Result } from './players.ts';
import { heldIn, inSeconds, type Run } from './run.ts';

/** Kinds of which no request may fail, whatever the app does on SIGTERM. */
const ZERO: readonly { readonly contender: Name; readonly kinds: readonly Kind[]; readonly words: string }[] = [
  { contender: 'k8s-run', kinds: ['new'], words: 'k8s-run, new connections' },
  {
    contender: 'drain-connections',
    kinds: ['new', 'slow', 'upload'],
    words: 'k8s-run with drain-connections, new connections, slow answers and uploads',
  },
];
/** Kinds that cannot be ended from outside without a race: as few failures as possible. */
const FEW: readonly Kind[] = ['kept-alive', 'events', 'websocket'];
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

function zeroes({ loaded }: Run): readonly string[] {
  return ZERO.flatMap(({ contender, kinds, words }) => {
    const rows = loaded.filter((result) => result.contender === contender);
    if (rows.length === 0) return [];
    const failed = rows.flatMap((row) => kinds.map((kind) => sum(row.counts[kind].failed)));
    const total = failed.reduce((all, each) => all + each, 0);
    return [`${words}: target 0 failed, ${total === 0 ? 'met' : `**missed**, ${total}`}.`];
  });
}

function fewer({ loaded }: Run): readonly string[] {
  const of = (contender: Name, onTerm: OnTerm): Result | undefined =>
    loaded.find((result) => result.contender === contender && result.onTerm === onTerm);
  return ON_TERM.flatMap((onTerm) => {
    const ours = of('drain-connections', onTerm);
    if (ours === undefined) return [];
    const worse = FEW.flatMap((kind) =>
      (['alone', 'sleep'] as const).flatMap((other) => {
        const theirs = sum(of(other, onTerm)?.counts[kind].failed ?? {});
        const failed = sum(ours.counts[kind].failed);
        return failed < theirs || theirs + failed === 0 ? [] : [`${kind} ${failed} against ${theirs} (${other})`];
      }),
    );
    const words = `Kept-alive, event streams and WebSockets of an app that ${onTerm}: fewer with drain-connections`;
    return [`${words} than alone and with a sleep, ${worse.length === 0 ? 'met' : `**missed**: ${worse.join(', ')}`}.`];
  });
}

function holds({ loaded, idle, circumstances: { times } }: Run): readonly string[] {
  const rows = [...loaded, ...idle].filter(({ contender }) => contender === 'drain-connections');
  if (rows.length === 0) return [];
  const longest = Math.max(...rows.flatMap(heldIn));
  const limit = times.delay + times.drainLimit;
  return [
    `With drain-connections the signal is held back for at most the delay and the limit, ${inSeconds(limit)} s: ` +
      `${longest <= limit + LATE ? 'met' : '**missed**'}, ${inSeconds(longest)} s at most.`,
  ];
}

function unslowed({ idle }: Run): readonly string[] {
  const [fixed, drained] = (['k8s-run', 'drain-connections'] as const).map((name) =>
    idle.filter(({ contender }) => contender === name).flatMap(heldIn),
  );
  if (fixed === undefined || drained === undefined || drained.length === 0) return [];
  const [delay, held] = [median(fixed), median(drained)];
  return [
    `Without traffic drain-connections holds the signal back no longer than the fixed delay, ${inSeconds(delay)} s: ` +
      `${held <= delay + LATE ? 'met' : '**missed**'}, ${inSeconds(held)} s.`,
  ];
}
