import { table } from '../../../bench/report.ts';
import { ON_TERM, type OnTerm } from '../../rig/rollout/contenders.ts';
import { KINDS, type Kind } from '../../rig/rollout/load/kinds.ts';
import { sum } from '../../rig/rollout/load/request-counts.ts';
import type { Played } from './cell.ts';
import { NAMES, TITLES } from './contenders.ts';
import { PER_SECOND } from './load.ts';

const HEADS: Readonly<Record<Kind, string>> = {
  new: 'new connections',
  'kept-alive': 'kept-alive',
  slow: 'slow, 1–3 s',
  upload: 'uploads, 1.5 s',
  events: 'event streams',
  websocket: 'WebSockets',
  long: 'longer streams',
};

const APPS: Readonly<Record<OnTerm, string>> = {
  dies: 'dies at once',
  drains: 'drains',
  ignores: 'ignores it',
};

/** Markdown: failed of made, for each app and contender. */
export function tables(results: readonly Played[]): string {
  const rows = inOrder(results).map(({ contender, onTerm, counts, took }) => [
    `${APPS[onTerm]}: ${TITLES[contender]}`,
    ...KINDS.map((kind) => `${sum(counts[kind].failed)} of ${counts[kind].made}`),
    String(took.length),
    (took.reduce((all, each) => all + each, 0) / took.length / 1_000).toFixed(0),
  ]);
  return table(['the app, and who is in front', ...KINDS.map((kind) => HEADS[kind]), 'rollouts', 's each'], rows);
}

/** For the README: new connections and slow answers, as a share that can be compared. */
export function short(results: readonly Played[]): string {
  const kinds = ['new', 'kept-alive', 'slow'] as const;
  const rows = inOrder(results)
    .filter(({ onTerm }) => onTerm === 'dies')
    .map(({ contender, counts }) => [
      TITLES[contender],
      ...kinds.map((kind) => `${sum(counts[kind].failed)} of ${counts[kind].made}`),
    ]);
  return table(['', ...kinds.map((kind) => HEADS[kind])], rows);
}

/** How the figures of the README came about, in a line. */
export function circumstances(results: readonly Played[]): string {
  const rollouts = results.find(({ onTerm }) => onTerm === 'dies')?.took.length ?? 0;
  const perSecond = Object.values(PER_SECOND).reduce((all, each) => all + each, 0);
  return `- ${rollouts} rollouts of two replicas in each row, ${perSecond} requests a second to the Service and half as many by TLS and HTTP/2, nothing tried again; each figure is failed of made`;
}

/** What the load itself could not do, and how requests failed: for those who look into it. */
export function ways(results: readonly Played[]): string {
  return inOrder(results)
    .map(({ contender, onTerm, counts }) => {
      const told = KINDS.flatMap((kind) =>
        [counts[kind].failed, counts[kind].own].flatMap((counts, own) =>
          Object.entries(counts).map(
            ([what, count]) => `${kind}: ${count} ${what}${own === 1 ? ' (the load’s own)' : ''}`,
          ),
        ),
      );
      return `- ${TITLES[contender]}, an app that ${onTerm}: ${told.join(', ') || 'nothing failed'}`;
    })
    .join('\n');
}

const inOrder = (results: readonly Played[]): readonly Played[] =>
  ON_TERM.flatMap((onTerm) =>
    NAMES.flatMap((name) => results.filter((each) => each.onTerm === onTerm && each.contender === name)),
  );
