import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { test } from 'node:test';

const ROOT = new URL('../../../', import.meta.url).pathname;

/**
 * Words that this project does not use, and the term that it uses instead: metaphors and coinages that a reader of the field would
 * have to guess, and words that have a term in docs/glossary.md.
 */
const FORBIDDEN: Readonly<Record<string, string>> = {
  // pause(2) and stream.pause() are meant where a parenthesis follows.
  'pauses?(?!\\()|paused|pausing': 'delay, or wait',
  'in hand': 'in flight',
  'who asks|whoever asks': 'the client',
  thrift: 'memory trimming',
  'doors?': 'listeners, or ports',
  'farewells?': 'terminal hangup',
  'errands?': 'deferred effects',
  'tally|tallied|tallies': 'metrics recorder, or to count',
  'last[- ]words?': 'exit record, or last lines',
  hearing: 'command output, or to receive',
  'furnish(es|ed)?': 'to set, or to provide',
  orphanage: 'orphan reaper',
  'witness(es)?': 'health sources',
  'undertak(ing|er)': 'options',
  station: 'process group mode',
  surroundings: 'environment',
  'scenes?': 'message context',
  'story|stories': 'timeline',
  staff: 'pod operations',
  'scouts?': 'preflight',
  'strays?': 'late event, or leftover',
  settling: 'draining',
  'preStopping|concluding|purging': 'preStop, postExit, leftovers',
  inHand: 'inFlight',
};

/** Fine in a sentence, and no name of a file, for it would be a guess what is in it. */
const NO_FILE_NAMES =
  /^(telling|counting|endings?|earlier|bear|tally|thrift|doors|farewell|errands|hearing|story|staff|scout|stray|lacking|effort|meddler|circumstances|players|charged|warm)$/;

/** Ordinary English, or somebody else's word. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  'docs/decisions/0028-busy-connections.md': ['pauses'],
  // Node's term for a socket that is not read.
  'src/health/received-bytes.ts': ['paused'],
};

const CODE = ['bundle/*', 'scripts/**/*', 'src/**/*', 'test/**/*'];
/** This file is full of the words that it forbids. */
const THIS_FILE = 'test/unit/docs/words.test.ts';
const FILES = globSync(['README.md', 'docs/**/*.md', 'examples/*/*', 'man/*', ...CODE], { cwd: ROOT })
  .filter((path) => /\.\w+$|Dockerfile$/.test(path) && path !== THIS_FILE && !path.includes('node_modules'))
  .sort();

/** What is written between generated marks comes from src/, and is looked at there. */
function ownText(text: string): string {
  return text.replace(/<!-- generated: ([\w ]+);[\s\S]*?<!-- end: \1 -->/g, '');
}

function forbiddenIn(path: string, text: string): readonly string[] {
  const allowed = ALLOWED[path] ?? [];
  return Object.entries(FORBIDDEN).flatMap(([words, term]) =>
    [...ownText(text).matchAll(new RegExp(`(?<![\\w-])(${words})(?![\\w])`, 'gi'))]
      .map(([word]) => word)
      .filter((word) => !allowed.includes(word.toLowerCase()))
      .map((word) => `${path}: "${word}"; write ${term}`),
  );
}

test('docs, sources, tests, scripts and the man page use the words of the glossary', () => {
  assert.ok(FILES.length > 200);
  const found = FILES.flatMap((path) => forbiddenIn(path, readFileSync(`${ROOT}${path}`, 'utf8')));
  assert.deepEqual(found, []);
});

test('no file of code is named by a word that says nothing of what is in it', () => {
  const names = globSync(CODE, { cwd: ROOT }).map((path) => ({
    path,
    name: basename(path).replace(/\..*/, ''),
  }));
  const found = names.filter(({ name }) => NO_FILE_NAMES.test(name)).map(({ path }) => path);
  assert.deepEqual(found, []);
});

test('each exception from the forbidden words is needed', () => {
  for (const [path, words] of Object.entries(ALLOWED)) {
    const text = readFileSync(`${ROOT}${path}`, 'utf8');
    for (const word of words) assert.ok(text.toLowerCase().includes(word), `${path} no longer has "${word}"`);
  }
});

test('a forbidden word would be found', () => {
  const text =
    'What it has in hand.\n<!-- generated: x; from y -->in hand<!-- end: x -->\nthe Pause, waitEnded, history';
  assert.deepEqual(forbiddenIn('docs/x.md', text), [
    'docs/x.md: "Pause"; write delay, or wait',
    'docs/x.md: "in hand"; write in flight',
  ]);
});
