import type { ManifestInput } from './manifest-input.ts';
import { withComment, type YamlValue } from './yaml-writer.ts';

/** What the kubelet does with the container when its pod is resized in place; undefined: the default, it restarts nothing. */
export function resizePolicyOf({ restartsOnMemoryResize }: ManifestInput): YamlValue | undefined {
  if (!restartsOnMemoryResize) return undefined;
  return withComment(
    'Another memory limit restarts the container, because --resource-env sizes the app at its start (Kubernetes 1.33).',
    [
      { resourceName: 'cpu', restartPolicy: 'NotRequired' },
      { resourceName: 'memory', restartPolicy: 'RestartContainer' },
    ],
  );
}
