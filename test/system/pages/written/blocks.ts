import { globSync, readFileSync } from 'node:fs';

const ROOT = new URL('../../../../', import.meta.url).pathname;

/** What a stranger reads first, and types. */
export const PAGES: readonly string[] = [
  'README.md',
  'docs/tutorial.md',
  ...globSync('docs/how-to/*.md', { cwd: ROOT }).sort(),
];

/** `language`: '' where the page names none. `text` without the indent of a list. */
export type Block = { readonly language: string; readonly text: string };

export function blocksOf(text: string): readonly Block[] {
  return [...text.matchAll(/^( *)(```+)(\w*).*\n([\s\S]*?)^\1\2$/gm)].map(
    ([, indent = '', , language = '', block = '']) => ({
      language,
      text: block.replace(new RegExp(`^${indent}`, 'gm'), ''),
    }),
  );
}

export const readBlocks = (page: string): readonly Block[] => blocksOf(readFileSync(`${ROOT}${page}`, 'utf8'));

/** What is typed, a line each: one that is continued is one, and remarks are left out. */
export function linesOf({ language, text }: Block): readonly string[] {
  const typed = language === 'console' ? text.replace(/^(?!\$ ).*\n/gm, '').replace(/^\$ /gm, '') : text;
  return typed
    .replace(/\\\n\s*/g, '')
    .split('\n')
    .map((line) => line.replace(/(^| +)# .*$/, ''))
    .filter((line) => line !== '');
}
