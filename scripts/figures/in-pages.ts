import { globSync } from 'node:fs';
import { FIGURES } from './catalog.ts';

const MARKED = /(<!-- figure: ([^>]+?) -->)(.*?)(<!-- end -->)/g;
const ROOT = new URL('../../', import.meta.url).pathname;

/** README and the pages of docs/, without the decisions, which have the figures of their day. */
export const PAGES: readonly string[] = globSync(['README.md', 'docs/**/*.md'], { cwd: ROOT })
  .filter((page) => !page.startsWith('docs/decisions/'))
  .sort();

/** The page with each figure as its table has it. A mark of a figure that does not exist is an error. */
export function withFigures(page: string, text: string): string {
  return text.replace(MARKED, (_all, begin: string, name: string, _old: string, end: string) => {
    const figure = FIGURES[name];
    if (figure === undefined) throw new Error(`${page}: there is no figure "${name}"`);
    return `${begin}${figure()}${end}`;
  });
}

/** The names of the figures that a page has. */
export function figuresIn(text: string): readonly string[] {
  return [...text.matchAll(MARKED)].map(([, , name = '']) => name);
}
