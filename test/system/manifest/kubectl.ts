import { type SpawnSyncReturns, spawnSync } from 'node:child_process';

export const KUBECTL: string = process.env['KUBECTL'] ?? 'kubectl';

/** Runs kubectl without a cluster. */
export function kubectl(words: readonly string[], input = ''): SpawnSyncReturns<string> {
  const path = process.env['PATH'];
  return spawnSync(KUBECTL, words, {
    input,
    encoding: 'utf8',
    env: { PATH: path, KUBECONFIG: '/dev/null', HOME: '/nonexistent' },
  });
}

/** 31 for v1.31.2; 0 without kubectl. */
function minorVersion(): number {
  const version = kubectl(['version', '--client', '--output', 'json']);
  if (version.status !== 0) return 0;
  return Number.parseInt(JSON.parse(version.stdout).clientVersion.minor, 10);
}

// kubectl knows the fields of its own version: `unhealthyPodEvictionPolicy` came with 1.26, `matchLabelKeys` with 1.25. The kustomize
// of 1.20 knows no patch inside of a kustomization.yaml.
export const isRecent: boolean = minorVersion() >= 27;
export const skip: false | string = isRecent ? false : 'no kubectl 1.27 or newer is on the PATH or named by KUBECTL';
