import type { ManifestInput, MountedFolder } from './manifest-input.ts';
import { withComment, type YamlFields, type YamlValue } from './yaml-writer.ts';

/** Where the configuration file is mounted. */
export const CONFIG_FOLDER = '/etc/k8s-run';
/** Writable, because the root file system is not. */
const TMP = '/tmp';

/** `tmp`: whether the app gets a folder to write to. */
export function volumesOf(input: ManifestInput, tmp = true): readonly YamlValue[] {
  return [
    ...(tmp ? [{ name: 'tmp', emptyDir: {} }] : []),
    ...configVolume(input),
    ...namedMounts(input).map(([name, mount]) => mountedVolume(input.name, name, mount)),
  ];
}

export function volumeMountsOf(input: ManifestInput, tmp = true): readonly YamlFields[] {
  return [
    ...(tmp ? [{ name: 'tmp', mountPath: TMP }] : []),
    ...(input.file === null ? [] : [{ name: 'k8s-run', mountPath: CONFIG_FOLDER, readOnly: true }]),
    ...namedMounts(input).map(([name, { path }]) => ({ name, mountPath: path, readOnly: true })),
  ];
}

function configVolume({ name, file }: ManifestInput): readonly YamlValue[] {
  if (file === null) return [];
  if (file.text !== null) return [{ name: 'k8s-run', configMap: { name: `${name}-k8s-run` } }];
  const comment = `The file may contain secrets, so it is not in the manifest. Create it with:\nkubectl create secret generic ${name}-k8s-run --from-file=${file.name}`;
  return [withComment(comment, { name: 'k8s-run', secret: { secretName: `${name}-k8s-run` } })];
}

/** Those that no other volume of the manifest provides, each with a name for its volume. */
function namedMounts(input: ManifestInput): readonly (readonly [name: string, mount: MountedFolder])[] {
  const { mounts, file, takenVolumes } = input;
  const names = new Set(['tmp', 'k8s-run', ...takenVolumes]);
  return mounts
    .filter(({ path }) => path !== TMP && !(file !== null && isInside(path, CONFIG_FOLDER)))
    .map((mount) => {
      const name = freeName(slugOf(mount.path.split('/').at(-1) ?? ''), names);
      names.add(name);
      return [name, mount];
    });
}

function freeName(wanted: string, names: ReadonlySet<string>): string {
  let name = wanted;
  for (let number = 2; names.has(name); number += 1) name = `${wanted}-${number}`;
  return name;
}

export function isInside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder === '/' ? folder : `${folder}/`);
}

/** At most 50 characters, so that it is a DNS label with a number behind it, too. */
function slugOf(text: string): string {
  const slug = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 50)
    .replace(/^-|-$/g, '');
  return slug === '' ? 'mount' : slug;
}

const OF_SECRET = /secret|credential|passw|token|private|tls|cert|key/i;

function mountedVolume(app: string, name: string, { path, options }: MountedFolder): YamlValue {
  const source = `${app}-${name}`;
  const isSecret = OF_SECRET.test(path);
  const [is, other, create] = isSecret
    ? ['Secret', `configMap: { name: ${source} } for a ConfigMap`, `secret generic ${source}`]
    : ['ConfigMap', `secret: { secretName: ${source} } for a Secret`, `configmap ${source}`];
  const comment = `For ${options.join(' and ')}: name your ${is} here, or write ${other}. Create it with:\nkubectl create ${create} --from-file=…`;
  return withComment(comment, {
    name,
    ...(isSecret ? { secret: { secretName: source } } : { configMap: { name: source } }),
  });
}
