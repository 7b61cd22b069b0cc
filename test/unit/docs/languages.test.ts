import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const FOLDER = new URL('../../../docs/how-to/languages/', import.meta.url).pathname;
const ROOT = new URL('../../../', import.meta.url).pathname;
const PAGES = globSync('*.md', { cwd: FOLDER }).filter((name) => name !== 'README.md');
const read = (page: string): string => readFileSync(join(FOLDER, page), 'utf8');

/** The text below a heading. */
function sectionOf(text: string, heading: string): string {
  const [, section = ''] = text.split(`\n## ${heading}\n`);
  return section.split('\n## ')[0] ?? '';
}

/** The code of a section, a line a block. */
const linesOf = (section: string): readonly string[] =>
  [...section.matchAll(/^ *```\w+\n([\s\S]*?)^ *```$/gm)].map(([, code = '']) => code.trim());

const itemsOf = (section: string): readonly string[] =>
  section
    .split(/^- /m)
    .slice(1)
    .map((item) => item.trim());

/** Files of tests that an item links, and addresses of others; what it says has been run, or is somebody's word. */
function sourcesOf(item: string): readonly string[] {
  const links = [...item.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
  return links.filter((link) => /^https:\/\//.test(link) || existsSync(join(FOLDER, link.replace(/#.*/, ''))));
}

/** Every file of an example. */
function textOf(example: string): string {
  const files = globSync('**/*', { cwd: join(ROOT, 'examples', example), withFileTypes: true });
  return files
    .filter((file) => file.isFile() && !file.parentPath.includes('node_modules') && file.name !== 'README.md')
    .map((file) => readFileSync(join(file.parentPath, file.name), 'utf8'))
    .join('\n');
}

/** Without its indents: a page and a file have others. */
const spaced = (text: string): string => text.replace(/\s+/g, ' ');

test('each language has a page in the index, and its example names the page', () => {
  assert.ok(PAGES.length >= 10);
  for (const page of PAGES) {
    const [row] = read('README.md').match(new RegExp(`^\\| \\[[^\\]]+\\]\\(${page}\\).*$`, 'm')) ?? [];
    const example = /examples\/([\w-]+)\)/.exec(row ?? '')?.[1] ?? '';
    assert.ok(read(page).includes(`[examples/${example}](../../../examples/${example})`), page);
  }
});

for (const page of PAGES) {
  test(`${page}: its three lines are in its example, and each claim has a test or a source`, () => {
    const text = read(page);
    const lines = sectionOf(text, 'The three lines');
    const example = /\[examples\/([\w-]+)\]/.exec(lines)?.[1] ?? '';
    const code = linesOf(lines);
    assert.equal(code.length, 3);
    for (const line of code) assert.ok(spaced(textOf(example)).includes(spaced(line)), `${example} has no ${line}`);
    for (const heading of ['What SIGTERM does', 'Known traps']) {
      const items = itemsOf(sectionOf(text, heading));
      assert.ok(items.length >= 2, heading);
      for (const item of items) assert.notEqual(sourcesOf(item).length, 0, item);
    }
  });
}

test('a line that no example has, and a claim without a source, would be found', () => {
  assert.ok(!textOf('deno').includes('Deno.addSignalListener("SIGTERM"'));
  assert.deepEqual(sourcesOf('It waits. [So](no/such/test.ts) `[x](y)`'), []);
  assert.deepEqual(itemsOf('\n- One\n  and more\n- Two\n'), ['One\n  and more', 'Two']);
  assert.deepEqual(linesOf('1. A\n\n   ```ts\n   a();\n   ```\n'), ['a();']);
});
