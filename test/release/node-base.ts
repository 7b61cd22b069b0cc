import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { type Arch, DEBIAN, nodeBinary } from '../../bundle/runtime.ts';

const project = new URL('../../', import.meta.url).pathname;
const HOMES = { x64: '/lib64', arm64: '/lib' } as const;

/**
 * What `node:26-slim` is for a release, without a registry: Node for both architectures, and the libraries that it is linked with, as
 * an OCI layout. Returns the name by which a FROM has it.
 */
export function makeNodeBase(box: string, folders: Readonly<Record<Arch, string>>): string {
  const context = `${box}/base`;
  for (const arch of ['x64', 'arm64'] as const) {
    const root = `${context}/${DEBIAN[arch].name}`;
    const shelf = `${root}/lib/${DEBIAN[arch].triplet}`;
    for (const each of [shelf, root + HOMES[arch], `${root}/usr/local/bin`, `${root}/etc`])
      mkdirSync(each, { recursive: true });
    for (const each of readdirSync(`${folders[arch]}/lib`).filter((name) => /\.so(\.|$)/.test(name)))
      copyFileSync(`${folders[arch]}/lib/${each}`, `${shelf}/${each}`);
    copyFileSync(`${folders[arch]}/lib/${DEBIAN[arch].loader}`, `${root}${HOMES[arch]}/${DEBIAN[arch].loader}`);
    writeFileSync(`${root}/usr/local/bin/node`, nodeBinary(arch), { mode: 0o755 });
    writeFileSync(`${root}/etc/passwd`, 'node:x:1000:1000::/:/sbin/nologin\n');
  }
  writeFileSync(`${context}/Dockerfile`, 'FROM scratch\nARG TARGETARCH\nCOPY $TARGETARCH /\n');
  const env = { ...process.env, CONTAINERS_CONF: `${project}test/containers/containers.conf` };
  const store = ['--root', `${box}/store`, '--runroot', `${box}/store-run`, '--storage-driver', 'vfs'];
  const buildah = (...words: readonly string[]) =>
    execFileSync('buildah', [...store, ...words], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  const platforms = ['x64', 'arm64'].map((arch) => `linux/${DEBIAN[arch as Arch].name}`).join(',');
  buildah('build', '--quiet', '--layers=false', '--platform', platforms, '--manifest', 'localhost/base', context);
  buildah('manifest', 'push', '--all', '--quiet', 'localhost/base', `oci:${box}/layout:base`);
  return `oci:${box}/layout:base`;
}
