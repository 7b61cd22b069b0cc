import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { OPTIONS, type Option } from '../../../src/config/options/table.ts';
import { STATE_ROWS } from '../../../src/lifecycle/catalog.ts';
import { LOG_EVENTS } from '../../../src/log/events.ts';
import { METRICS } from '../../../src/metrics/catalog.ts';

const PAGE = readFileSync(new URL('../../../docs/glossary.md', import.meta.url), 'utf8');

type Term = { readonly term: string; readonly meaning: string; readonly where: string };

function termsOf(page: string): readonly Term[] {
  return [...page.matchAll(/^\| \*\*([^*]+)\*\* *\| (.*?) *\| (.*?) *\|$/gm)].map(
    ([, term = '', meaning = '', where = '']) => ({
      term,
      meaning,
      where,
    }),
  );
}

const TERMS = termsOf(PAGE);
const STATES = Object.keys(STATE_ROWS);
const PHASES = Object.values(STATE_ROWS).flatMap(({ phase }) => (phase === null ? [] : [phase]));
const EVENTS = Object.keys(LOG_EVENTS);
const FIELDS = Object.values(LOG_EVENTS).flatMap(({ fields }) => Object.keys(fields));
const FLAGS = (Object.values(OPTIONS) as readonly Option<unknown>[]).map(({ flag }) => `--${flag}`);

/** What a kind of name may be. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  option: FLAGS,
  state: STATES,
  phase: PHASES,
  event: EVENTS,
  field: FIELDS,
  metric: Object.keys(METRICS),
};

/** Names in a cell that are not what the words before them say: ``events `ready`, `unready` ``. */
function wrongNames(where: string): readonly string[] {
  return where.split('; ').flatMap((part) => {
    const kinds = [...(/^[a-z, ]*/.exec(part)?.[0] ?? '').matchAll(/\b(option|state|phase|event|field|metric)s?\b/g)];
    const names = [...part.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
    return kinds.flatMap(([, kind = '']) =>
      names.filter((name) => !NAMES[kind]?.includes(name)).map((name) => `${kind} ${name}`),
    );
  });
}

test('each term is said in one or two sentences and once', () => {
  assert.ok(TERMS.length > 30);
  assert.equal(new Set(TERMS.map(({ term }) => term)).size, TERMS.length);
  for (const { term, meaning } of TERMS) {
    const sentences = meaning.split(/(?<=\.) (?=[A-Z])/).length;
    assert.ok(meaning.endsWith('.') && sentences <= 2, `${term}: ${meaning}`);
  }
});

test('each term names only options, states, phases, events, fields and metrics that exist', () => {
  for (const { term, where } of TERMS) assert.deepEqual(wrongNames(where), [], term);
  assert.deepEqual(wrongNames('state and phase `delaying`; options `--grace`, `--graze`'), ['option --graze']);
  assert.deepEqual(wrongNames('state and phase `aborting`'), ['phase aborting']);
});

test('every state, phase and log event is explained by a term', () => {
  const explained = new Set(TERMS.flatMap(({ where }) => [...where.matchAll(/`(\w+)`/g)].map(([, name]) => name)));
  for (const name of new Set([...STATES, ...PHASES, ...EVENTS]))
    assert.ok(explained.has(name), `no term explains ${name}`);
});

/** Options whose help is enough, because they set one thing and no term stands for it. */
const WITHOUT_TERM: ReadonlySet<string> = new Set([
  // Times of a probe.
  ...['--probe-period', '--probe-timeout'],
  // What becomes of signals and exit codes.
  ...['--rewrite', '--signal-scope', '--interactive', '--remap-exit'],
  // The app's environment.
  ...['--env-dir', '--resource-env', '--web-concurrency'],
  ...['--log-level', '--log-format'],
]);

test('every option is explained by a term, or listed as one that needs none', () => {
  const explained = new Set(TERMS.flatMap(({ where }) => where.match(/--[\w-]+/g) ?? []));
  assert.deepEqual(
    FLAGS.filter((flag) => explained.has(flag) === WITHOUT_TERM.has(flag)),
    [],
  );
  assert.deepEqual(
    [...WITHOUT_TERM].filter((flag) => !FLAGS.includes(flag)),
    [],
  );
});

test('the terms that everything else is explained with are there', () => {
  const words = [
    'delay',
    'drain',
    'grace',
    'leftover',
    'orphan',
    'request in flight',
    'cut request',
    'verdict',
    'standing',
    'health server',
    'termination log',
  ];
  const more = ['probe', 'hook', 'phase', 'state', 'event', 'notice', 'effect'];
  for (const word of [...words, ...more])
    assert.ok(
      TERMS.some(({ term }) => term === word),
      word,
    );
});
