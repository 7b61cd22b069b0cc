import { spawnSync } from 'node:child_process';
import { arch, platform } from 'node:process';

/** What the images are made with here (images.ts, test/bundle/roots.ts), and the Debian package that has it. */
const PROGRAMS: Readonly<Record<string, string>> = {
  gcc: 'gcc and libc6-dev',
  'musl-gcc': 'musl-tools',
  patchelf: 'patchelf',
  ldd: 'libc-bin',
  setsid: 'util-linux',
};
/** As Node and as Kubernetes call a machine. */
const MACHINES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

/** All that keeps the suite from being run, each with the way out; none when it can be. */
export function missingPrerequisites(load: string): readonly string[] {
  const reasons: string[] = [];
  if (platform !== 'linux')
    reasons.push(`the images are made of programs of this machine, which must run Linux, not ${platform}`);
  for (const [program, packages] of Object.entries(PROGRAMS)) {
    if (spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0)
      reasons.push(`${program} is not there: apt-get install ${packages}`);
  }
  if (load === '')
    reasons.push(
      'K8S_RUN_TEST_LOAD_IMAGE must be the command that loads an archive of images, such as "kind load image-archive"',
    );
  const cluster = process.env['KUBECONFIG'] ? clusterLacks() : 'KUBECONFIG must name a cluster';
  return cluster === null ? reasons : [...reasons, cluster];
}

function clusterLacks(): string | null {
  const asked = spawnSync('kubectl', ['get', '--raw', '/readyz'], { encoding: 'utf8', timeout: 30_000 });
  if (asked.error !== undefined) return `kubectl cannot be run: ${asked.error.message}`;
  if (asked.status !== 0) return `the cluster does not answer: ${asked.stderr.trim()}`;
  const words = ['get', 'nodes', '-o', 'jsonpath={.items[*].status.nodeInfo.architecture}'];
  const nodes = new Set(spawnSync('kubectl', words, { encoding: 'utf8' }).stdout.split(' '));
  const ours = MACHINES[arch] ?? arch;
  return [...nodes].every((node) => node === ours)
    ? null
    : `the nodes are ${[...nodes].join(', ')}, and the images are made of programs of this machine, ${ours}`;
}
