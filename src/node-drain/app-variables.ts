import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The variable that tells the app where the events socket is. */
export const EVENTS_VARIABLE = 'K8S_RUN_EVENTS';

/** Beside the parts of the program that are loaded when they are needed: see scripts/build.ts. */
const PRELOAD: string = join(import.meta.dirname, 'node-drain.js');

export type AppVariables = {
  /** K8S_RUN_EVENTS: `@` and the name of the events socket. */
  readonly address: string;
  /** Whether the app, where it is Node, is given the preload. */
  readonly nodeDrain: boolean;
  readonly preload?: string;
};

/**
 * The environment with what `--events` and `--node-drain` add. What NODE_OPTIONS has already stays, and comes first, because a
 * preload of the user's may have to be the first one.
 */
export function withAppVariables(
  environment: NodeJS.ProcessEnv,
  { address, nodeDrain, preload = PRELOAD }: AppVariables,
): NodeJS.ProcessEnv {
  const events = { ...environment, [EVENTS_VARIABLE]: address };
  if (!nodeDrain) return events;
  const before = environment['NODE_OPTIONS'] ?? '';
  const option = `--require ${quoted(preload)}`;
  return { ...events, NODE_OPTIONS: before.trim() === '' ? option : `${before} ${option}` };
}

/**
 * Why a Node of another user could not start with the preload; null: it could. An app that root starts may change its user, and a preload
 * that it may not read ends it.
 */
export function preloadProblem(preload: string = PRELOAD): string | null {
  if (process.getuid?.() !== 0) return null;
  const OTHERS_READ = 0o004;
  const OTHERS_ENTER = 0o001;
  for (let path = preload, bit = OTHERS_READ; ; path = dirname(path), bit = OTHERS_ENTER) {
    if ((statSync(path).mode & bit) === 0)
      return `--node-drain: other users may not ${bit === OTHERS_READ ? 'read' : 'enter'} ${path}, so an app in Node that changes its user does not start`;
    if (path === dirname(path)) return null;
  }
}

/** As NODE_OPTIONS has it (nodejs.org/api/cli.html): a path with a space stands in double quotes, in which `\` escapes. */
function quoted(path: string): string {
  return /[\s"\\]/.test(path) ? `"${path.replace(/[\\"]/g, '\\$&')}"` : path;
}
