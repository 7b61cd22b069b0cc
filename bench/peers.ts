import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ABSENT_INITS, type Contender, INITS } from './contenders.ts';
import { isInstalled, packagedVersion } from './installed.ts';
import { folder, quoted, script } from './scratch.ts';

/** The alternatives besides the inits: service supervisors, set up for one app as in their manuals. */

/** s6-svscan as PID 1 with s6-supervise, the core of s6-overlay. It ends with the service, as s6-overlay does with CMD. */
const S6: Contender = {
  name: 's6',
  starting(app) {
    const scan = folder('s6');
    script(join(scan, 'app', 'run'), `exec ${quoted(app)}`);
    script(join(scan, 'app', 'finish'), `s6-svscanctl -t ${quoted([scan])}`);
    return ['s6-svscan', scan];
  },
};

const SUPERVISORD: Contender = {
  name: 'supervisord',
  starting(app) {
    const home = folder('supervisord');
    const config = join(home, 'supervisord.conf');
    const lines = [
      '[supervisord]',
      'nodaemon=true',
      'silent=true',
      'logfile=/dev/null',
      'logfile_maxbytes=0',
      `pidfile=${home}/pid`,
      ...(process.getuid?.() === 0 ? ['user=root'] : []),
      '[program:app]',
      `command=${script(join(home, 'run'), `exec ${quoted(app)}`)}`,
      'startsecs=0',
      'autorestart=false',
      'stdout_logfile=/dev/fd/1',
      'stdout_logfile_maxbytes=0',
      'stderr_logfile=/dev/fd/2',
      'stderr_logfile_maxbytes=0',
    ];
    writeFileSync(config, `${lines.join('\n')}\n`);
    return ['supervisord', '-c', config];
  },
};

/** pm2 for containers. It is not a dependency of k8s-run; npm installs it at the first measurement. */
const PM2_VERSION = '7.0.4';
const CACHE = new URL('../node_modules/.cache/k8s-run-bench/', import.meta.url).pathname;
const PM2_RUNTIME = join(CACHE, 'node_modules/.bin/pm2-runtime');

const PM2: Contender = {
  name: 'pm2-runtime',
  starting(app) {
    const home = folder('pm2');
    const [program = '', ...args] = app;
    const config = join(home, 'ecosystem.json');
    const settings = { name: 'app', script: script(join(home, 'run'), `exec ${quoted([program, ...args])}`) };
    const quiet = { interpreter: 'none', autorestart: false, vizion: false, pmx: false };
    writeFileSync(config, JSON.stringify({ apps: [{ ...settings, ...quiet }] }));
    return ['env', `PM2_HOME=${home}`, 'PM2_DISCRETE_MODE=true', PM2_RUNTIME, 'start', config, '--raw'];
  },
};

/** Installs pm2 into the cache folder unless it is there. Returns null, or the reason why that failed. */
function fetchPm2(): string | null {
  if (existsSync(PM2_RUNTIME)) return null;
  mkdirSync(CACHE, { recursive: true });
  writeFileSync(join(CACHE, 'package.json'), '{ "private": true }\n');
  const args = ['install', `pm2@${PM2_VERSION}`, '--ignore-scripts', '--omit=optional', '--no-audit', '--no-fund'];
  process.stderr.write(`installing pm2 ${PM2_VERSION} from npm\n`);
  const { status, error } = spawnSync('npm', args, { cwd: CACHE, encoding: 'utf8', timeout: 120_000 });
  if (status === 0 && existsSync(PM2_RUNTIME)) return null;
  return `npm could not install it (${error?.message ?? `code ${status}`})`;
}

export type Absent = { readonly name: string; readonly reason: string };

const pm2Missing = fetchPm2();
const DEBIAN: readonly (readonly [Contender, program: string, debian: string])[] = [
  [S6, 's6-svscan', 's6'],
  [SUPERVISORD, 'supervisord', 'supervisor'],
];

/** The installed ones. */
export const PEERS: readonly Contender[] = [
  ...DEBIAN.filter(([, program]) => isInstalled(program)).map(([contender]) => contender),
  ...(pm2Missing === null ? [PM2] : []),
];

/** The missing ones, with the command that installs them. */
export const ABSENT: readonly Absent[] = [
  ...ABSENT_INITS.map((name) => debianOf(name, name)),
  ...DEBIAN.filter(([, program]) => !isInstalled(program)).map(([{ name }, , debian]) => debianOf(name, debian)),
  ...(pm2Missing === null ? [] : [{ name: PM2.name, reason: pm2Missing }]),
];

function debianOf(name: string, debian: string): Absent {
  return { name, reason: `not installed (Debian: apt-get install --no-install-recommends ${debian})` };
}

export const ALL_OTHERS: readonly Contender[] = [...INITS, ...PEERS];

export const peer = (name: string): readonly Contender[] => PEERS.filter((each) => each.name === name);

/** Written in C, without a runtime. */
export const IN_C: readonly string[] = [...INITS.map(({ name }) => name), S6.name];

const PACKAGES: Readonly<Record<string, string>> = { [SUPERVISORD.name]: 'supervisor' };

/** Name and version of each. */
export function versions(): readonly string[] {
  return ALL_OTHERS.map(({ name }) =>
    name === PM2.name ? `${name} ${PM2_VERSION}` : `${name} ${packagedVersion(PACKAGES[name] ?? name)}`.trim(),
  );
}

/** The folder of pm2 and its dependencies. */
export const PM2_FOLDER: string = join(CACHE, 'node_modules');
