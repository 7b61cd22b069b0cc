import { readdirSync, readFileSync } from 'node:fs';
import { join, normalize } from 'node:path/posix';
import { transformSync } from 'esbuild';

/** A file of src/, and what it says. `path` is below src/. */
export type Source = { readonly path: string; readonly text: string };

/** `type` is gone at run time; `lazy` is import(), for when it is needed. */
export type Import = { readonly kind: 'static' | 'type' | 'lazy'; readonly to: string };

const SRC = new URL('../../../src/', import.meta.url).pathname;

export function readSources(): readonly Source[] {
  const paths = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'));
  return paths.sort().map((path) => ({ path, text: readFileSync(join(SRC, path), 'utf8') }));
}

/** What a file imports: `./` and `../` as paths below src/, `node:fs` and packages by name. */
export function importsOf({ path, text }: Source): readonly Import[] {
  const stated = text.matchAll(/^\s*(?:import|export)\s+(type\s+)?(?:[\w$*{][^'"();]*?\sfrom\s+)?['"]([^'"]+)['"]/gm);
  const lazy = text.matchAll(/\bimport\(\s*(?:['"]([^'"]+)['"])?/g);
  return [
    ...[...stated].map(([, type, to = '']) => ({ kind: type === undefined ? 'static' : 'type', to }) as const),
    ...[...lazy].map(([, to = '(computed)']) => ({ kind: 'lazy', to }) as const),
  ].map(({ kind, to }) => ({ kind, to: to.startsWith('.') ? normalize(join(path, '..', to)) : to }));
}

/** The code without its types and comments, in which words may stand that the code must not hold. */
export function codeOf(source: Source): string {
  const known = codes.get(source);
  if (known !== undefined) return known;
  const options = { loader: 'ts', minifyWhitespace: true, legalComments: 'none' } as const;
  const code = source.path.endsWith('.d.ts') ? '' : transformSync(source.text, options).code;
  codes.set(source, code);
  return code;
}
/** Each file is asked for many words, and each transformation is a question to another process. */
const codes = new WeakMap<Source, string>();

/** The folder of a file is its room; a file at the top is a room by itself. */
export function roomOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.indexOf('/')) : path;
}
