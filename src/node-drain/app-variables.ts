import { join } from 'node:path';

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

/** As NODE_OPTIONS has it (nodejs.org/api/cli.html): a path with a space stands in double quotes, in which `\` escapes. */
function quoted(path: string): string {
  return /[\s"\\]/.test(path) ? `"${path.replace(/[\\"]/g, '\\$&')}"` : path;
}
