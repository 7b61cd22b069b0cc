import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BIN, cleanEnvironment, type Supervised, startWords } from './supervised.ts';
import { makeTree } from './tree.ts';

/** The code blocks of a page of docs/how-to in one language. */
export function blocksOf(page: string, language: string): readonly string[] {
  const text = readFileSync(new URL(`../../docs/how-to/${page}`, import.meta.url), 'utf8');
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(
    ([, block = '']) => block,
  );
}

/** The one command line in a page's `sh` blocks that contains `part`. */
export function commandWith(page: string, part: string): string {
  const lines = blocksOf(page, 'sh').flatMap((block) => block.trim().split('\n'));
  const found = lines.filter((line) => line.includes(part));
  if (found.length !== 1) throw new Error(`${found.length} command lines of ${page} contain ${part}`);
  return found[0] ?? '';
}

export type Example = Supervised & { readonly folder: string };

/**
 * Runs a command line of a page, with k8s-run on PATH. `files` are programs in its folder, or on PATH when their names begin
 * with `bin/`; `elsewhere` replaces paths of the page by paths that exist here.
 */
export function typed(
  command: string,
  files: Readonly<Record<string, string>>,
  elsewhere: Readonly<Record<string, string>> = {},
  variables: NodeJS.ProcessEnv = {},
): Example {
  const tree = makeTree({});
  const put = (name: string, text: string): void => {
    mkdirSync(join(tree.root, name, '..'), { recursive: true });
    writeFileSync(join(tree.root, name), text);
    chmodSync(join(tree.root, name), 0o755);
  };
  put('bin/k8s-run', `#!/bin/sh\nexec "${process.execPath}" "${BIN}" "$@"\n`);
  for (const [name, text] of Object.entries(files)) put(name, text);
  let line = command;
  for (const [there, here] of Object.entries(elsewhere)) {
    if (!line.includes(there)) throw new Error(`${command} has no ${there}`);
    line = line.replaceAll(there, here.replace(/^\.(?=\/)/, tree.root));
  }
  const run = startWords([], {
    program: ['sh', '-c', `exec ${line}`],
    cwd: tree.root,
    env: {
      ...cleanEnvironment(),
      PATH: `${join(tree.root, 'bin')}:${join(process.execPath, '..')}:${process.env['PATH']}`,
      K8S_RUN_HEALTH_PORT: '0',
      ...variables,
    },
  });
  return {
    ...run,
    folder: tree.root,
    async [Symbol.asyncDispose]() {
      await run[Symbol.asyncDispose]();
      tree[Symbol.dispose]();
    },
  };
}
