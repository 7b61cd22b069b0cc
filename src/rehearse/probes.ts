import { describeProbe, type ProbeHost, type ProbeSpec, probePortOf } from '../config/probe-spec.ts';
import { formatDuration } from '../duration.ts';
import type { Check, Rule } from './container-health.ts';
import type { Way } from './facts.ts';
import type { Probes } from './kubelet.ts';
import type { Environment, Outside } from './outside.ts';
import type { Pod } from './pod.ts';
import { PROBES } from './refusal.ts';

/** A probe as a manifest has it. Its port may be the app's or the health server's, as they would be in the cluster. */
export type Probe = { readonly spec: ProbeSpec; readonly rule: Rule };

export type ProbePlan = {
  readonly way: Way;
  /** What the manifest says; a check that it does not have is not asked. null: there is no manifest. */
  readonly stanzas: Readonly<Partial<Record<Check, Probe>>> | null;
  /** The ports as the manifest knows them. */
  readonly appPort: number | null;
  readonly healthPort: number | null;
  /** Whether the app listens on a port at all. */
  readonly listens: boolean;
};

const SECOND = 1_000;
const KUBERNETES = { initialDelay: 0, timeout: SECOND, successThreshold: 1 };
/** Those of docs/how-to/kubernetes.md, and of `k8s-run manifest`. */
const RULES: Readonly<Record<Check, Rule>> = {
  startup: { ...KUBERNETES, period: SECOND, failureThreshold: 60 },
  ready: { ...KUBERNETES, period: 2 * SECOND, failureThreshold: 1 },
  live: { ...KUBERNETES, period: 10 * SECOND, failureThreshold: 3 },
};
const PATHS: Readonly<Record<Check, string>> = { startup: '/startupz', ready: '/readyz', live: '/livez' };

/** What the kubelet asks this pod. Without a manifest: k8s-run's three endpoints, or whether the app's port is open. */
export function probesOf(pod: Pod, plan: ProbePlan, environment: Environment, outside: Outside): Probes {
  const checks = Object.keys(RULES) as Check[];
  return Object.fromEntries(
    checks.flatMap((check) => {
      const probe = plan.stanzas === null ? usual(check, plan) : plan.stanzas[check];
      if (probe === undefined) return [];
      const ask = async (cancelled: AbortSignal): Promise<boolean> => {
        const spec = placed(probe.spec, plan, pod);
        if (spec === null) return false;
        const said = await outside.question(spec, pod.app() ?? pod.pid, environment)(cancelled);
        pod.refusals.delete(check);
        if (said === null) return true;
        // As the manifest has it: its port is known to who wrote it.
        const what = describeProbe(plan.stanzas === null ? spec : probe.spec);
        const reason = cancelled.aborted ? `no answer within ${formatDuration(probe.rule.timeout)}` : said;
        const ofHealth = asksHealth(asked(probe.spec), plan);
        pod.refusals.set(check, { probe: `${PROBES[check]} ${what}`, reason, ofHealth });
        return false;
      };
      return [[check, { rule: probe.rule, ask }]];
    }),
  );
}

/** `port` 0 stands for the health server's. */
function usual(check: Check, { way, listens }: ProbePlan): Probe | undefined {
  const rule = RULES[check];
  if (way === 'k8s-run') {
    const url = new URL(`http://127.0.0.1:${HEALTH}${PATHS[check]}`);
    return { rule, spec: { kind: 'http', url, host: 'loopback', headers: [] } };
  }
  // A liveness probe that is the readiness probe again is known to do harm.
  if (check === 'live' || !listens) return undefined;
  return { rule, spec: { kind: 'tcp', host: 'loopback', port: APP } };
}

/** Stand for the two ports of a pod where no manifest names them. */
const HEALTH = 20_080;
const APP = 0;

/** The same question, at the port that this pod has on this machine; null while it has none. */
function placed(stanza: ProbeSpec, plan: ProbePlan, pod: Pod): ProbeSpec | null {
  const spec = asked(stanza);
  if (!('host' in spec)) return spec;
  const port = probePortOf(spec);
  if (port === APP || port === plan.appPort) return withPort(spec, pod.port);
  if (!asksHealth(spec, plan)) return spec;
  // Without k8s-run nobody answers there: the next best question is whether the app's own port is open.
  if (plan.way !== 'k8s-run') return { kind: 'tcp', host: 'loopback', port: pod.port };
  const health = pod.health();
  return health === null ? null : withPort(spec, health);
}

function asksHealth(spec: ProbeSpec, { healthPort }: ProbePlan): boolean {
  return probePortOf(spec) === (healthPort ?? HEALTH);
}

/** `k8s-run probe ready` looks for the k8s-run of its container, of which there are several here: so its question is asked. */
function asked(spec: ProbeSpec): ProbeSpec {
  if (spec.kind !== 'exec' || !/(^|\/)k8s-run$/.test(spec.command[0] ?? '') || spec.command[1] !== 'probe') return spec;
  const named = spec.command.find((word) => ['ready', 'live', 'startup'].includes(word)) ?? 'ready';
  const path = named === 'startup' ? PATHS.startup : named === 'live' ? PATHS.live : PATHS.ready;
  return { kind: 'http', url: new URL(`http://127.0.0.1:${HEALTH}${path}`), host: 'loopback', headers: [] };
}

function withPort<S extends ProbeSpec & { host: ProbeHost }>(spec: S, port: number): S {
  if (spec.kind !== 'http') return { ...spec, port };
  const url = new URL(spec.url);
  url.port = String(port);
  return { ...spec, url };
}
