import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { keptFolder } from '../../scripts/kept-folder.ts';

const CACHE = new URL('../../node_modules/.cache/install', import.meta.url).pathname;

type Recipe = {
  readonly name: string;
  readonly suite: string;
  readonly mirror: string;
  /** Beside what every root has: what a stranger is told to install, and what reads manuals and completions. */
  readonly packages: readonly string[];
  readonly options: readonly string[];
};

/** debootstrap of Debian 12 does not know a suite of Ubuntu that is younger; all of them are made alike. */
const SCRIPT = '/usr/share/debootstrap/scripts/jammy';
/** F6EC B376 2474 EDA9 D21B 7022 8719 20D1 991B C93C, which Debian does not have. */
const KEY = new URL('ubuntu-archive-key-2018.gpg', import.meta.url).pathname;

export const DEBIAN: Recipe = {
  name: 'Debian 12',
  suite: 'bookworm',
  mirror: 'http://deb.debian.org/debian',
  packages: ['libatomic1', 'man-db', 'zsh', 'fish'],
  options: [],
};
export const UBUNTU: Recipe = {
  name: 'Ubuntu 24.04',
  suite: 'noble',
  mirror: 'http://archive.ubuntu.com/ubuntu',
  packages: ['libatomic1', 'man-db', 'zsh'],
  options: [`--keyring=${KEY}`],
};

const folderOf = (recipe: Recipe): string =>
  join(CACHE, createHash('sha256').update(JSON.stringify(recipe)).digest('hex').slice(0, 16));

/** Whether it is made already, or can be. */
export async function canBeMade(recipe: Recipe): Promise<boolean> {
  if (existsSync(folderOf(recipe))) return true;
  const release = `${recipe.mirror}/dists/${recipe.suite}/Release`;
  const signal = AbortSignal.timeout(20_000);
  return await fetch(release, { method: 'HEAD', signal }).then(
    ({ ok }) => ok,
    () => false,
  );
}

/** The path of its root file system, which is made once, in a minute, and kept in node_modules/.cache. */
export const makeRoot = (recipe: Recipe): string => keptFolder(folderOf(recipe), (folder) => bootstrap(recipe, folder));

function bootstrap(recipe: Recipe, folder: string): void {
  process.stderr.write(`making a root file system of ${recipe.name}: about a minute, once\n`);
  const words = ['--variant=minbase', '--components=main', `--include=${recipe.packages.join(',')}`, ...recipe.options];
  const script = recipe === UBUNTU && !existsSync(join(SCRIPT, '..', recipe.suite)) ? [SCRIPT] : [];
  const { status, stdout } = spawnSync('debootstrap', [...words, recipe.suite, folder, recipe.mirror, ...script], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: Number.POSITIVE_INFINITY,
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' },
  });
  if (status !== 0) {
    const log = join(folder, 'debootstrap/debootstrap.log');
    const end = existsSync(log) ? readFileSync(log, 'utf8').slice(-2_000) : '';
    throw new Error(`debootstrap ended with ${status}\n${stdout}${end}`);
  }
  for (const each of ['var/cache/apt', 'var/lib/apt/lists'])
    rmSync(join(folder, each), { recursive: true, force: true });
}
