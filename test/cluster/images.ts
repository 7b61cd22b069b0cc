import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { FOLDER, makeRoot, PLACE, ROOTS } from '../bundle/roots.ts';
import { type Image, writeArchive } from './archive.ts';

const here = (path: string): string => new URL(path, import.meta.url).pathname;

/** A tag that is not `latest`, so that no kubelet asks a registry for it. */
const named = (name: string): string => `localhost/k8s-run-test/${name}:test`;
const ENTRYPOINT = [`${PLACE}/bin/k8s-run`, '--'];

/** Node, a shell, a few programs, and the app and the load of the rolling updates. */
export const NODE_IMAGE: string = named('node');
/** test/bundle/app.c in roots as other images have them. */
export const SMALL_IMAGES: Readonly<Record<'scratch' | 'musl' | 'slim' | 'distroless', string>> = {
  scratch: named('scratch'),
  musl: named('musl'),
  slim: named('slim'),
  distroless: named('distroless'),
};

/** 200 MB over a network to a few nodes: milliseconds. */
const LOAD_LIMIT = 5 * 60_000;

const PROGRAMS = ['/bin/sh', '/bin/sleep', '/bin/cat', '/bin/ls', '/bin/echo'] as const;

/** Makes all images, in one archive, and has the command of the cluster load it. */
export async function loadImages(command: string): Promise<void> {
  const scratch = mkdtempSync(join(tmpdir(), 'k8s-run-test-'));
  try {
    const archive = join(scratch, 'images.tar');
    await writeArchive(archive, makeRoots(join(scratch, 'roots')), join(scratch, 'parts'));
    // As a shell reads it, for it may be several words and a pipe; the archive is its last argument.
    execFileSync('sh', ['-c', `${command} "$1"`, 'sh', archive], {
      stdio: ['ignore', 'ignore', 'inherit'],
      timeout: LOAD_LIMIT,
    });
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function makeRoots(scratch: string): readonly Image[] {
  const bundle = join(scratch, 'bundle');
  mkdirSync(dirname(bundle + PLACE), { recursive: true });
  cpSync(FOLDER, bundle + PLACE, { recursive: true, verbatimSymlinks: true });
  const node = join(scratch, 'node');
  makeNodeRoot(node);
  const small = (['scratch', 'musl', 'slim', 'distroless'] as const).map((name, index) => {
    const root = ROOTS[index];
    if (root === undefined) throw new Error(`internal error: no root for ${name}`);
    const folder = join(scratch, name);
    makeRoot(root, folder);
    return { name: SMALL_IMAGES[name], layers: [folder, bundle], entrypoint: ENTRYPOINT };
  });
  return [{ name: NODE_IMAGE, layers: [node, bundle], entrypoint: [] }, ...small];
}

function makeNodeRoot(root: string): void {
  for (const each of ['usr/bin', 'usr/lib', 'usr/lib64', 'etc', 'proc', 'sys', 'dev', 'tmp', 'app']) {
    mkdirSync(join(root, each), { recursive: true });
  }
  for (const each of ['bin', 'lib', 'lib64']) symlinkSync(`usr/${each}`, join(root, each));
  writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0::/:/bin/sh\napp:x:1000:1000::/:/bin/sh\n');
  writeFileSync(join(root, 'etc/group'), 'root:x:0:\napp:x:1000:\n');
  takeProgram(root, process.execPath, '/usr/bin/node');
  for (const program of PROGRAMS) takeProgram(root, program, program);
  // As they lie here, so that their imports hold there.
  cpSync(here('../rig/rollout'), join(root, 'app/test/rig/rollout'), { recursive: true });
  mkdirSync(join(root, 'app/test/cluster'));
  copyFileSync(here('./load-pod.ts'), join(root, 'app/test/cluster/load-pod.ts'));
  cpSync(here('../../src/rehearse'), join(root, 'app/src/rehearse'), { recursive: true });
  // Of Next.js nothing is run here, and its tools are 340 MB.
  const filter = (path: string): boolean => !/nextjs\/(node_modules|\.next)/.test(path);
  cpSync(here('../../examples'), join(root, 'app/examples'), { recursive: true, filter });
  const server = join(root, 'app/examples/static/server');
  execFileSync('gcc', ['-O2', '-static', '-o', server, here('../../examples/static/server.c')]);
  writeFileSync(join(root, 'app/package.json'), '{ "type": "module" }\n');
}

function takeProgram(root: string, program: string, path: string): void {
  const lines = execFileSync('ldd', [program], { encoding: 'utf8' }).split('\n');
  const missing = lines.find((line) => line.includes('not found'));
  if (missing !== undefined) throw new Error(`${program} cannot be put into an image: ${missing.trim()}`);
  const libraries = lines.flatMap((line) => /=> (\/\S+)/.exec(line)?.[1] ?? /^\s*(\/\S+) \(/.exec(line)?.[1] ?? []);
  for (const [from, to] of [[program, path], ...libraries.map((file) => [file, file])]) {
    const target = join(root, to ?? '');
    if (existsSync(target)) continue;
    mkdirSync(dirname(target), { recursive: true });
    copyFileSync(from ?? '', target);
  }
}
