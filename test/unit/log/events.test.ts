import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Effect } from '../../../src/lifecycle/effect.ts';
import type { Event, UntimedEvent } from '../../../src/lifecycle/event.ts';
import type { State } from '../../../src/lifecycle/state.ts';
import { transition } from '../../../src/lifecycle/transition.ts';
import { DRAIN_ENDS, KILL_REASONS, SIGNAL_OUTCOMES, SKIP_REASONS } from '../../../src/log/event-values.ts';
import { LOG_EVENTS, type LogEvent } from '../../../src/log/events.ts';
import type { LogMessage } from '../../../src/log/message.ts';
import { messageFor } from '../../../src/log/messages.ts';
import { BEFORE, DUE, EVENTS, POLICIES, STATES } from '../lifecycle/examples.ts';
import { policies, scenarios } from '../lifecycle/scenarios.ts';
import { simulate } from '../lifecycle/simulation.ts';

const SOURCES = globSync('src/**/*.ts', { cwd: new URL('../../../', import.meta.url).pathname }).map((path) =>
  readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8'),
);
/** Fields of `exited` that exit/ adds from what the lifecycle does not know. */
const ADDED_AT_EXIT = [
  'postMortem',
  ...[
    'sender',
    'because',
    'cutRequests',
    'remedy',
    'oomKills',
    'memoryPeakBytes',
    'memoryLimitBytes',
    'resized',
    'lastProbeError',
  ],
  'droppedLines',
];

const context = {
  program: 'app',
  version: '0.1.0',
  health: 'http://[::]:20080',
  signalName: (signal: number) => `SIG${signal}`,
  duration: (milliseconds: number) => `${milliseconds}ms`,
  oomKilled: () => false,
  foreground: () => undefined,
};

function messageOf(effect: Effect): readonly LogMessage[] {
  if (effect.type === 'say') return [messageFor(effect.notice, context)];
  return effect.type === 'exit' ? [messageFor(effect.record, context)] : [];
}

/** What each event in each state makes the machine say, and what it says in simulated lives. */
const EFFECTS: readonly Effect[] = [
  ...Object.values(STATES)
    .flat()
    .flatMap((state) => Object.values(EVENTS).flatMap((each) => each.flatMap((event) => effectsOf(state, event)))),
  ...fc
    .sample(fc.tuple(scenarios, policies), { numRuns: 500, seed: 1 })
    .flatMap(([scenario, policy]) => simulate(scenario, policy).flatMap(({ effects }) => effects)),
];
const MESSAGES: readonly LogMessage[] = EFFECTS.flatMap(messageOf);

function effectsOf(state: State, happening: UntimedEvent): readonly Effect[] {
  return POLICIES.flatMap((policy) =>
    [BEFORE, DUE].flatMap((at) => {
      try {
        return transition(state, { ...happening, at } as Event, policy)[1];
      } catch {
        // Nothing in the program may cause it.
        return [];
      }
    }),
  );
}

/** `log.write('warn', 'warning', …)` as it stands in the sources, with the names in an object that is written there. */
const WRITES = SOURCES.map((source) => source.replace(/`[^`]*`/g, '``')).flatMap((source) =>
  [...source.matchAll(/\.write\('(\w+)', '(\w+)',[^;{]*(?:\{([^{}]*)\})?/g)].map(
    ([, level, event = '', object = '']) => ({
      level,
      event,
      fields: namesIn(object),
    }),
  ),
);

function namesIn(object: string): readonly string[] {
  return object
    .split(',')
    .map((entry) => /^\s*(\w+)/.exec(entry)?.[1])
    .filter((name) => name !== undefined);
}

test('every message has a level and fields of its event', () => {
  for (const { level, event, facts } of MESSAGES) {
    const { levels, fields } = LOG_EVENTS[event];
    assert.ok(levels.includes(level), `${event} is written at ${level}`);
    for (const name of Object.keys(facts)) assert.ok(name in fields, `${event} has ${name}`);
  }
});

test('what is written without a notice has a level and fields of its event', () => {
  assert.ok(WRITES.length > 15 && WRITES.some(({ fields }) => fields.includes('throttledPercent')));
  for (const { level, event, fields } of WRITES) {
    const row = LOG_EVENTS[event as LogEvent];
    assert.ok(
      row.levels.some((each) => each === level),
      `${event} is written at ${level}`,
    );
    for (const name of fields) assert.ok(name in row.fields, `${event} has ${name}`);
  }
});

test('every event, level and field of the table is written', () => {
  const written = new Map<string, Set<string>>();
  const note = (event: string, ...words: readonly string[]): void => {
    written.set(event, new Set([...(written.get(event) ?? []), ...words]));
  };
  for (const { level, event, facts } of MESSAGES) note(event, level, ...Object.keys(facts));
  for (const { level = '', event, fields } of WRITES) note(event, level, ...fields);
  note('exited', ...ADDED_AT_EXIT);
  // Written with an object that is made elsewhere.
  note('hook', 'output');
  note('reaped', 'pid', 'code', 'signal');
  for (const [event, { levels, fields }] of Object.entries(LOG_EVENTS)) {
    for (const word of [...levels, ...Object.keys(fields)])
      assert.ok(written.get(event)?.has(word), `${event}: nothing writes ${word}`);
  }
});

test('each value of a field that can be listed has its meaning', () => {
  const meanings = [
    ['signal', 'outcome', SIGNAL_OUTCOMES],
    ['stopping', 'delaySkipped', SKIP_REASONS],
    ['stopping', 'waitEnded', DRAIN_ENDS],
    ['killing', 'why', KILL_REASONS],
  ] as const;
  for (const [event, field, table] of meanings) {
    const values = new Set(MESSAGES.filter((each) => each.event === event).map(({ facts }) => facts[field]));
    values.delete(undefined);
    assert.ok(values.size > 1, field);
    for (const value of values) assert.ok(String(value) in table, `${field}: ${value}`);
  }
});
