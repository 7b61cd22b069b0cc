import { type Finding, findingAt } from '../finding.ts';
import { field, isSet, itemsOf, type ManifestNode, textOf } from '../manifest-node.ts';
import type { Container, Workload } from '../workload.ts';

/** Whether a volume is mounted where `--env-dir` and `--watch` look for one. */
export function mountedPathRules({ containers }: Workload): readonly Finding[] {
  return containers.flatMap((container) => {
    const { entrypoint } = container;
    if (entrypoint.kind !== 'k8s-run') return [];
    const { envDirs, watched } = entrypoint.options;
    return [
      ...envDirs.flatMap((path) => unmounted(container, path, '--env-dir')),
      ...watched.flatMap((path) => unmounted(container, path, '--watch')),
    ];
  });
}

function unmounted({ node, name }: Container, path: string, option: '--env-dir' | '--watch'): readonly Finding[] {
  // A relative path is one in the working directory of the image.
  if (!path.startsWith('/')) return [];
  const mounts = field(node, 'volumeMounts');
  const mount = itemsOf(mounts).find((each) => isInside(path, textOf(field(each, 'mountPath')) ?? ''));
  const at = isSet(mounts) ? mounts : node;
  if (mount === undefined) {
    const effect =
      option === '--env-dir'
        ? `${name} exits with 78 unless its image has this folder`
        : 'only a change of a file of the container itself would be seen';
    return [
      findingAt(at, {
        rule: 'path-not-mounted',
        reason: `${option} ${path} of ${name} is in no volume, because no volumeMount has it, so ${effect}`,
        remedy: `volumeMounts: [{ name: …, mountPath: ${path} }], and the ConfigMap or Secret in volumes`,
      }),
    ];
  }
  const subPath = ['subPath', 'subPathExpr'].map((key) => field(mount, key)).find(isSet);
  if (option === '--env-dir' || subPath === undefined) return [];
  return [
    findingAt(subPath, {
      rule: 'path-not-mounted',
      reason: `--watch ${path} of ${name} never sees a change, because the kubelet does not update a mount with subPath`,
      remedy: `Mount the whole volume at a folder, and watch that: ${folderOf(mount)}`,
    }),
  ];
}

function folderOf(mount: ManifestNode): string {
  return (textOf(field(mount, 'mountPath')) ?? '').replace(/\/[^/]+\/?$/, '') || '/etc/app';
}

function isInside(path: string, folder: string): boolean {
  const [inner, outer] = [path, folder].map((each) => `${each.replace(/\/+$/, '')}/`);
  return folder !== '' && inner?.startsWith(outer ?? '') === true;
}
