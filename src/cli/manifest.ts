import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Config, GivenOption } from '../config/config.ts';
import { OPTIONS, type Option, type OptionKey, variableFor } from '../config/options/table.ts';
import { probePortOf } from '../config/probe-spec.ts';
import { readConfig } from '../config/resolve.ts';
import { shutdownPhases } from '../config/shutdown-budget.ts';
import { formatDuration } from '../duration.ts';
import { manifests } from '../manifest/manifests.ts';
import { mayBeSecret } from '../manifest/secrets.ts';
import { helmValues, kustomization } from '../manifest/snippets.ts';
import type { Wanted } from '../manifest/wanted.ts';
import type { Invocation } from './command.ts';
import { type Own, readOwn, takes } from './manifest-options.ts';
import { print, STDERR } from './print.ts';
import { readWithOptions } from './with-options.ts';

export { takes };
export const operands = 'options';

/** sysexits(3): EX_USAGE, EX_CONFIG. */
const EXIT_USAGE = 64;
const EXIT_CONFIG = 78;
/** Left at the end of the pod's time, beyond what is needed at the least: for a node that is busy. In milliseconds. */
const SPARE = 3_000;

const ABOUT =
  'Prints a Deployment, a Service and a PodDisruptionBudget that agree with the options of k8s-run, with the reasons in comments.';

/** `k8s-run manifest`: the YAML goes to stdout, whatever is wrong to stderr, all at once. */
export async function run({ words, environment, commands }: Invocation): Promise<number> {
  const read = readWithOptions('manifest', ABOUT, takes, words);
  if (typeof read === 'number') return read;
  const { own, mistakes } = readOwn(read.own);
  const parsed = await readConfig(read.flags, environment);
  for (const warning of parsed.warnings) print(`k8s-run manifest: ${warning}\n`, STDERR);
  const wrong = [...mistakes, ...('mistakes' in parsed ? parsed.mistakes.map(({ text }) => text) : [])];
  if (read.command.length === 0)
    return refuse(['no command to run; write k8s-run manifest [options] -- command', ...wrong], EXIT_USAGE);
  if ('mistakes' in parsed) return refuse(wrong, EXIT_CONFIG);
  const config = parsed.ok;
  const { healthPort } = config;
  if (typeof healthPort !== 'number' || healthPort === 0)
    wrong.push(
      `cannot use --health-port ${healthPort} in a manifest: the kubelet must know whom to ask; name a port, or leave it out for ${OPTIONS.healthPort.fallback}`,
    );
  const port = appPort(own, config);
  if (port?.number === healthPort)
    wrong.push(
      `cannot use port ${healthPort} for the app: it is the health port of k8s-run; give one of them another with --port or --health-port`,
    );
  if (wrong.length > 0) return refuse(wrong, EXIT_CONFIG);
  const { name, namespace, image, replicas, cpu, memory, entrypoint } = own;
  const wanted: Wanted = {
    name,
    namespace,
    image,
    replicas,
    cpu,
    memory,
    entrypoint,
    port,
    // With an entrypoint of ours, which ends in `--`, no word can be taken for one of k8s-run.
    ...commandLineOf(read.flags, environment, read.command, entrypoint === null ? Object.keys(commands) : null),
    file: fileOf(read.flags, environment),
    health: { port: Number(healthPort), asked: isLoopback(config.healthHost) ? 'by exec' : 'by http' },
    shutdown: shutdownIn(config),
  };
  const write = read.own.has('kustomize') ? kustomization : read.own.has('helm-values') ? helmValues : manifests;
  print(write(wanted));
  return 0;
}

function refuse(sentences: readonly string[], code: number): number {
  const hint = code === EXIT_USAGE ? 'k8s-run manifest --help lists what it takes\n' : '';
  print(`${sentences.map((sentence) => `k8s-run manifest: ${sentence}\n`).join('')}${hint}`, STDERR);
  return code;
}

/** The one that was named; else the one that readiness is asked at; else, where that needs none, none. */
function appPort({ port }: Own, { ready }: Config): Wanted['port'] {
  const grpc = ready.kind === 'grpc';
  if (port === 'none') return null;
  if (port !== null) return { number: port, assumed: false, grpc };
  if (ready.kind === 'auto') return { number: 8080, assumed: true, grpc };
  const number = probePortOf(ready);
  return number === null ? null : { number, assumed: false, grpc };
}

/** Options become variables, but those whose value has the comma in it that parts several values of a variable. */
function commandLineOf(
  flags: readonly GivenOption[],
  environment: Invocation['environment'],
  command: readonly string[],
  commands: readonly string[] | null,
): Pick<Wanted, 'options' | 'variables' | 'command'> {
  const options: string[] = [];
  const variables: (readonly [string, string])[] = [];
  for (const key of Object.keys(OPTIONS) as OptionKey[]) {
    if (key === 'config') continue;
    const option: Option<unknown> = OPTIONS[key];
    const name = variableFor(option);
    const texts = flags.filter((flag) => flag.key === key).map(({ text }) => text);
    const inherited = environment[name];
    if (texts.length === 0) {
      if (inherited) variables.push([name, inherited]);
    } else if (option.repeats !== true) variables.push([name, texts.at(-1) ?? '']);
    else if (texts.some((text) => text.includes(',') || text.trim() !== text))
      options.push(...texts.flatMap((text) => [`--${option.flag}`, text]));
    else variables.push([name, texts.join(',')]);
  }
  const [first = ''] = command;
  const hidden = commands !== null && options.length === 0 && (first.startsWith('-') || commands.includes(first));
  return { options, variables, command: hidden ? ['--', ...command] : command };
}

function fileOf(flags: readonly GivenOption[], environment: Invocation['environment']): Wanted['file'] {
  const path =
    flags.findLast(({ key, text }) => key === 'config' && text !== '')?.text ??
    environment[variableFor(OPTIONS.config)];
  if (!path) return null;
  const text = readFileSync(path, 'utf8');
  const name = basename(path);
  return { name: /^[\w.-]+$/.test(name) ? name : 'k8s-run.yaml', text: mayBeSecret(text) ? null : text };
}

/** The pod's time: what was said, else all that the shutdown may take and something to spare, in whole seconds. */
function shutdownIn(config: Config): Wanted['shutdown'] {
  const { phases, reserve } = shutdownPhases(config);
  const needed = phases.reduce((sum, [, ms]) => sum + ms, reserve);
  const total = config.terminationGracePeriod ?? needed + SPARE;
  const seconds = Math.ceil(total / 1_000);
  const left = seconds * 1_000 - needed + reserve;
  const sum = [...phases.map(([name, ms]) => `${name} ${formatDuration(ms)}`), `${formatDuration(left)} in reserve`];
  return { seconds, sum: sum.join(' + ') };
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}
