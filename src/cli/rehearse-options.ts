import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Command, Option as CommanderOption } from 'commander';
import { readArguments } from '../config/argv.ts';
import type { Config, GivenOption } from '../config/config.ts';
import { OPTIONS } from '../config/options/table.ts';
import type { PodManifest } from '../config/pod-manifest/pod.ts';
import { readPodManifest } from '../config/pod-manifest/read.ts';
import { readConfig } from '../config/resolve.ts';
import { number, type ReadValue } from '../config/values.ts';
import { parseDuration } from '../duration.ts';
import { EXIT_CONFIG, EXIT_USAGE } from '../exit/exit-codes.ts';
import { commandLine, helpHint, readWords } from './command-line.ts';
import { sentences } from './help-layout.ts';
import { flagOf, type RehearseOptionName, ROWS } from './rehearse-rows.ts';
import { splitRehearseWords } from './rehearse-words.ts';

/** How the app is to be rehearsed. Times in milliseconds. */
export type RehearseOptions = {
  readonly command: readonly string[];
  /** The options of k8s-run for the replicas, as they were written on the command line and in the manifest. */
  readonly passed: readonly string[];
  /** The flags among them that come from the manifest. */
  readonly fromManifest: readonly string[];
  readonly config: Config;
  /** The file of --manifest, and its first workload. */
  readonly manifest: string | null;
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

export type RehearseOptionsResult =
  | { readonly ok: RehearseOptions; readonly warnings: readonly string[] }
  | { readonly code: number; readonly text: string };

const DESCRIPTION =
  'Rehearses a rolling update of the app on this machine: replicas under k8s-run, a kubelet that probes and terminates them, a Service whose nodes learn of changes late, and a load of requests. Reports how many requests failed, why, and what to change. Exits with 0 when nothing was lost, with 1 when something was.';

const AFTER = `
The options of k8s-run (--shutdown-delay, --grace …) are accepted, too, and passed to the replicas.
{PORT} in the command is replaced by the port of each replica.

  k8s-run rehearse -- node server.js
  k8s-run rehearse --compare --report rollout.html -- node server.js
  k8s-run rehearse --manifest deploy.yaml --rate 200 --paths /,/api/items -- ./server --port {PORT}`;

/** Reads the words after `rehearse`. A number is the exit code where everything has been said. */
export async function readRehearseOptions(
  words: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<RehearseOptionsResult | number> {
  const { own, passed, command } = splitRehearseWords(words);
  const program = commandLine('rehearse', DESCRIPTION)
    .usage('[options] -- <command> [args…]')
    .addHelpText('after', sentences(AFTER));
  for (const { flags, help, fallback } of Object.values(ROWS)) {
    const option = new CommanderOption(flags, help);
    // The second argument is what the help shows; without it commander puts the first one in quotes.
    program.addOption(fallback === null ? option : option.default(fallback, fallback));
  }
  const parsed = readWords(program, own);
  if (typeof parsed === 'number') return parsed;
  if (command.length === 0)
    return refuse(['cannot rehearse: no command given; write k8s-run rehearse [options] -- <command>'], EXIT_USAGE);
  const line = readArguments([...passed, '--', ...command]);
  if (line.kind !== 'supervise') return EXIT_USAGE;
  if (line.mistakes.length > 0)
    return refuse(
      line.mistakes.map(({ text }) => text),
      EXIT_USAGE,
    );
  return resolve(parsed, { ...line, passed }, environment);
}

async function resolve(
  parsed: Command,
  line: {
    readonly flags: readonly GivenOption[];
    readonly command: readonly string[];
    readonly passed: readonly string[];
  },
  environment: NodeJS.ProcessEnv,
): Promise<RehearseOptionsResult> {
  const given = parsed.opts<Partial<Record<RehearseOptionName, string | boolean>>>();
  const mistakes: string[] = [];
  const readValue = <T>(name: RehearseOptionName, read: (text: string) => ReadValue<T>, otherwise: T): T => {
    const text = String(given[name] ?? '');
    const value = read(text);
    if ('ok' in value) return value.ok;
    mistakes.push(`cannot use ${flagOf(ROWS[name])} ${JSON.stringify(text)}: ${value.problem}`);
    return otherwise;
  };
  const read = typeof given.manifest === 'string' ? readPodManifest(given.manifest) : null;
  if (read !== null && 'mistakes' in read) mistakes.push(...read.mistakes);
  const workload = read !== null && 'ok' in read ? read.ok : null;
  const fromManifest = (workload?.options ?? []).filter(({ key }) => line.flags.every((flag) => flag.key !== key));
  const config = await readConfig([...fromManifest, ...line.flags], { ...environment, ...workload?.environment });
  if ('mistakes' in config) mistakes.push(...config.mistakes.map(({ text }) => text));
  const values = {
    replicas: readValue('replicas', (text) => number(text, 1, 20, 'a whole number from 1 to 20'), 2),
    rollouts: readValue('rollouts', (text) => number(text, 1, 1_000, 'a whole number from 1 to 1000'), 1),
    rate: readValue('rate', (text) => number(text, 0, 2_000, 'a whole number from 0 to 2000'), 0),
    keptAlive: readValue('keptAlive', percentage, 0) / 100,
    paths: readValue('paths', paths, []),
    duration: readValue('duration', duration, 0),
    settle: readValue('settle', duration, 0),
    lag: readValue('lag', duration, 0),
    readyWithin: readValue('readyWithin', duration, 0),
    portVariable: readValue('portVariable', variable, ''),
    report: typeof given.report === 'string' ? readValue('report', reportFile, null) : null,
  };
  if (given.init === true && given.compare !== true)
    mistakes.push('cannot use --init: it only has a meaning with --compare; add --compare');
  if (mistakes.length > 0 || 'mistakes' in config) return refuse(mistakes, EXIT_CONFIG);
  const compare = given.compare === true ? (given.init === true ? 'init' : 'alone') : null;
  const ok: RehearseOptions = {
    ...values,
    ...{ command: line.command, config: config.ok, workload },
    manifest: typeof given.manifest === 'string' ? given.manifest : null,
    passed: [...fromManifest.map(({ key, text }) => `--${OPTIONS[key].flag}=${text}`), ...line.passed],
    fromManifest: [...new Set(fromManifest.map(({ key }) => `--${OPTIONS[key].flag}`))],
    ...{ seed: String(given.seed), compare, json: given.json === true },
  };
  return { ok, warnings: config.warnings };
}

function refuse(mistakes: readonly string[], code: number): RehearseOptionsResult {
  const lines = mistakes.map((mistake) => `k8s-run rehearse: ${mistake}`);
  return { code, text: [...lines, ...(code === EXIT_USAGE ? [helpHint('rehearse')] : [])].join('\n') };
}

const percentage = (text: string): ReadValue<number> =>
  number(text.replace(/%$/, ''), 0, 100, 'a percentage from 0 to 100');
const duration = (text: string): ReadValue<number> => {
  const read = parseDuration(text);
  return read === null ? { problem: 'not a duration; write 25s, 500ms, 1m30s, or a number of seconds' } : { ok: read };
};
const paths = (text: string): ReadValue<readonly string[]> => {
  const all = text.split(',').map((path) => path.trim());
  const areValid = all.every((path) => /^\/[\x21-\x7e]*$/.test(path));
  return areValid ? { ok: all } : { problem: 'each path must begin with / and have no space; write /,/api/items' };
};
const variable = (text: string): ReadValue<string> =>
  /^[A-Za-z_]\w*$/.test(text) ? { ok: text } : { problem: 'not the name of a variable; write HTTP_PORT' };
const reportFile = (text: string): ReadValue<string | null> => {
  if (!/\.(html?|svg)$/i.test(text))
    return { problem: 'neither a page nor a picture; write report.html or report.svg' };
  const folder = dirname(text);
  return existsSync(folder) ? { ok: text } : { problem: `there is no folder ${folder}; create it first` };
};
