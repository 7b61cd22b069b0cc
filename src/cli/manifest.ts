import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Config, GivenOption } from '../config/config.ts';
import { OPTIONS, type Option, type OptionKey, variableFor } from '../config/options/table.ts';
import { type ProbeKind, probePortOf } from '../config/probe-spec.ts';
import { readConfig } from '../config/resolve.ts';
import { shutdownPhases } from '../config/shutdown-budget.ts';
import { formatDuration } from '../duration.ts';
import { EXIT_CONFIG, EXIT_USAGE } from '../exit/exit-codes.ts';
import { appObjects } from '../manifest/app-objects.ts';
import { helmValues } from '../manifest/helm-values.ts';
import { kustomization } from '../manifest/kustomization.ts';
import type { ManifestInput } from '../manifest/manifest-input.ts';
import { mayBeSecret } from '../manifest/secrets.ts';
import { readAppCommandLine } from './app-command-line.ts';
import type { Invocation } from './command-file.ts';
import { helpHint } from './command-line.ts';
import { type ManifestOptions, options, readManifestOptions } from './manifest-options.ts';
import { print, STDERR } from './print.ts';

export { options };
export const operands = 'app';

/** Whether a probe of this kind shows that the app's port speaks gRPC. */
const SPEAKS_GRPC: Readonly<Record<ProbeKind, boolean>> = {
  ...{ http: false, tcp: false, grpc: true },
  ...{ auto: false, process: false, none: false, exec: false, file: false },
};
/** Added to the pod's grace period beyond the shutdown budget, for a busy node. In milliseconds. */
const MARGIN = 3_000;

const DESCRIPTION =
  'Prints a Deployment, a Service and a PodDisruptionBudget that match the options of k8s-run. Comments in the YAML give the reasons.';

/** `k8s-run manifest`: prints the YAML to stdout, and all mistakes at once to stderr. */
export async function run({ words, environment, commands }: Invocation): Promise<number> {
  const read = readAppCommandLine('manifest', DESCRIPTION, options, words);
  if (typeof read === 'number') return read;
  const { own, mistakes } = readManifestOptions(read.ownOptions);
  const parsed = await readConfig(read.flags, environment);
  for (const warning of parsed.warnings) print(`k8s-run manifest: ${warning}\n`, STDERR);
  const allMistakes = [...mistakes, ...('mistakes' in parsed ? parsed.mistakes.map(({ text }) => text) : [])];
  if (read.command.length === 0)
    return refuse(
      ['cannot print a manifest: no command given; write k8s-run manifest [options] -- <command>', ...allMistakes],
      EXIT_USAGE,
    );
  if ('mistakes' in parsed) return refuse(allMistakes, EXIT_CONFIG);
  const config = parsed.ok;
  const { healthPort } = config;
  if (typeof healthPort !== 'number' || healthPort === 0)
    allMistakes.push(
      `cannot use --health-port ${healthPort} in a manifest: the kubelet needs a fixed port for its probes; give a port, or leave the option out for ${OPTIONS.healthPort.fallback}`,
    );
  const port = appPort(own, config);
  if (port?.number === healthPort)
    allMistakes.push(
      `cannot use port ${healthPort} for the app: it is the health port of k8s-run; change one of them with --port or --health-port`,
    );
  if (allMistakes.length > 0) return refuse(allMistakes, EXIT_CONFIG);
  const { name, namespace, image, replicas, cpu, memory, entrypoint } = own;
  const input: ManifestInput = {
    name,
    namespace,
    image,
    replicas,
    cpu,
    memory,
    entrypoint,
    port,
    // The command of --entrypoint ends in `--`, so that k8s-run takes no word of the app for its own.
    ...commandLineOf(read.flags, environment, read.command, entrypoint === null ? Object.keys(commands) : null),
    file: fileOf(read.flags, environment),
    health: { port: Number(healthPort), probedBy: isLoopback(config.healthHost) ? 'exec' : 'httpGet' },
    shutdown: shutdownIn(config),
  };
  const write = read.ownOptions.has('kustomize')
    ? kustomization
    : read.ownOptions.has('helm-values')
      ? helmValues
      : appObjects;
  print(write(input));
  return 0;
}

function refuse(mistakes: readonly string[], code: number): number {
  const hint = code === EXIT_USAGE ? `${helpHint('manifest')}\n` : '';
  print(`${mistakes.map((mistake) => `k8s-run manifest: ${mistake}\n`).join('')}${hint}`, STDERR);
  return code;
}

/** The port of --port; else the port of the readiness probe; else, if that needs no port, none. */
function appPort({ port }: ManifestOptions, { ready }: Config): ManifestInput['port'] {
  const grpc = SPEAKS_GRPC[ready.kind];
  if (port === 'none') return null;
  if (port !== null) return { number: port, assumed: false, grpc };
  if (ready.kind === 'auto') return { number: 8080, assumed: true, grpc };
  const number = probePortOf(ready);
  return number === null ? null : { number, assumed: false, grpc };
}

/** Options become variables. A repeatable option with a comma in a value stays an option, because a comma separates the values in a variable. */
function commandLineOf(
  flags: readonly GivenOption[],
  environment: Invocation['environment'],
  command: readonly string[],
  commands: readonly string[] | null,
): Pick<ManifestInput, 'options' | 'variables' | 'command'> {
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
  // Without `--` k8s-run would take this word for an option or a command of its own.
  const ambiguous = commands !== null && options.length === 0 && (first.startsWith('-') || commands.includes(first));
  return { options, variables, command: ambiguous ? ['--', ...command] : command };
}

function fileOf(flags: readonly GivenOption[], environment: Invocation['environment']): ManifestInput['file'] {
  const path =
    flags.findLast(({ key, text }) => key === 'config' && text !== '')?.text ??
    environment[variableFor(OPTIONS.config)];
  if (!path) return null;
  const text = readFileSync(path, 'utf8');
  const name = basename(path);
  return { name: /^[\w.-]+$/.test(name) ? name : 'k8s-run.yaml', text: mayBeSecret(text) ? null : text };
}

/** The grace period of the pod: --termination-grace-period, else the shutdown budget and a margin, in whole seconds. */
function shutdownIn(config: Config): ManifestInput['shutdown'] {
  const { phases, reserve } = shutdownPhases(config);
  const needed = phases.reduce((sum, [, ms]) => sum + ms, reserve);
  const total = config.terminationGracePeriod ?? needed + MARGIN;
  const seconds = Math.ceil(total / 1_000);
  const left = seconds * 1_000 - needed + reserve;
  const sum = [...phases.map(([name, ms]) => `${name} ${formatDuration(ms)}`), `${formatDuration(left)} in reserve`];
  return { seconds, sum: sum.join(' + ') };
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}
