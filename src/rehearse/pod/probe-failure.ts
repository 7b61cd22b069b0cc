import type { KubeletProbe } from '../container-health.ts';
import type { System } from '../system.ts';
import type { Pod } from './pod.ts';

/** Why a probe failed the last time. */
export type ProbeFailure = {
  /** The probe and its target: `readinessProbe http://:8080/ready`. */
  readonly probe: string;
  readonly reason: string;
  /** Whether the target is the health server of the pod's k8s-run, which knows the cause. */
  readonly fromHealthServer: boolean;
};

/**
 * The probe that keeps a pod from starting or from being ready: the kubelet's, or the one of its k8s-run behind it.
 * null: not known.
 */
export async function findProbeFailure(pod: Pod, system: System): Promise<ProbeFailure | null> {
  const failure = pod.probeFailures.get('startup') ?? pod.probeFailures.get('ready') ?? null;
  const port = pod.healthPort();
  if ((failure !== null && !failure.fromHealthServer) || port === null) return failure;
  const cause = await system.failedProbeAt(port);
  return cause === null ? failure : { probe: `probe ${cause.probe}`, reason: cause.reason, fromHealthServer: true };
}

/** As the last clause of a sentence; '' where nothing is known. */
export const probeFailureClause = (failure: ProbeFailure | null): string =>
  failure === null ? '' : `; its ${failure.probe} fails: ${failure.reason}`;

/** The names of the probes in a manifest. */
export const STANZA_NAMES: Readonly<Record<KubeletProbe, string>> = {
  startup: 'startupProbe',
  ready: 'readinessProbe',
  live: 'livenessProbe',
};

/** The probe that keeps the app unready by this /statusz; null: there is none, or this is no such page. */
export function failedProbeIn(statusz: string): { readonly probe: string; readonly reason: string } | null {
  try {
    const { probes } = JSON.parse(statusz) as StatuszBody;
    return [probes?.startup, probes?.ready].flatMap(failed)[0] ?? null;
  } catch {
    return null;
  }
}

type ProbeStatus = { readonly kind?: unknown; readonly probe?: unknown; readonly reason?: unknown };
type StatuszBody = { readonly probes?: { readonly startup?: ProbeStatus; readonly ready?: ProbeStatus } };

function failed(status: ProbeStatus | undefined): readonly { readonly probe: string; readonly reason: string }[] {
  if (status === undefined || status.kind === 'ok') return [];
  return [{ probe: String(status.probe), reason: String(status.reason ?? 'no result yet') }];
}
