import type { Check } from './container-health.ts';
import type { Outside } from './outside.ts';
import type { Pod } from './pod.ts';

/** Why a probe did not pass when it was last asked. */
export type Refusal = {
  /** Which one, and what it asks: `readinessProbe http://:8080/ready`. */
  readonly probe: string;
  readonly reason: string;
  /** Whether it asked the pod's k8s-run, which knows more. */
  readonly ofHealth: boolean;
};

/** Whoever holds back a pod's start, or its readiness: the kubelet's probe, or the one of its k8s-run behind that. null: not known. */
export async function refusalOf(pod: Pod, outside: Outside): Promise<Refusal | null> {
  const asked = pod.refusals.get('startup') ?? pod.refusals.get('ready') ?? null;
  const health = pod.health();
  if ((asked !== null && !asked.ofHealth) || health === null) return asked;
  const behind = await outside.unready(health);
  return behind === null ? asked : { probe: `probe ${behind.probe}`, reason: behind.reason, ofHealth: true };
}

/** As one clause; '' where nothing is known. */
export const refusalWords = (refusal: Refusal | null): string =>
  refusal === null ? '' : `; its ${refusal.probe} fails: ${refusal.reason}`;

/** As a manifest calls them. */
export const PROBES: Readonly<Record<Check, string>> = {
  startup: 'startupProbe',
  ready: 'readinessProbe',
  live: 'livenessProbe',
};

/** Of what /statusz says the probe that holds readiness back; null where none does, or where it is no such page. */
export function unreadyIn(statusz: string): { readonly probe: string; readonly reason: string } | null {
  try {
    const { probes } = JSON.parse(statusz) as Status;
    return [probes?.startup, probes?.ready].flatMap(failed)[0] ?? null;
  } catch {
    return null;
  }
}

type Told = { readonly kind?: unknown; readonly probe?: unknown; readonly reason?: unknown };
type Status = { readonly probes?: { readonly startup?: Told; readonly ready?: Told } };

function failed(told: Told | undefined): readonly { readonly probe: string; readonly reason: string }[] {
  if (told === undefined || told.kind === 'ok') return [];
  return [{ probe: String(told.probe), reason: String(told.reason ?? 'it has not been answered') }];
}
