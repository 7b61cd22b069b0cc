import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { COMMANDS } from '../../../src/cli/commands.ts';
import { readArguments } from '../../../src/config/argv.ts';
import { readConfig } from '../../../src/config/resolve.ts';
import { needs } from '../../rig/needs.ts';

const skip = needs('bash');

const ROOT = new URL('../../../', import.meta.url).pathname;
const PAGES = ['README.md', ...globSync('docs/**/*.md', { cwd: ROOT })].sort();

/** What is typed on a page in its `sh` blocks and begins with k8s-run; `console` blocks are run by how-to.test.ts. */
function commandLinesOf(page: string): readonly string[] {
  const text = readFileSync(`${ROOT}${page}`, 'utf8');
  return [...text.matchAll(/^ *```sh\n([\s\S]*?)^ *```$/gm)].flatMap(([, block = '']) =>
    block
      .replace(/\\\n\s*/g, ' ')
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line.startsWith('k8s-run ')),
  );
}

/** As a shell cuts it, up to what is another command or a file. */
function wordsOf(line: string): readonly string[] {
  const [own = ''] = line.split(/ [|>] ?/);
  const script = `k8s-run() { printf '%s\\0' "$@"; exit; }\n${own}`;
  return execFileSync('bash', ['-c', script], { encoding: 'utf8' }).split('\0').slice(0, -1);
}

const LINES = PAGES.flatMap((page) => commandLinesOf(page).map((line) => ({ page, line })));

test('the how-to pages have command lines that start with k8s-run', () => {
  const pages = new Set(LINES.map(({ page }) => page));
  for (const page of ['config-file', 'configmaps-and-secrets', 'hooks', 'metrics', 'probes'])
    assert.ok(pages.has(`docs/how-to/${page}.md`), page);
});

for (const { page, line } of LINES) {
  test(`the command line on ${page} is valid: ${line}`, { skip }, async () => {
    const read = readArguments(wordsOf(line), new Set(Object.keys(COMMANDS)));
    if (read.kind !== 'supervise') return assert.notEqual(read.kind, 'version');
    assert.deepEqual(read.mistakes, []);
    // The file that a page speaks of is a test's of its own.
    const flags = read.flags.filter(({ key }) => key !== 'config');
    const parsed = await readConfig(flags, {});
    assert.ok('ok' in parsed, JSON.stringify(parsed));
    assert.deepEqual(parsed.warnings, []);
    assert.notEqual(read.command.length, 0);
  });
}
