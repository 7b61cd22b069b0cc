import { spawnSync } from 'node:child_process';
import { existsSync, lstatSync, readdirSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { constants, gzipSync, zstdCompressSync } from 'node:zlib';
import { BARE_NODE, INITS } from './contenders.ts';
import { debianPackage, whereIs } from './installed.ts';
import type { Measure, Samples } from './measure.ts';
import { PEERS, PM2_FOLDER } from './peers.ts';

const ROOT = new URL('..', import.meta.url).pathname;
/** The output of `npm run build:bundle`. */
const PORTABLE = join(ROOT, 'dist-bundle', process.arch, 'k8s-run');
const MIB = 2 ** 20;

/** Priorities of packages that every Debian image has. */
const GIVEN = /^(required|important)$/;

/** The size that each adds to an image. */
export const size: Measure = {
  name: 'size',
  async run(effort) {
    const node = bytesIn(realpathSync(process.execPath));
    const ours = ['bin', 'dist'].map((name) => bytesIn(join(ROOT, name))).reduce((sum, each) => sum + each, 0);
    const rows: readonly (readonly [name: string, bytes: number | null])[] = [
      [BARE_NODE.name, node],
      ['bin/ and dist/ of k8s-run, in an image that has Node', ours],
      ['k8s-run and Node', node + ours],
      ['k8s-run, the portable folder', existsSync(PORTABLE) ? bytesIn(PORTABLE) : null],
      ...(existsSync(PORTABLE) && effort === 'full' ? compressed() : []),
      ...INITS.map(({ name }) => [name, bytesIn(realpathSync(whereIs(name) ?? name))] as const),
      ...PEERS.map(({ name }) => [name, sizeOfPeer(name, node)] as const),
    ];
    return [
      {
        kind: 'comparison',
        title: 'Size on disk',
        method:
          'Unpacked, without the C library: the file of each init; bin/ and dist/ of k8s-run; Node from npm; the portable ' +
          'folder, and what a tar of it takes in a layer of an image; the packages that ' +
          "Debian's s6 and supervisor add to a Debian image (most of it Python); pm2 with its dependencies and " +
          `Node.${existsSync(PORTABLE) ? '' : ' The portable folder is not built; `npm run build:bundle` builds it.'}`,
        unit: 'MiB',
        yardstick: null,
        rows: rows.flatMap(([name, bytes]): Samples[] => (bytes === null ? [] : [{ name, values: [bytes / MIB] }])),
        targets: [],
        plot: 'size',
      },
    ];
  },
};

/** What a registry stores: a tar of the folder, as gzip and zstd make it smaller. */
function compressed(): readonly (readonly [name: string, bytes: number | null])[] {
  const words = ['--create', '--sort=name', '-C', dirname(PORTABLE), 'k8s-run'];
  const { status, stdout } = spawnSync('tar', words, { maxBuffer: 2 ** 30 });
  if (status !== 0) throw new Error('tar cannot read the portable folder');
  return [
    ['the portable folder, gzip -6', gzipSync(stdout, { level: 6 }).length],
    [
      'the portable folder, zstd -19',
      zstdCompressSync(stdout, { params: { [constants.ZSTD_c_compressionLevel]: 19 } }).length,
    ],
  ];
}

function sizeOfPeer(name: string, node: number): number | null {
  if (name === 'pm2-runtime') return bytesIn(PM2_FOLDER) + node;
  return sizeOfPackages(name === 'supervisord' ? 'supervisor' : name);
}

/** The total size in bytes of a file or folder; links are not followed. */
function bytesIn(path: string): number {
  const stat = lstatSync(path);
  if (!stat.isDirectory()) return stat.size;
  return readdirSync(path).reduce((sum, entry) => sum + bytesIn(join(path, entry)), 0);
}

/** The installed size in bytes of a package and its dependencies, from dpkg; null when it is unknown. */
function sizeOfPackages(debian: string): number | null {
  const seen = new Set<string>();
  const visit = (name: string): number => {
    if (seen.has(name)) return 0;
    seen.add(name);
    const field = debianPackage(name);
    if (field === null || GIVEN.test(field('Priority')) || name.startsWith('libc6')) return 0;
    const names = `${field('Pre-Depends')}, ${field('Depends')}`
      .split(/[,|]/)
      .map((each) => /^\s*([^\s:(]+)/.exec(each)?.[1] ?? '');
    return Number(field('Installed-Size')) * 1024 + names.filter(Boolean).reduce((sum, each) => sum + visit(each), 0);
  };
  return visit(debian) || null;
}
