import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { FIGURES } from '../../../scripts/figures/catalog.ts';
import { figuresIn, PAGES, withFigures } from '../../../scripts/figures/in-pages.ts';
import { NOT_MEASURED, type Shown } from './claims.ts';

const ROOT = new URL('../../../', import.meta.url).pathname;
const read = (page: string): string => readFileSync(join(ROOT, page), 'utf8');
/** Written by `npm run bench -- --write` as a whole; its sections are looked at below. */
const BENCHMARKS = 'docs/benchmarks.md';

const NUMBER = String.raw`\d[\d,.]*`;
const UNIT = 'ms/s|ms|µs|[KMG]i?B|kB|%|×|x|times|minutes?';
/**
 * What looks measured: a size, a time with a fraction or below a second, a share, a ratio, so many of so many. Whole seconds are
 * settings nearly always, and their defaults are generated.
 */
const LOOKS_MEASURED = new RegExp(
  [
    String.raw`(?<![\w.,-])${NUMBER}(?:\s*(?:to|–|-|and|or)\s*${NUMBER})?\s*(?:${UNIT})(?!\w)`,
    String.raw`(?<![\w.,-])\d+\.\d+\s*(?:s|seconds)\b`,
    String.raw`(?<![\w.,-])\d[\d,]* of (?:the )?\d[\d,]*`,
    String.raw`\b(?:hundredth|thousandth|twentieth)\b`,
    String.raw`\b(?:tens|hundreds) of (?:ms|milli\w+|MiB)`,
  ].join('|'),
  'g',
);

type Claim = { readonly line: number; readonly number: string; readonly index: number };

/** What a command writes into a page with the date of its measurement, or from a table that has one. */
const WRITTEN = [
  /<!-- written by [\s\S]*?<!-- end of what is written -->/g,
  /<!-- generated: ([\w ,]+); from scripts\/comparison [\s\S]*?<!-- end: \1 -->/g,
  /<!-- figure: .*?<!-- end -->/g,
];
const FENCES = /^( *)```[\s\S]*?^\1```/gm;
const CODE_AND_LINKS = /`[^`\n]*`|\]\([^)\s]*\)|<!--[\s\S]*?-->/g;

/** The numbers of a page that look measured and that no command writes. */
function claimsIn(text: string): readonly Claim[] {
  const own = WRITTEN.reduce((rest, block) => rest.replace(block, spaces), text);
  const prose = own.replace(FENCES, commentsOf).replace(CODE_AND_LINKS, spaces);
  return [...prose.matchAll(LOOKS_MEASURED)].map((match) => ({
    line: prose.slice(0, match.index).split('\n').length,
    number: match[0],
    index: match.index,
  }));
}

/** As many, so that lines and positions stay. */
const spaces = (text: string): string => text.replace(/[^\n]/g, ' ');

/** Of code only its comments say something to the reader by themselves. */
function commentsOf(fence: string): string {
  return fence.replace(/^.*$/gm, (line) => {
    const comment = /(?<=^|\s)# .*$/.exec(line);
    return comment === null ? spaces(line) : `${spaces(line.slice(0, comment.index))}${comment[0]}`;
  });
}

/** The claims of a page that nothing shows, as `file:line: number`. */
function unshown(page: string, text: string, shown: Readonly<Record<string, Shown>>): readonly string[] {
  const spans = Object.keys(shown).flatMap((words) => placesOf(words, text));
  return claimsIn(text)
    .filter(({ number, index }) => !spans.some(([from, to]) => from <= index && index + number.length <= to))
    .map(({ line, number }) => `${page}:${line}: ${number}`);
}

function placesOf(words: string, text: string): readonly (readonly [from: number, to: number])[] {
  const escaped = words.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`).replaceAll(' ', String.raw`\s+`);
  return [...text.matchAll(new RegExp(escaped, 'g'))].map(({ index, 0: { length } }) => [index, index + length]);
}

test('each number of README and docs that looks measured is written by a command, or something shows it', () => {
  const found = PAGES.filter((page) => page !== BENCHMARKS).flatMap((page) =>
    unshown(page, read(page), NOT_MEASURED[page] ?? {}),
  );
  assert.deepEqual(
    found,
    [],
    'write it as a figure (scripts/figures/catalog.ts), or say in test/unit/docs/claims.ts what shows it',
  );
});

test('what shows a number is there, and has it', () => {
  for (const [page, claims] of Object.entries(NOT_MEASURED)) {
    for (const [words, shown] of Object.entries(claims)) {
      assert.ok(placesOf(words, read(page)).length > 0, `${page} no longer says "${words}"`);
      assert.ok(claimsIn(words.replaceAll('`', '')).length > 0, `nothing in "${words}" looks measured`);
      if ('source' in shown) assert.match(shown.source, /^https:/);
      if ('in' in shown) assert.ok(read(shown.in).includes(shown.line), `${shown.in} no longer has "${shown.line}"`);
      if ('in' in shown && shown.in.startsWith('docs/decisions/'))
        assert.match(read(shown.in), /^Date: \d{4}-\d\d-\d\d$/m, shown.in);
    }
  }
});

test('the figures in prose are those of the tables that commands wrote', () => {
  for (const page of PAGES) assert.equal(withFigures(page, read(page)), read(page), `${page}: npm run docs writes it`);
});

test('each figure is in a page', () => {
  const used = new Set(PAGES.flatMap((page) => figuresIn(read(page))));
  assert.deepEqual(
    Object.keys(FIGURES).filter((name) => !used.has(name)),
    [],
  );
});

test('each section of the benchmarks says when and by which command it was measured', () => {
  const measures = new Set(
    globSync('bench/*.ts', { cwd: ROOT }).flatMap((file) =>
      [...read(file).matchAll(/^ {2}name: '([a-z-]+)',\n {2}(?:async )?run\b/gm)].map(([, name = '']) => name),
    ),
  );
  const sections = read(BENCHMARKS)
    .split(/^(?=## )/m)
    .slice(1);
  for (const section of sections) {
    const title = /^## (.+)$/m.exec(section)?.[1] ?? '';
    if (title === 'Machine') continue;
    const [, measure = ''] =
      /^Measured on \d{4}-\d\d-\d\d by `npm run bench -- ([a-z-]+) --write`/m.exec(section) ?? [];
    assert.ok(measures.has(measure), `${title}: no date, or no command that wrote it; ${[...measures].join(', ')}`);
  }
});

test('each table that a command wrote into a page has its date', () => {
  const blocks = PAGES.flatMap((page) =>
    [...read(page).matchAll(/<!-- written by ([^>]*?) -->([\s\S]*?)<!-- end of what is written -->/g)].map(
      ([, how = '', text = '']) => ({ where: `${page}, ${how}`, text }),
    ),
  );
  assert.ok(blocks.length >= 3);
  for (const { where, text } of blocks) assert.match(text, /^- .*\b\d{4}-\d\d-\d\d\b/m, where);
});

test('each decision has its date', () => {
  for (const page of globSync('docs/decisions/[0-9]*.md', { cwd: ROOT }))
    assert.match(read(page), /^Date: \d{4}-\d\d-\d\d$/m, page);
});

test('the picture in README shows what its words say', () => {
  const [, words = '', path = ''] = /!\[([^\]]*requests lost[^\]]*)\]\(([^)]+)\)/.exec(read('README.md')) ?? [];
  assert.ok(existsSync(join(ROOT, path)));
  const counts = [...words.matchAll(/\b\d+\b/g)].map(([count]) => count);
  assert.equal(counts.length, 2);
  const shown = [...read(path).matchAll(/>(\d+) of \d+ requests failed</g)].map(([, count]) => count);
  assert.deepEqual(shown, counts);
});

test('a claim that nothing shows would be found, with its line', () => {
  const page =
    'It takes 10 s.\nIt takes 1.5 s, or 3 ms; `5 ms`, 25 to 30 MiB.\n```sh\nwait 7ms # 2 minutes\n```\n3 of 400; [a](#5-ms)';
  assert.deepEqual(unshown('x.md', page, {}), [
    'x.md:2: 1.5 s',
    'x.md:2: 3 ms',
    'x.md:2: 25 to 30 MiB',
    'x.md:4: 2 minutes',
    'x.md:6: 3 of 400',
  ]);
  const shown = { 'takes 1.5 s, or 3 ms': example };
  assert.deepEqual(unshown('x.md', page, shown).slice(0, 1), ['x.md:2: 25 to 30 MiB']);
  assert.deepEqual(unshown('x.md', 'a <!-- figure: memory -->11 MiB<!-- end --> b', {}), []);
});

const example: Shown = { example: 'of this test' };
