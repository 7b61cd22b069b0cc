import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { layNodeContext } from '../../scripts/release/image.ts';
import { EXAMPLES } from '../rig/example.ts';
import { importRoot, PREFIX, podman } from './podman.ts';

const BASE = `localhost/${PREFIX}-base:1`;
/** What the examples call k8s-run:node. */
export const NODE_IMAGE: string = `localhost/${PREFIX}-node:1`;
/** What the Dockerfiles and the examples' commands call: the base of the real one is a Debian. */
const PROGRAMS = ['sh', 'env', 'ln', 'sleep'] as const;
const OFFLINE = ['--pull=never', '--network=none', '--layers=false'] as const;

/** The folder of npm: its program is a link into it. */
function npmFolder(): string | null {
  const program = execFileSync('sh', ['-c', 'readlink -f "$(command -v npm)"'], { encoding: 'utf8' }).trim();
  const folder = join(program, '../..');
  return existsSync(join(folder, 'node_modules')) ? folder : null;
}

/** For `skip` of node:test: Debian's own npm is spread over many folders, and is not put into the image. */
export const noNpm = (): string | false =>
  npmFolder() === null ? 'npm is not in one folder here, as Node brings it' : false;

/** The stage `node` of this project's Dockerfile, over a root made here; what is built here is its stage `build`. */
export async function makeNodeImage(): Promise<void> {
  importRoot(BASE, PROGRAMS, (root) => {
    const npm = npmFolder();
    if (npm === null) return;
    cpSync(npm, join(root, 'usr/local/lib/node_modules/npm'), { recursive: true });
    symlinkSync('../lib/node_modules/npm/bin/npm-cli.js', join(root, 'usr/local/bin/npm'));
  });
  const folder = mkdtempSync(join(tmpdir(), 'k8s-run-image-'));
  try {
    layNodeContext(folder);
    await podman('build', ...OFFLINE, '--tag', NODE_IMAGE, '--build-arg', `NODE_IMAGE=${BASE}`, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Builds an example's Dockerfile as it is, over `makeNodeImage`'s; gives the name of the image. */
export async function makeExample(name: string): Promise<string> {
  const image = `localhost/${PREFIX}-${name}:1`;
  await podman('build', ...OFFLINE, '--from', NODE_IMAGE, '--tag', image, join(EXAMPLES, name));
  return image;
}

export async function removeImages(examples: readonly string[]): Promise<void> {
  const images = examples.map((name) => `localhost/${PREFIX}-${name}:1`);
  await podman('rmi', '--force', '--ignore', ...images, NODE_IMAGE, BASE);
}
