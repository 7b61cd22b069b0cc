import { field, type ManifestNode, numberOf, scalarOf, textOf } from '../manifest-node.ts';
import type { Workload } from '../workload.ts';

/** Where each kind that adds pods in an update has the numbers for it. */
const ROLLING: Readonly<Record<string, string>> = { Deployment: 'rollingUpdate', DeploymentConfig: 'rollingParams' };

/** The numbers of pods that an update adds and stops; null for a kind that adds none. */
export function rollingOf({ kind, spec }: Pick<Workload, 'kind' | 'spec'>): ManifestNode | null {
  const key = Object.hasOwn(ROLLING, kind) ? ROLLING[kind] : undefined;
  return key === undefined ? null : field(spec, 'strategy', key);
}

export function isRecreated({ spec }: Pick<Workload, 'spec'>): boolean {
  return textOf(field(spec, 'strategy', 'type')) === 'Recreate';
}

/** How many pods an update may add; null where the manifest has no number. */
export function surgeOf(rolling: ManifestNode, replicas: number): number | null {
  return podCount(scalarOf(field(rolling, 'maxSurge')) ?? '25%', replicas, Math.ceil);
}

/** How many pods an update may stop before it has added any; null where the manifest has no number. */
export function unavailableOf(rolling: ManifestNode, replicas: number): number | null {
  const unavailable = podCount(scalarOf(field(rolling, 'maxUnavailable')) ?? '25%', replicas, Math.floor);
  // With 0 for both an update could not begin: ResolveFenceposts in k8s.io/kubernetes/pkg/controller/deployment/util.
  return unavailable === 0 && surgeOf(rolling, replicas) === 0 ? 1 : unavailable;
}

/** The same for a Deployment, with the number of its replicas that the manifest gives. */
export function unavailableDuring({ spec }: Pick<Workload, 'spec'>): number | null {
  return unavailableOf(field(spec, 'strategy', 'rollingUpdate'), numberOf(field(spec, 'replicas')) ?? 1);
}

/** A number of pods, or a percentage, rounded as the Deployment controller does. */
function podCount(value: unknown, replicas: number, round: (share: number) => number): number | null {
  if (typeof value === 'number') return value;
  const [, percent] = typeof value === 'string' ? (/^(\d+)%$/.exec(value) ?? []) : [];
  return percent === undefined ? null : round((Number(percent) * replicas) / 100);
}

export function percentOf(node: ManifestNode): number | null {
  const [, percent] = /^(\d+)%$/.exec(textOf(node) ?? '') ?? [];
  return percent === undefined ? null : Number(percent);
}

/** 0 and 0% are the same, and 1% of two pods is something: getIntOrPercentValue in pkg/apis/apps/validation/validation.go. */
export function isZero(node: ManifestNode): boolean {
  return numberOf(node) === 0 || percentOf(node) === 0;
}
