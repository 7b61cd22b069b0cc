import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { BIN } from '../test/rig/supervised.ts';
import { isInstalled } from './installed.ts';

/** Somebody who can start an app. All are executed as a container would: by their own file, shebang and all. */
export type Contender = {
  readonly name: string;
  /** The command line. What else it takes to start an app (a folder, a file) is made with it. */
  readonly starting: (app: readonly string[]) => readonly string[];
};

const fileOf = (name: string): string => new URL(name, import.meta.url).pathname;

export const APP: string = fileOf('./app.js');

export const BARE_NODE: Contender = { name: 'bare node', starting: (app) => [fileOf('./bare.js'), ...app] };
export const BARE_NODE_CJS: Contender = {
  name: 'bare node, CommonJS',
  starting: (app) => [fileOf('./bare.cjs'), ...app],
};
/** Runs no app: it only shows how soon Node can catch a signal. */
export const BARE_HANDLER: Contender = { name: 'bare node, handler first', starting: () => [fileOf('./handler.js')] };

/** With its default options, save that the health port is any free one; more options may follow. */
export function k8sRun(name: string, ...options: readonly string[]): Contender {
  return { name, starting: (app) => [BIN, '--health-port=0', ...options, '--', ...app] };
}

/** The folder of `npm run build:bundle`: in its place if it is there, else as it was built. None without it. */
const FOLDER = ['/opt/k8s-run', fileOf(`../dist-bundle/${process.arch}/k8s-run`)].find((each) =>
  existsSync(`${each}/bin/k8s-run`),
);

/** The same in the portable folder; nobody where it was not built. */
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

/** The inits in C that are on this machine: a process that starts an app, passes signals on and reaps. */
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
