import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import type { Event } from '../../../src/lifecycle/event.ts';
import type { Policy } from '../../../src/lifecycle/policy.ts';
import type { State } from '../../../src/lifecycle/state.ts';
import { transition } from '../../../src/lifecycle/transition.ts';
import { transitionsIn } from './diagram.ts';
import { BEFORE, DUE, EVENTS, type Kind, POLICIES, STATES } from './examples.ts';

const KINDS = Object.keys(STATES) as readonly Kind[];
const TYPES = Object.keys(EVENTS) as readonly Event['type'][];

/**
 * How each event is handled in each state. `act`: it changes the state or has effects; `late`: neither; `throws`: it cannot
 * happen there; `both`: `act` or `late`, depending on the time, the policy or the event's data.
 */
const ANSWERS = `
                     preparing  aborting  running  preStop  delaying  draining  stopping  beforeKill  killing  findingLeftovers  stoppingLeftovers  killingLeftovers  backingOff  postExit  exited
begun                act        throws    throws   throws   throws    throws    throws    throws      throws   throws            throws             throws            throws      late      late
spawned              act        throws    throws   throws   throws    throws    throws    throws      throws   throws            throws             throws            throws      act       late
spawnFailed          act        throws    throws   throws   throws    throws    throws    throws      throws   throws            throws             throws            throws      late      late
signalReceived       act        act       act      act      act       act       act       act         act      act               act                act               act         act       late
terminalLost         act        act       act      act      act       act       act       act         act      act               act                act               act         act       late
standingChanged      late       late      act      both     both      both      late      late        late     late              late               late              late        late      late
listenersCounted     late       late      late     late     both      late      late      late        late     late              late               late              late        late      late
connectionsCounted   late       late      late     late     act       act       late      late        late     late              late               late              late        late      late
deadlinePassed       late       both      both     late     both      both      both      both        both     late              both               both              both        late      late
childExited          throws     throws    act      act      act       act       act       act         act      throws            throws             throws            throws      late      late
leftoversFound       throws     throws    throws   throws   throws    throws    throws    throws      throws   act               late               late              throws      late      late
leftoversGone        late       late      late     late     late      late      late      late        late     late              act                act               late        late      late
dependenciesMet      both       late      late     late     late      late      late      late        late     late              late               late              late        late      late
dependenciesMissing  both       late      late     late     late      late      late      late        late     late              late               late              late        late      late
hookEnded            act        act       act      act      act       act       act       act         act      act               act                act               act         act       late
postMortemEnded      late       late      both     late     late      late      late      both        late     late              late               late              late        late      late
signalSent           both       both      act      both     both      both      both      both        both     both              both               both              both        late      late
memoryHigh           late       late      both     both     both      both      both      late        late     late              late               late              late        late      late
mountChanged         late       late      act      late     late      late      late      late        late     late              late               late              late        late      late
resizeSettled        late       late      both     late     late      late      late      late        late     late              late               late              late        late      late
faulted              act        act       act      act      act       act       act       act         act      act               act                act               act         act       late
`;

type Answer = 'act' | 'late' | 'throws';

function answerTo(state: State, event: Event, policy: Policy): { answer: Answer; next: State } {
  try {
    const [next, effects] = transition(state, event, policy);
    return { answer: next === state && effects.length === 0 ? 'late' : 'act', next };
  } catch (error) {
    assert.match(String(error), new RegExp(`internal error: ${event.type} while ${state.kind}$`));
    return { answer: 'throws', next: state };
  }
}

/** All answers and transitions of one state and one event, in all their forms. */
function explore(kind: Kind, type: Event['type']): { answers: ReadonlySet<Answer>; transitions: readonly string[] } {
  const answers = new Set<Answer>();
  const transitions: string[] = [];
  for (const policy of POLICIES) {
    for (const state of STATES[kind]) {
      for (const sample of EVENTS[type]) {
        for (const at of [BEFORE, DUE]) {
          const { answer, next } = answerTo(state, { ...sample, at } as Event, policy);
          answers.add(answer);
          if (next.kind !== kind) transitions.push(`${kind} → ${next.kind}`);
        }
      }
    }
  }
  return { answers, transitions };
}

test('every event in every state is handled as the table says', () => {
  const [head = '', ...rows] = ANSWERS.trim().split('\n');
  assert.deepEqual(head.trim().split(/\s+/), KINDS, 'the table has a column for every state');
  const table = new Map(rows.map((row) => row.split(/\s+/)).map(([type = '', ...cells]) => [type, cells]));
  assert.deepEqual([...table.keys()], TYPES, 'the table has a row for every event');
  for (const type of TYPES) {
    const found = KINDS.map((kind) => {
      const { answers } = explore(kind, type);
      return answers.size === 1 ? [...answers][0] : [...answers].sort().join('+') === 'act+late' ? 'both' : 'mixed';
    });
    assert.deepEqual(found, table.get(type), `${type} in ${KINDS.join(', ')}`);
  }
});

test('the diagram of state.ts shows all transitions and no other', async () => {
  const source = await readFile(new URL('../../../src/lifecycle/state.ts', import.meta.url), 'utf8');
  const drawing = source.slice(0, source.indexOf('*/'));
  const made = new Set(KINDS.flatMap((kind) => TYPES.flatMap((type) => explore(kind, type).transitions)));
  assert.deepEqual([...transitionsIn(drawing, KINDS)].sort(), [...made].sort());
});

test('the parser of diagrams follows branches, labels, bends and arrow heads', () => {
  const drawing = `
    one ──goes on──▶ two ──┐
     │                │    │
     └───── ends ──┬──┘    ▼
                   ▼     three
                  four ◀───┘
  `;
  const names = ['one', 'two', 'three', 'four'];
  const transitions = ['one → four', 'one → two', 'three → four', 'two → four', 'two → three'];
  assert.deepEqual([...transitionsIn(drawing, names)].sort(), transitions);
  assert.deepEqual(
    [...transitionsIn(drawing.replace('goes on──▶', 'goes on── '), names)].sort(),
    transitions.toSpliced(1, 1),
  );
});
