import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** An image: folders laid one over the other, and how its container is started. */
export type Image = {
  readonly name: string;
  readonly layers: readonly string[];
  readonly entrypoint: readonly string[];
};

/**
 * Writes images into one archive as `docker save` does (Docker Image Specification 1.2), which docker, containerd, podman
 * and what is built on them can load. No registry, daemon or builder is asked. A folder that several images share is
 * one layer of them all; nothing in it depends on the time.
 */
export async function writeArchive(file: string, images: readonly Image[], scratch: string): Promise<void> {
  mkdirSync(scratch, { recursive: true });
  const digests = new Map<string, string>();
  for (const folder of new Set(images.flatMap(({ layers }) => layers))) {
    digests.set(folder, await layer(folder, scratch));
  }
  const digestOf = (folder: string): string => digests.get(folder) ?? '';
  const manifest = images.map(({ name, layers, entrypoint }) => {
    const config = JSON.stringify({
      architecture: process.arch === 'x64' ? 'amd64' : process.arch,
      os: 'linux',
      created: '1970-01-01T00:00:00Z',
      config: {
        Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
        Entrypoint: entrypoint,
        User: '1000:1000',
        WorkingDir: '/',
      },
      rootfs: { type: 'layers', diff_ids: layers.map((folder) => `sha256:${digestOf(folder)}`) },
      history: layers.map(() => ({ created: '1970-01-01T00:00:00Z' })),
    });
    const path = `${createHash('sha256').update(config).digest('hex')}.json`;
    writeFileSync(join(scratch, path), config);
    return { Config: path, RepoTags: [name], Layers: layers.map((folder) => `${digestOf(folder)}.tar`) };
  });
  writeFileSync(join(scratch, 'manifest.json'), JSON.stringify(manifest));
  const parts = ['manifest.json', ...manifest.flatMap(({ Config, Layers }) => [Config, ...Layers])];
  tar(scratch, file, [...new Set(parts)]);
}

/** Its digest, which is its name too. */
async function layer(folder: string, scratch: string): Promise<string> {
  const path = join(scratch, 'layer.tar');
  tar(folder, path, ['.']);
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  const digest = hash.digest('hex');
  renameSync(path, join(scratch, `${digest}.tar`));
  return digest;
}

const REPRODUCIBLE = ['--sort=name', '--numeric-owner', '--owner=0', '--group=0', '--format=gnu', '--mtime=@0'];

function tar(folder: string, file: string, parts: readonly string[]): void {
  execFileSync('tar', ['-C', folder, ...REPRODUCIBLE, '-cf', file, ...parts], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}
