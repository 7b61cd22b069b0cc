import type { ManifestInput } from './manifest-input.ts';
import { withComment, type YamlFields, type YamlValue } from './yaml-writer.ts';

/** Where the configuration file is mounted. */
export const CONFIG_FOLDER = '/etc/k8s-run';

export function volumesOf({ name, file }: ManifestInput): readonly YamlValue[] {
  const tmp = { name: 'tmp', emptyDir: {} };
  if (file === null) return [tmp];
  const source =
    file.text === null ? { secret: { secretName: `${name}-k8s-run` } } : { configMap: { name: `${name}-k8s-run` } };
  const comment = `The file may contain secrets, so it is not in the manifest. Create it with:\nkubectl create secret generic ${name}-k8s-run --from-file=${file.name}`;
  const volume = { name: 'k8s-run', ...source };
  return [tmp, file.text === null ? withComment(comment, volume) : volume];
}

export function volumeMountsOf({ file }: ManifestInput): readonly YamlFields[] {
  const tmp = { name: 'tmp', mountPath: '/tmp' };
  return file === null ? [tmp] : [tmp, { name: 'k8s-run', mountPath: CONFIG_FOLDER, readOnly: true }];
}
