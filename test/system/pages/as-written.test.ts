import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { OPTIONS } from '../../../src/config/options/table.ts';
import { type Layer, type Machine, makeLayer, noMachine, type Session, startMachine } from '../../rig/machine.ts';
import { needs } from '../../rig/needs.ts';
import { accepts } from './trees.ts';
import { type Block, blocksOf, linesOf, PAGES, readBlocks } from './written/blocks.ts';
import { type Page, TABLE } from './written/table.ts';
import type { Way } from './written/ways.ts';

const ROOT = new URL('../../../', import.meta.url).pathname;
const TYPED = new Set(['sh', 'console']);
/** Their rules are below. */
const RULED = new Set(['yaml', 'dockerfile']);
/** Of Dockerfile(5), those that the pages have. */
const INSTRUCTION = /^(FROM|COPY|RUN|ENTRYPOINT|CMD|STOPSIGNAL|HEALTHCHECK|ENV|USER|WORKDIR) /;
/** And the exit codes that it may end with. */
type Running = readonly [Session, readonly number[]];

const CTRL_C = '\x03';

/** What has to be in the table: each line that is typed, and the first one of other blocks. */
function keysOf(block: Block): readonly string[] {
  if (TYPED.has(block.language)) return linesOf(block);
  return RULED.has(block.language) ? [] : [block.text.split('\n')[0] ?? ''];
}

function wayOf(page: Page, line: string): Way {
  const found = Object.entries(page.lines).filter(([start]) => line.startsWith(start));
  const [longest] = found.toSorted(([one], [other]) => other.length - one.length);
  assert.ok(longest !== undefined, `neither run nor named with a reason in written/table.ts: ${line}`);
  return longest[1];
}

test('each page has an entry in the table, and each line of the table a line on its page', () => {
  assert.deepEqual(Object.keys(TABLE).sort(), [...PAGES].sort());
  for (const [name, page] of Object.entries(TABLE)) {
    const keys = readBlocks(name).flatMap(keysOf);
    for (const key of keys) wayOf(page, key);
    for (const start of Object.keys(page.lines))
      assert.ok(
        keys.some((key) => key.startsWith(start)),
        `${name}: ${start}`,
      );
  }
});

test('what the table names as tested elsewhere is there', () => {
  const ways = Object.values(TABLE).flatMap(({ lines }) => Object.values(lines));
  for (const way of ways) if (way.way === 'elsewhere') assert.ok(existsSync(`${ROOT}${way.test}`), way.test);
});

test('a line that is neither run nor named is found, and a block in a list too', () => {
  const [block] = blocksOf('- so:\n\n  ```sh\n  one \\\n    more   # for a reason\n  two\n  ```\n');
  assert.ok(block !== undefined);
  assert.deepEqual(linesOf(block), ['one more', 'two']);
  assert.deepEqual(linesOf({ language: 'console', text: '$ three\nprinted\n' }), ['three']);
  assert.throws(() => wayOf({ lines: {} }, 'one more'), /neither run/);
});

test('the picture of a shutdown on README.md has the defaults of the options', () => {
  const picture = readBlocks('README.md').find(({ text }) => text.startsWith(' 0 s '))?.text ?? '';
  const { shutdownDelay, drainConnections, grace } = OPTIONS;
  assert.ok(picture.includes(`--shutdown-delay ${shutdownDelay.fallback}`));
  assert.match(drainConnections.fallbackWords ?? '', /10s at most/);
  assert.ok(picture.includes('--drain-connections, 10 s'));
  assert.ok(picture.includes(`--grace ${grace.fallback}`));
});

for (const name of PAGES) {
  const ruled = readBlocks(name).filter(({ language }) => RULED.has(language));
  if (ruled.length === 0) continue;
  test(`the YAML of ${name} is YAML, and its Dockerfiles start k8s-run with options that it has`, () => {
    for (const { language, text } of ruled) {
      if (language === 'yaml') for (const { errors } of parseAllDocuments(text)) assert.deepEqual(errors, [], text);
      else checkDockerfile(text);
    }
  });
}

function checkDockerfile(text: string): void {
  for (const line of text
    .trim()
    .replace(/\\\n/g, '')
    .replace(/^ *#.*\n/gm, '')
    .split('\n')) {
    assert.match(line, INSTRUCTION);
    const [, list] = /^ENTRYPOINT (\[.*\])$/.exec(line) ?? [];
    if (list === undefined) continue;
    const [program, ...words]: string[] = JSON.parse(list);
    if (/(^|\/)k8s-run$/.test(program ?? '')) accepts(words.slice(0, words.indexOf('--')), {});
  }
}

describe('typed on a machine as a stranger has it', { skip: noMachine, concurrency: 4 }, () => {
  let layer: Layer | undefined;
  before(() => {
    layer = makeLayer();
  });
  after(() => layer?.[Symbol.dispose]());

  for (const [name, page] of Object.entries(TABLE)) {
    const ways = Object.values(page.lines);
    if (!ways.some(({ way }) => way === 'ends' || way === 'goes on')) continue;
    const skip = needs('curl', ...(page.needs ?? []));
    const blocks = readBlocks(name).filter(({ language }) => TYPED.has(language));
    for (const part of page.apart === true ? blocks.map((block) => [block]) : [blocks]) {
      const title =
        page.apart === true ? `${name} run as written: ${linesOf(part[0] as Block)[0]}` : `${name} run as written`;
      test(`the commands of ${title}`, { skip, timeout: 300_000 }, async () => {
        await using machine = await startMachine({ layers: [(layer as Layer).path] }, page.files);
        await typeAll(machine, page, part);
      });
    }
  }
});

async function typeAll(machine: Machine, page: Page, blocks: readonly Block[]): Promise<void> {
  if (page.before !== undefined) assert.equal((await machine.run(page.before)).code, 0);
  const assigned: string[] = [];
  for (const block of blocks) {
    let session: Running | null = null;
    for (const line of linesOf(block)) {
      if (/^\w+=\S+$/.test(line)) assigned.push(`${line}\n`);
      const way = wayOf(page, line);
      if (way.way === 'ends') await ends(machine, `${assigned.join('')}${line}`, way);
      if (way.way !== 'goes on') continue;
      await interrupt(session);
      session = [machine.open(line), way.codes];
      await session[0].shows(way.shows);
    }
    await interrupt(session);
  }
}

async function ends(machine: Machine, line: string, way: Extract<Way, { way: 'ends' }>): Promise<void> {
  let typed = line;
  for (const [there, here] of Object.entries(way.instead)) {
    assert.ok(typed.includes(there), `${typed} has no ${there}`);
    typed = typed.replaceAll(there, here);
  }
  const { code, out, said } = await machine.run(`${typed}\n${way.look}`, [...way.shell.split(' '), '-c']);
  assert.ok(way.codes.includes(code ?? -1), `${typed} ended with ${code}\n${said}`);
  assert.match(out, way.prints, typed);
  assert.doesNotMatch(said, /internal error|^ {4}at |command not found/m, typed);
}

/** The second Ctrl-C leaves out the delay, which the pages say. */
async function interrupt(running: Running | null): Promise<void> {
  if (running === null) return;
  const [session, codes] = running;
  session.press(CTRL_C);
  await session.shows(/ (terminating|exited) /);
  session.press(CTRL_C);
  const code = await session.ended();
  assert.ok(codes.includes(code ?? -1), `it ended with ${code}\n${session.shown()}`);
  assert.doesNotMatch(session.shown(), /internal error| warning |^ {4}at /m);
}
