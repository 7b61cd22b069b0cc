import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { WORK } from '../rig/machine.ts';

const PROJECT = new URL('../../', import.meta.url).pathname;
/** What a clone has not. */
const MADE = new Set(['node_modules', '.git', 'dist', 'dist-bundle']);
const isOfClone = (file: string): boolean => !MADE.has(basename(file)) && !basename(file).startsWith('dist.making-');
const CA = '/etc/certificates-of-this-machine.crt';

export type Layers = Disposable & {
  /** A clone of the project that belongs to this user. */
  readonly clone: (user: number) => string;
  /** What `npm pack` makes of it. */
  readonly archive: string;
  /** The npm whose npm-cli.js that is, as a download of Node has it. */
  readonly npm: (cli: string) => string;
};

export function makeLayers(): Layers {
  const path = mkdtempSync(join(tmpdir(), 'k8s-run-first-minute-'));
  chmodSync(path, 0o755);
  const clone = (user: number): string => {
    const layer = join(path, `clone-${user}`);
    const folder = join(layer, WORK, 'k8s-run');
    if (existsSync(layer)) return layer;
    cpSync(PROJECT, folder, { recursive: true, filter: isOfClone });
    execFileSync('chown', ['-R', `${user}:${user}`, folder]);
    return layer;
  };
  const archive = join(path, 'archive');
  mkdirSync(join(archive, WORK), { recursive: true });
  const words = ['pack', '--ignore-scripts', '--pack-destination', join(archive, WORK)];
  const packed = spawnSync('npm', words, { cwd: PROJECT, encoding: 'utf8' });
  if (packed.status !== 0) throw new Error(packed.stderr);
  const made = new Map<string, string>();
  const npm = (cli: string): string => {
    const layer = made.get(cli) ?? join(path, `npm-${made.size}`);
    if (made.has(cli)) return layer;
    made.set(cli, layer);
    const local = join(layer, 'usr/local');
    mkdirSync(join(local, 'bin'), { recursive: true });
    cpSync(join(cli, '../..'), join(local, 'lib/node_modules/npm'), { recursive: true, verbatimSymlinks: true });
    for (const each of ['npm', 'npx'])
      symlinkSync(`../lib/node_modules/npm/bin/${each}-cli.js`, join(local, 'bin', each));
    for (const each of certificates()) {
      mkdirSync(join(layer, 'etc'), { recursive: true });
      copyFileSync(each, join(layer, CA));
    }
    return layer;
  };
  return { clone, archive, npm, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

const certificates = (): readonly string[] => {
  const file = process.env['NODE_EXTRA_CA_CERTS'] ?? '';
  return file === '' ? [] : [file];
};

/** How npm reaches its registry from this machine. */
export function networkVariables(): Readonly<Record<string, string>> {
  const registry = spawnSync('npm', ['config', 'get', 'registry'], { cwd: PROJECT, encoding: 'utf8' }).stdout.trim();
  const proxies = Object.entries(process.env).filter(([name]) => /^(https?|no)_proxy$/i.test(name));
  return {
    ...(Object.fromEntries(proxies) as Record<string, string>),
    npm_config_registry: registry,
    ...(certificates().length === 0 ? {} : { NODE_EXTRA_CA_CERTS: CA }),
  };
}
