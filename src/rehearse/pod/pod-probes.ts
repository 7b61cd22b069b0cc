import { describeProbe, networkProbe, type ProbeSpec, probePortOf } from '../../config/probe-spec.ts';
import { formatDuration } from '../../duration.ts';
import type { KubeletProbe, ProbeRule } from '../container-health.ts';
import type { ContainerProbes } from '../kubelet.ts';
import { atPort } from '../probe-ports.ts';
import type { Variant } from '../results.ts';
import type { System } from '../system.ts';
import type { Pod } from './pod.ts';
import { STANZA_NAMES } from './probe-failure.ts';

/** A probe of a manifest. Its port is the one in the cluster: the app's or the health server's. */
export type ProbeStanza = { readonly spec: ProbeSpec; readonly rule: ProbeRule };

export type PodProbePlan = {
  readonly variant: Variant;
  /** The probes of the manifest; null: there is no manifest. */
  readonly stanzas: Readonly<Partial<Record<KubeletProbe, ProbeStanza>>> | null;
  /** The ports that the manifest names. */
  readonly appPort: number | null;
  readonly healthPort: number | null;
  /** Whether the app listens on a port at all. */
  readonly listens: boolean;
};

const SECOND = 1_000;
const DEFAULTS = { initialDelay: 0, timeout: SECOND, successThreshold: 1 };
/** The same as in docs/how-to/kubernetes.md, and in the output of `k8s-run manifest`. */
const RULES: Readonly<Record<KubeletProbe, ProbeRule>> = {
  startup: { ...DEFAULTS, period: SECOND, failureThreshold: 60 },
  ready: { ...DEFAULTS, period: 2 * SECOND, failureThreshold: 1 },
  live: { ...DEFAULTS, period: 10 * SECOND, failureThreshold: 3 },
};
const PATHS: Readonly<Record<KubeletProbe, string>> = { startup: '/startupz', ready: '/readyz', live: '/livez' };
/** These stand for the two ports of a pod where no manifest names them. */
const HEALTH_PORT = 20_080;
const APP_PORT = 0;

/** What the kubelet probes. Without a manifest: the three endpoints of k8s-run, or whether the app's port is open. */
export function podProbes(
  pod: Pod,
  plan: PodProbePlan,
  environment: NodeJS.ProcessEnv,
  system: System,
): ContainerProbes {
  const names = Object.keys(RULES) as KubeletProbe[];
  return Object.fromEntries(
    names.flatMap((name) => {
      const stanza = stanzaOf(name, plan);
      if (stanza === undefined) return [];
      const probe = async (cancelled: AbortSignal): Promise<boolean> => {
        const spec = atPodPort(stanza.spec, plan, pod);
        if (spec === null) return false;
        const failure = await system.probe(spec, pod.appPid() ?? pod.pid, environment)(cancelled);
        pod.probeFailures.delete(name);
        if (failure === null) return true;
        // The reader knows the port of the manifest, not the one on this machine.
        const target = describeProbe(plan.stanzas === null ? spec : stanza.spec);
        pod.probeFailures.set(name, {
          probe: `${STANZA_NAMES[name]} ${target}`,
          reason: cancelled.aborted ? `no answer within ${formatDuration(stanza.rule.timeout)}` : failure,
          fromHealthServer: isHealthServer(withoutProbeCommand(stanza.spec), plan),
        });
        return false;
      };
      return [[name, { rule: stanza.rule, probe }]];
    }),
  );
}

/** How often the kubelet asks until a pod is ready, in milliseconds; null: it does not ask. */
export function probePeriodOf(plan: PodProbePlan): number | null {
  const stanzas = (['startup', 'ready'] as const).map((name) => stanzaOf(name, plan));
  return stanzas.find((stanza) => stanza !== undefined)?.rule.period ?? null;
}

const stanzaOf = (name: KubeletProbe, plan: PodProbePlan): ProbeStanza | undefined =>
  plan.stanzas === null ? defaultStanza(name, plan) : plan.stanzas[name];

function defaultStanza(name: KubeletProbe, { variant, listens }: PodProbePlan): ProbeStanza | undefined {
  const rule = RULES[name];
  if (variant === 'k8s-run') return { rule, spec: healthEndpoint(name) };
  // A liveness probe that repeats the readiness probe is known to do harm.
  if (name === 'live' || !listens) return undefined;
  return { rule, spec: { kind: 'tcp', host: 'loopback', port: APP_PORT } };
}

function healthEndpoint(name: KubeletProbe): ProbeSpec {
  const url = new URL(`http://127.0.0.1:${HEALTH_PORT}${PATHS[name]}`);
  return { kind: 'http', url, host: 'loopback', headers: [] };
}

/** The same probe, at the port that this pod has on this machine; null: it has none yet. */
function atPodPort(stanza: ProbeSpec, plan: PodProbePlan, pod: Pod): ProbeSpec | null {
  const spec = withoutProbeCommand(stanza);
  const connecting = networkProbe(spec);
  if (connecting === null) return spec;
  const port = probePortOf(spec);
  if (port === APP_PORT || port === plan.appPort) return atPort(connecting, pod.port);
  if (!isHealthServer(spec, plan)) return spec;
  // Without k8s-run there is no health server: whether the app's port is open is the closest to it.
  if (plan.variant !== 'k8s-run') return { kind: 'tcp', host: 'loopback', port: pod.port };
  const health = pod.healthPort();
  return health === null ? null : atPort(connecting, health);
}

function isHealthServer(spec: ProbeSpec, { healthPort }: PodProbePlan): boolean {
  return probePortOf(spec) === (healthPort ?? HEALTH_PORT);
}

/** `k8s-run probe ready` finds the one k8s-run of its container. Here there are several, so its endpoint is probed directly. */
function withoutProbeCommand(spec: ProbeSpec): ProbeSpec {
  if (spec.kind !== 'exec' || !/(^|\/)k8s-run$/.test(spec.command[0] ?? '') || spec.command[1] !== 'probe') return spec;
  const named = spec.command.find((word) => Object.hasOwn(PATHS, word));
  return healthEndpoint((named ?? 'ready') as KubeletProbe);
}
