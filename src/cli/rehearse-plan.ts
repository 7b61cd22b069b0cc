import type { PreStopHook } from '../config/pod-manifest/pod.ts';
import type { ProbeSpec } from '../config/probe-spec.ts';
import { atPort } from '../rehearse/probe-ports.ts';
import type { RehearsalPlan } from '../rehearse/rehearsal.ts';
import { sleep } from '../rehearse/sleep.ts';
import type { System } from '../rehearse/system.ts';
import type { RehearseOptions } from './rehearse-options.ts';

/** The default of Kubernetes, in milliseconds. */
const TERMINATION_GRACE_PERIOD = 30_000;
const NODES = 3;

/** `environment`: of this process. `launch`: the words that start this program. */
export function rehearsalPlan(
  options: RehearseOptions,
  { environment, launch }: { readonly environment: NodeJS.ProcessEnv; readonly launch: readonly string[] },
  system: System,
): RehearsalPlan {
  const { config, workload, passed } = options;
  const given = (key: 'ready' | 'live' | 'startup'): ProbeSpec | null => (config.chosen.has(key) ? config[key] : null);
  const healthPort = config.healthPort === 'off' || config.healthPort === 0 ? null : config.healthPort;
  const appPorts = [...(workload?.ports ?? [])].filter(([name, port]) => name !== 'health' && port !== healthPort);
  const hook = workload?.preStop ?? null;
  return {
    command: options.command,
    // Pods have the port to themselves; the replicas share this machine, so each takes any free health port.
    underK8sRun: (flags, command) => [
      ...[...launch, ...passed, ...flags, '--health-port=0', '--log-format=json', '--log-level=info'],
      ...['--', ...command],
    ],
    environment: { ...environment, ...workload?.environment },
    portVariable: options.portVariable,
    probes: { ready: given('ready'), live: given('live'), startup: given('startup') },
    hasHealthChecks: config.checks.length > 0,
    manifest: { stanzas: workload?.probes ?? null, appPort: appPorts[0]?.[1] ?? null, healthPort },
    judged:
      workload === null ? null : { file: options.manifest ?? '', workload: `${workload.kind} ${workload.name}`.trim() },
    preStop: (port, variables, cancelled) => runPreStop(hook, { port, variables, cancelled }, system),
    notes: manifestNotes(options),
    variants: options.compare === null ? ['k8s-run'] : [options.compare, 'k8s-run'],
    settings: settingsOf(options),
    ...{ readyWithin: options.readyWithin, settle: options.settle, duration: options.duration },
  };
}

function settingsOf(options: RehearseOptions): RehearsalPlan['settings'] {
  const { config, workload, replicas, rollouts, rate, keptAlive, paths, lag, seed } = options;
  const { shutdownDelay, drainConnections, grace } = config;
  return {
    ...{ replicas, rollouts, rate, keptAlive, paths, lag, seed, nodes: NODES },
    ...{ shutdownDelay, drainConnections, grace, hasPreStop: workload?.preStop != null },
    hasReadinessProbe: workload === null || workload.probes.ready !== undefined,
    terminationGracePeriod:
      workload?.terminationGracePeriod ?? config.terminationGracePeriod ?? TERMINATION_GRACE_PERIOD,
  };
}

function manifestNotes({ fromManifest, workload }: RehearseOptions): readonly string[] {
  const options = fromManifest.length > 0 ? [`the replicas get its k8s-run options ${fromManifest.join(', ')}`] : [];
  return [...options, ...(workload?.remarks ?? [])].map((note) => `About the manifest: ${note}.`);
}

async function runPreStop(
  hook: PreStopHook | null,
  {
    port,
    variables,
    cancelled,
  }: { readonly port: number; readonly variables: NodeJS.ProcessEnv; readonly cancelled: AbortSignal },
  system: System,
): Promise<unknown> {
  switch (hook?.kind) {
    case undefined:
      return undefined;
    case 'sleep':
      return sleep(hook.milliseconds, cancelled);
    case 'exec':
      return system.runCommand(hook.command, variables, cancelled);
    case 'http':
      return system.probe(atPort(hook.spec, port), 0, variables)(cancelled);
  }
}
