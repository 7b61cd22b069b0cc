import type { TestContext } from 'node:test';
import { kubernetesVersion } from './cluster.ts';

/** What pods may ask for, and the minor version of Kubernetes 1 that has it on by default. */
const SINCE = {
  'gRPC probes': 24,
  'native sidecars': 29,
  'the preStop action sleep': 30,
  'the in-place resize of pods': 33,
} as const;

/** Skips the case, with the reason, on a cluster with an older kubelet; the result says whether it did. */
export async function skippedBefore(what: keyof typeof SINCE, context: TestContext): Promise<boolean> {
  const { minor, git } = await kubernetesVersion();
  if (minor >= SINCE[what]) return false;
  context.skip(`${what}: since Kubernetes 1.${SINCE[what]}, this is ${git}`);
  return true;
}
