import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Config, GivenOption } from '../config/config.ts';
import { OPTIONS, type Option, type OptionKey, variableFor } from '../config/options/table.ts';
import type { ProbeKind } from '../config/probe-spec.ts';
import { hasService } from '../manifest/app-objects.ts';
import { isJob } from '../manifest/container.ts';
import { type Base, portInTheWay } from '../manifest/kustomize/base.ts';
import type { ManifestInput } from '../manifest/manifest-input.ts';
import { mountsOf } from '../manifest/mounts.ts';
import { nameOfImage, nameProblem } from '../manifest/object-name.ts';
import { mayBeSecret } from '../manifest/secrets.ts';
import type { AppCommandLine } from './app-command-line.ts';
import type { ManifestOptions } from './manifest-options.ts';
import { appPorts } from './manifest-ports.ts';
import { shutdownIn, startupIn } from './manifest-times.ts';

type Sources = {
  readonly own: ManifestOptions;
  readonly config: Config;
  readonly line: AppCommandLine;
  readonly environment: NodeJS.ProcessEnv;
  /** The names of the commands of k8s-run. */
  readonly commands: readonly string[];
  readonly base: Base | null;
};

/** What the manifests are made from, and what no manifest can have. */
export function manifestInput(sources: Sources): {
  readonly input: ManifestInput;
  readonly mistakes: readonly string[];
} {
  const { own, config, line, environment, commands, base } = sources;
  const kind = base?.kind ?? own.kind ?? 'deployment';
  const ports = appPorts(own, config, base === null && !isJob(kind));
  const name = own.name ?? base?.name ?? nameOfImage(own.image);
  const probedBy = isLoopback(config.healthHost) ? 'exec' : 'httpGet';
  const programs = [...(own.entrypoint ?? []).slice(0, 1), ...line.command.slice(0, 1)];
  const { mounts, mistakes } = mountsOf(config, programs);
  const { labels, image, scale, cpu, memory, entrypoint, environmentFrom, networkPolicy, podMonitor } = own;
  const input: ManifestInput = {
    ...{ name, namespace: own.namespace, kind, schedule: own.schedule, labels, image, scale, ports },
    // A heap that was sized for another limit fits again only in a new process; with --on-resize the app is seen to. The API
    // server rejects a restart where the pod's restartPolicy is Never, as in Jobs.
    restartsOnMemoryResize: config.resourceEnv && config.onResize === null && !isJob(kind),
    ...{ cpu, memory, entrypoint, environmentFrom, networkPolicy, podMonitor, mounts, takenVolumes: [] },
    ...{ serviceAccount: own.serviceAccount, imagePullSecrets: own.imagePullSecrets },
    // A Deployment that exists may have variables of these names, and other values.
    exportsTraces: config.otlp !== null && base === null,
    environment: own.environment.filter(([variable]) => !variable.startsWith('K8S_RUN_')),
    // The command of --entrypoint ends in `--`, so that k8s-run takes no word of the app for its own.
    ...commandLineOf(line.flags, environment, line.command, entrypoint === null ? commands : null),
    readyAsProcess: base === null && ports.length === 0 && !config.chosen.has('ready'),
    hasStartupProbe: config.chosen.has('startup'),
    hasLiveProbe: config.chosen.has('live') && SAYS_MORE[config.live.kind],
    file: fileOf(line.flags, environment),
    health: { port: Number(config.healthPort), probedBy },
    shutdown: shutdownIn(config),
    startup: startupIn(config),
    terminationLog: isKubernetesDefault(config.terminationLog) ? null : config.terminationLog,
  };
  const taken = base === null ? null : portInTheWay(base, input.health.port);
  return {
    input,
    mistakes: [
      ...mistakesIn(config, input, base),
      ...mistakes,
      ...(taken === null
        ? []
        : [
            `cannot use --health-port ${input.health.port}: it is the port ${taken} of the container; give another one`,
          ]),
    ],
  };
}

/** Whether a liveness probe of this kind says more than that the process exists, which the kubelet sees by itself. */
const SAYS_MORE: Readonly<Record<ProbeKind, boolean>> = {
  ...{ process: false, none: false },
  ...{ auto: true, http: true, tcp: true, grpc: true, exec: true, file: true },
};

const isKubernetesDefault = (path: string | null): boolean =>
  path === null || path === 'off' || path === '/dev/termination-log';

function mistakesIn({ healthPort }: Config, input: ManifestInput, base: Base | null): readonly string[] {
  const { name, ports, kind, health, terminationLog, podMonitor } = input;
  const problem = base === null ? nameProblem(name, kind, hasService(input) || kind === 'statefulset') : null;
  return [
    ...(typeof healthPort !== 'number' || healthPort === 0
      ? [
          `cannot use --health-port ${healthPort} in a manifest: the kubelet needs a fixed port for its probes; give a port, or leave the option out for ${OPTIONS.healthPort.fallback}`,
        ]
      : []),
    ...ports
      .filter((port) => port.number === healthPort)
      .map(
        () =>
          `cannot use port ${healthPort} for the app: it is the health port of k8s-run; change one of them with --port or --health-port`,
      ),
    ...(problem === null ? [] : [`cannot use --name ${JSON.stringify(name)}: ${problem}`]),
    ...(terminationLog === null || terminationLog.startsWith('/')
      ? []
      : [`cannot use --termination-log ${terminationLog} in a manifest: terminationMessagePath is an absolute path`]),
    ...(podMonitor && health.probedBy === 'exec'
      ? ['cannot use --pod-monitor with a --health-host that is loopback: Prometheus does not reach the port']
      : []),
  ];
}

/** Options become variables. A repeatable option with a comma in a value stays an option, because a comma separates the values in a variable. */
function commandLineOf(
  flags: readonly GivenOption[],
  environment: NodeJS.ProcessEnv,
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

function fileOf(flags: readonly GivenOption[], environment: NodeJS.ProcessEnv): ManifestInput['file'] {
  const path =
    flags.findLast(({ key, text }) => key === 'config' && text !== '')?.text ??
    environment[variableFor(OPTIONS.config)];
  if (!path) return null;
  const text = readFileSync(path, 'utf8');
  const name = basename(path);
  return { name: /^[\w.-]+$/.test(name) ? name : 'k8s-run.yaml', text: mayBeSecret(text) ? null : text };
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}
