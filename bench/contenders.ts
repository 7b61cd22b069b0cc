import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { BIN } from '../test/rig/supervised.ts';
import { isInstalled } from './installed.ts';

/** A program that starts an app. All are executed as in a container: by their own file and shebang. */
export type Contender = {
  readonly name: string;
  /** The command line. Files and folders that it needs are created with it. */
  readonly starting: (app: readonly string[]) => readonly string[];
};

const fileOf = (name: string): string => new URL(name, import.meta.url).pathname;

export const APP: string = fileOf('./app.js');

export const BARE_NODE: Contender = { name: 'bare node', starting: (app) => [fileOf('./bare.js'), ...app] };
export const BARE_NODE_CJS: Contender = {
  name: 'bare node, CommonJS',
  starting: (app) => [fileOf('./bare.cjs'), ...app],
};
/** Runs no app: shows only how soon Node can catch a signal. */
export const BARE_HANDLER: Contender = { name: 'bare node, handler first', starting: () => [fileOf('./handler.js')] };

/** k8s-run with its default options, except that the health port is any free one, and with `options`. */
export function k8sRun(name: string, ...options: readonly string[]): Contender {
  return { name, starting: (app) => [BIN, '--health-port=0', ...options, '--', ...app] };
}

/** The portable folder of `npm run build:bundle`; undefined before that, or after a later `npm run build`. */
const FOLDER = [fileOf(`../dist-bundle/${process.arch}/k8s-run`)].find((each) =>
  isSame(`${each}/lib/program/dist/main.js`, fileOf('../dist/main.js')),
);

function isSame(one: string, other: string): boolean {
  return existsSync(one) && readFileSync(one).equals(readFileSync(other));
}

/** The same from the portable folder; empty when it was not built from these sources. */
export function inFolder(name: string, ...options: readonly string[]): readonly Contender[] {
  if (FOLDER === undefined) return [];
  const starting = (app: readonly string[]): readonly string[] => [
    `${FOLDER}/bin/k8s-run`,
    '--health-port=0',
    ...options,
    '--',
    ...app,
  ];
  return [{ name, starting }];
}

const ALL_INITS: readonly Contender[] = ['tini', 'dumb-init', 'catatonit'].map((name) => ({
  name,
  starting: (app) => [name, '--', ...app],
}));

/** The installed inits in C: they start an app, pass signals on and reap. */
export const INITS: readonly Contender[] = ALL_INITS.filter(({ name }) => isInstalled(name));
export const ABSENT_INITS: readonly string[] = ALL_INITS.map(({ name }) => name).filter((name) => !isInstalled(name));

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
