import { contenders, ON_TERM, type OnTerm } from '../../test/rig/rollout/contenders.ts';
import { KINDS, type Kind } from '../../test/rig/rollout/load/kinds.ts';
import { sum } from '../../test/rig/rollout/load/request-counts.ts';
import { median } from '../measure.ts';
import { table } from '../report.ts';
import { heldIn, inSeconds, type Run } from './run.ts';
import { verdicts } from './verdicts.ts';

const HEADS: Readonly<Record<Kind, string>> = {
  new: 'new connections',
  'kept-alive': 'kept-alive',
  slow: 'slow answers',
  upload: 'uploads',
  events: 'event streams',
  websocket: 'WebSockets',
  long: 'longer streams',
};

const APPS: Readonly<Record<OnTerm, string>> = {
  dies: 'An app that dies at once on SIGTERM',
  drains: 'An app that drains on SIGTERM',
  ignores: 'An app that ignores SIGTERM',
};

/** A report in Markdown, readable on a terminal too, with headings of `level`. */
export function report(run: Run, level: '##' | '###'): string {
  return [
    preface(run),
    ...ON_TERM.map((onTerm) => section(run, onTerm, level)),
    `${level} Without traffic`,
    'Seconds until the last old pod was gone, and for which k8s-run held SIGTERM back; the app dies at once.',
    idleTable(run),
    `${level} Targets`,
    verdicts(run)
      .map((each) => `- ${each}`)
      .join('\n'),
    Object.entries(run.machine)
      .map(([fact, value]) => `- ${fact}: ${value}`)
      .join('\n'),
  ].join('\n\n');
}

function preface({ circumstances, loaded }: Run): string {
  const { rollouts, replicas, nodes, lag, work, seed } = circumstances;
  const made = loaded.flatMap(({ counts }) => KINDS.map((kind) => counts[kind].made));
  const own = loaded.flatMap(({ counts }) => KINDS.map((kind) => sum(counts[kind].own)));
  const slowest = Math.max(...loaded.map(({ counts }) => counts.new.slowest));
  const seconds = (milliseconds: number): string => String(milliseconds / 1_000);
  return [
    `Failed requests over ${rollouts} rollouts of ${replicas} replicas, each row under its own load of at least`,
    `${Math.min(...made)} requests of each kind. ${nodes} nodes apply each change ${lag.map(seconds).join(' to ')} s late.`,
    `Ordinary answers, on new and on kept-alive connections, take ${work.ordinary} ms, slow ones ${[...new Set(work.slow)].map(seconds).join(' to ')} s, uploads`,
    `${seconds(work.upload)} s, event streams and WebSockets ${work.stream.map(seconds).join(' to ')} s, with more short ones than long ones;`,
    `longer streams, of both, ${work.long.map(seconds).join(' to ')} s.`,
    `The slowest ordinary answer on a new connection took ${seconds(Math.round(slowest))} s.`,
    `Failures of the load generator itself: ${own.reduce((total, each) => total + each, 0)}. Seed ${seed}.`,
  ].join('\n');
}

function section({ circumstances, loaded }: Run, onTerm: OnTerm, level: string): string {
  const names = contenders(circumstances.times);
  const body = loaded
    .filter((result) => result.onTerm === onTerm)
    .map(({ contender, counts, rollouts }) => [
      names[contender].name,
      ...KINDS.map((kind) => String(sum(counts[kind].failed))),
      inSeconds(median(rollouts.map(({ took }) => took))),
    ]);
  return [`${level} ${APPS[onTerm]}`, table(['', ...KINDS.map((kind) => HEADS[kind]), 'rollout, s'], body)].join(
    '\n\n',
  );
}

function idleTable({ circumstances, idle }: Run): string {
  const names = contenders(circumstances.times);
  const body = idle.map((result) => {
    const held = heldIn(result);
    return [
      names[result.contender].name,
      inSeconds(median(result.rollouts.map(({ took }) => took))),
      held.length === 0 ? '–' : inSeconds(median(held)),
    ];
  });
  return table(['', 'rollout, s', 'held back, s'], body);
}
