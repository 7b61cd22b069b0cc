import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Command } from 'commander';
import { readArguments } from '../config/argv.ts';
import type { Config, ConfigMistake, GivenOption } from '../config/config.ts';
import { OPTIONS, type Option } from '../config/options/table.ts';
import type { PodManifest } from '../config/pod-manifest/pod.ts';
import { readPodManifest } from '../config/pod-manifest/read.ts';
import { readConfig } from '../config/resolve.ts';
import { number, type ReadValue } from '../config/values.ts';
import { parseDuration } from '../duration.ts';
import type { CommandOption } from './command-file.ts';
import { commandLine, EXIT_USAGE, readWords } from './command-line.ts';

/** How the app is to be rehearsed. Times in milliseconds. */
export type Wishes = {
  readonly command: readonly string[];
  /** k8s-run's own options, as they were written here and in the manifest, for the replicas. */
  readonly passed: readonly string[];
  /** The flags among them that were not written here, but in the manifest. */
  readonly taken: readonly string[];
  readonly config: Config;
  readonly workload: PodManifest | null;
  readonly replicas: number;
  readonly rollouts: number;
  readonly rate: number;
  /** From 0 to 1. */
  readonly keptAlive: number;
  readonly paths: readonly string[];
  readonly duration: number;
  readonly settle: number;
  readonly lag: number;
  readonly seed: string;
  readonly readyWithin: number;
  readonly portVariable: string;
  readonly compare: 'alone' | 'init' | null;
  readonly report: string | null;
  readonly json: boolean;
};

export type ReadWishes =
  | { readonly ok: Wishes; readonly warnings: readonly string[] }
  | { readonly code: number; readonly text: string };

/** sysexits(3): EX_CONFIG. */
const EXIT_CONFIG = 78;

type Row = { readonly flags: string; readonly help: string; readonly fallback: string | null };

/** Its own options; those of k8s-run are taken besides. */
const ROWS = {
  manifest: row(
    '--manifest <file>',
    'take probes, env, preStop, terminationGracePeriodSeconds and the options of its k8s-run from it',
  ),
  compare: row('--compare', 'play the same rollout without k8s-run too, the app being PID 1'),
  init: row('--init', 'with --compare: the app has an init such as tini in front, which passes SIGTERM on at once'),
  rate: row('--rate <n>', 'requests a second; 0 for none', '50'),
  keptAlive: row('--kept-alive <percent>', 'of them on connections that are kept, the others on new ones', '30'),
  paths: row('--paths <paths>', 'what is asked for, in turn: /,/api/items', '/'),
  rollouts: row('--rollouts <n>', 'how many, one after the other', '1'),
  replicas: row('--replicas <n>', 'how many pods are wanted', '2'),
  duration: row('--duration <duration>', 'how long the load lasts at the least', '0s'),
  settle: row('--settle <duration>', 'load before the first rollout and after each', '2s'),
  lag: row('--lag <duration>', 'nodes hear up to so much later that a pod has come or gone', '3s'),
  seed: row('--seed <text>', 'the same one draws the same lots: lags, endpoints, arrivals', '1'),
  readyWithin: row('--ready-within <duration>', 'an app that is not ready by then never will be', '30s'),
  portVariable: row('--port-variable <name>', 'the variable that the app takes its port from', 'PORT'),
  report: row('--report <file>', 'write a page (.html), or its picture alone (.svg)'),
  json: row('--json', 'print every fact as JSON'),
} as const satisfies Readonly<Record<string, Row>>;
type Key = keyof typeof ROWS;

/** What shells complete, and the man page lists. */
export const TAKEN: readonly CommandOption[] = Object.values<Row>(ROWS).map(({ flags, help }) => ({ flags, help }));

function row(flags: string, help: string, fallback: string | null = null): Row {
  return { flags, help, fallback };
}

const DESCRIPTION =
  'Plays a rolling update against the app on this machine: replicas under k8s-run, a kubelet that probes and ends them, a Service that hears late of it, and users. Tells what they would have felt, and what to change. Exits 0 when nothing was lost, 1 when something was.';

const AFTER = `
k8s-run's own options (--shutdown-delay, --grace, --ready …) are taken too, and given to the replicas.
{PORT} in the command becomes the port of each replica.

  k8s-run rehearse -- node server.js
  k8s-run rehearse --compare --report rollout.html -- node server.js
  k8s-run rehearse --manifest deploy.yaml --rate 200 --paths /,/api/items -- ./server --port {PORT}`;

/** Reads the words after `rehearse`, or says all that is wrong with them, with the exit code. */
export async function readWishes(
  words: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<ReadWishes | number> {
  const { own, passed, command } = split(words);
  const program = commandLine('rehearse', DESCRIPTION)
    .usage('[options] -- <command> [args…]')
    .addHelpText('after', AFTER);
  for (const { flags, help, fallback } of Object.values<Row>(ROWS))
    program.option(flags, help, ...(fallback === null ? [] : [fallback]));
  const parsed = readWords(program, own);
  if (typeof parsed === 'number') return parsed;
  if (command.length === 0)
    return {
      code: EXIT_USAGE,
      text: 'k8s-run rehearse: no command to rehearse; write k8s-run rehearse [options] -- command',
    };
  const line = readArguments([...passed, '--', ...command]);
  if (line.kind !== 'supervise') return EXIT_USAGE;
  if (line.mistakes.length > 0) return { code: EXIT_USAGE, text: told(line.mistakes) };
  return collected(parsed, { ...line, passed }, environment);
}

async function collected(
  parsed: Command,
  line: {
    readonly flags: readonly GivenOption[];
    readonly command: readonly string[];
    readonly passed: readonly string[];
  },
  environment: NodeJS.ProcessEnv,
): Promise<ReadWishes> {
  const given = parsed.opts<Partial<Record<Key, string | boolean>>>();
  const problems: string[] = [];
  const take = <T>(key: Key, read: (text: string) => ReadValue<T>, otherwise: T): T => {
    const text = String(given[key] ?? '');
    const value = read(text);
    if ('ok' in value) return value.ok;
    problems.push(`cannot use ${ROWS[key].flags.split(' ')[0]} ${JSON.stringify(text)}: ${value.problem}`);
    return otherwise;
  };
  const workload = typeof given.manifest === 'string' ? readPodManifest(given.manifest) : null;
  if (workload !== null && 'mistakes' in workload) problems.push(...workload.mistakes);
  const described = workload !== null && 'ok' in workload ? workload.ok : null;
  const taken = (described?.options ?? []).filter(({ key }) => line.flags.every((flag) => flag.key !== key));
  const config = await readConfig([...taken, ...line.flags], { ...environment, ...described?.environment });
  if ('mistakes' in config) problems.push(...config.mistakes.map(({ text }) => text));
  const wishes = {
    replicas: take('replicas', (text) => number(text, 1, 20, 'a whole number from 1 to 20'), 2),
    rollouts: take('rollouts', (text) => number(text, 1, 1_000, 'a whole number from 1 to 1000'), 1),
    rate: take('rate', (text) => number(text, 0, 2_000, 'a whole number from 0 to 2000'), 0),
    keptAlive:
      take('keptAlive', (text) => number(text.replace(/%$/, ''), 0, 100, 'a percentage from 0 to 100'), 0) / 100,
    paths: take('paths', paths, []),
    duration: take('duration', duration, 0),
    settle: take('settle', duration, 0),
    lag: take('lag', duration, 0),
    readyWithin: take('readyWithin', duration, 0),
    portVariable: take('portVariable', variable, ''),
    report: typeof given.report === 'string' ? take('report', page, null) : null,
  };
  if (given.init === true && given.compare !== true)
    problems.push('cannot use --init: it is about the comparison; add --compare');
  if (problems.length > 0 || 'mistakes' in config) return { code: EXIT_CONFIG, text: problems.join('\n') };
  const compare = given.compare === true ? (given.init === true ? 'init' : 'alone') : null;
  const ok: Wishes = {
    ...wishes,
    ...{ command: line.command, config: config.ok, workload: described },
    passed: [...taken.map(({ key, text }) => `--${OPTIONS[key].flag}=${text}`), ...line.passed],
    taken: [...new Set(taken.map(({ key }) => `--${OPTIONS[key].flag}`))],
    ...{ seed: String(given.seed), compare, json: given.json === true },
  };
  return { ok, warnings: config.warnings };
}

const told = (mistakes: readonly ConfigMistake[]): string =>
  mistakes.map(({ text }) => `k8s-run rehearse: ${text}`).join('\n');

const duration = (text: string): ReadValue<number> => {
  const read = parseDuration(text);
  return read === null ? { problem: 'not a duration; write 25s, 500ms, 1m30s, or a number of seconds' } : { ok: read };
};
const paths = (text: string): ReadValue<readonly string[]> => {
  const all = text.split(',').map((path) => path.trim());
  const right = all.every((path) => /^\/[\x21-\x7e]*$/.test(path));
  return right ? { ok: all } : { problem: 'each must begin with / and hold no space; write /,/api/items' };
};
const variable = (text: string): ReadValue<string> =>
  /^[A-Za-z_]\w*$/.test(text) ? { ok: text } : { problem: 'not the name of a variable' };
const page = (text: string): ReadValue<string | null> => {
  if (!/\.(html?|svg)$/i.test(text))
    return { problem: 'neither a page nor a picture; write report.html or report.svg' };
  return existsSync(dirname(text)) ? { ok: text } : { problem: `there is no folder ${dirname(text)}` };
};

/** Cuts the words into those of rehearse itself, those of k8s-run's options, and the app's command. */
function split(words: readonly string[]): Readonly<Record<'own' | 'passed' | 'command', readonly string[]>> {
  const own: string[] = [];
  const passed: string[] = [];
  let index = 0;
  for (; index < words.length; index += 1) {
    const word = words[index] ?? '';
    if (word === '--' || !word.startsWith('-') || word === '-') break;
    const name = word.replace(/=.*$/s, '');
    const option = Object.values(OPTIONS as Readonly<Record<string, Option<unknown>>>).find(
      ({ flag }) => name === `--${flag}` || name === `--no-${flag}`,
    );
    const row = Object.values<Row>(ROWS).find(({ flags }) => flags.split(' ')[0] === name);
    const to = row === undefined && option !== undefined ? passed : own;
    to.push(word);
    const takes = row === undefined ? option?.takes != null : row.flags.includes('<');
    const next = words[index + 1];
    if (takes && name === word && next !== undefined && next !== '--') {
      to.push(next);
      index += 1;
    }
  }
  const command = words.slice(words[index] === '--' ? index + 1 : index);
  return { own, passed, command };
}
