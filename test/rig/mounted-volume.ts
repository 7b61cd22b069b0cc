import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type Keys = Readonly<Record<string, string | Buffer>>;

/**
 * A folder as the kubelet mounts a ConfigMap or Secret: a version in a hidden folder, and symbolic links to it. Disposing
 * removes it.
 */
export type MountedVolume = AsyncDisposable & {
  readonly path: string;
  /** Updates it as the kubelet does: a new version, one rename of `..data`, the links, and then the old version is removed. */
  readonly swap: (keys: Keys) => Promise<void>;
};

/** Follows pkg/volume/util/atomic_writer.go. */
export async function mountedVolume(keys: Keys): Promise<MountedVolume> {
  const path = await mkdtemp(join(tmpdir(), 'volume-'));
  let version = 0;
  let old: readonly string[] = [];
  const swap = async (next: Keys): Promise<void> => {
    const before = `..version-${version}`;
    version += 1;
    const folder = `..version-${version}`;
    await mkdir(join(path, folder));
    for (const [name, content] of Object.entries(next)) await writeFile(join(path, folder, name), content);
    await symlink(folder, join(path, '..data_tmp'));
    await rename(join(path, '..data_tmp'), join(path, '..data'));
    for (const name of Object.keys(next).filter((each) => !old.includes(each)))
      await symlink(`..data/${name}`, join(path, name));
    for (const name of old.filter((each) => !(each in next))) await rm(join(path, name));
    old = Object.keys(next);
    await rm(join(path, before), { recursive: true, force: true });
  };
  await swap(keys);
  return { path, swap, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
