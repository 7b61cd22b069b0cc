import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Peer } from '../../../scripts/comparison/cells.ts';
import { needs, needsThat } from '../../rig/needs.ts';
import { BIN } from '../../rig/supervised.ts';

/** How a program of the comparison is told what to run: the script of an app, or of several. */
export type Starter = {
  /** For `skip` of node:test. */
  readonly skip: string | false;
  /** The command line, with whatever files it needs in `folder`. */
  readonly words: (folder: string, scripts: readonly string[], how: How) => readonly string[];
  /** It goes on when its app has ended. */
  readonly stays?: true;
};

/** `restart`: whether its own default is left as it is. `patience`: milliseconds until SIGKILL, where that can be set. */
export type How = { readonly restart: boolean; readonly patience: number };

const PM2 = process.env['K8S_RUN_TEST_PM2'] ?? '';
const OURS = ['--health-port=0', '--ready=process', '--shutdown-delay=0', '--drain-connections=off'];

export const STARTERS: Readonly<Record<Peer, Starter>> = {
  'k8s-run': {
    skip: false,
    words: (_folder, [script = ''], { patience }) => [
      process.execPath,
      BIN,
      ...OURS,
      `--grace=${patience}ms`,
      '--',
      script,
    ],
  },
  tini: init('tini'),
  'dumb-init': init('dumb-init'),
  catatonit: init('catatonit'),
  s6: {
    skip: needs('s6-svscan'),
    words(folder, scripts, { restart, patience }) {
      const scan = join(folder, 'scan');
      for (const [index, script] of scripts.entries()) {
        executable(join(scan, `app${index}`, 'run'), `#!/bin/sh\nexec ${script}\n`);
        // What s6-overlay does when its CMD ends.
        if (!restart) executable(join(scan, `app${index}`, 'finish'), `#!/bin/sh\nexec s6-svscanctl -t ${scan}\n`);
        writeFileSync(join(scan, `app${index}`, 'timeout-kill'), `${patience}\n`);
      }
      return ['s6-svscan', scan];
    },
  },
  supervisord: {
    skip: needs('supervisord'),
    stays: true,
    words(folder, scripts, { restart, patience }) {
      const programs = scripts.flatMap((script, index) => [
        `[program:app${index}]`,
        `command=${script}`,
        `stopwaitsecs=${Math.ceil(patience / 1000)}`,
        ...(restart ? [] : ['startsecs=0', 'autorestart=false']),
      ]);
      const own = [
        'nodaemon=true',
        'silent=true',
        `logfile=${folder}/supervisord.log`,
        `pidfile=${folder}/pid`,
        'user=root',
      ];
      const config = join(folder, 'supervisord.conf');
      writeFileSync(config, [`[supervisord]`, ...own, `childlogdir=${folder}`, ...programs, ''].join('\n'));
      return ['supervisord', '-c', config];
    },
  },
  'pm2-runtime': {
    skip: needsThat(PM2 !== '', 'pm2 is not installed', 'K8S_RUN_TEST_PM2 names its folder bin, as in .ci/run'),
    words(folder, scripts, { restart, patience }) {
      const config = join(folder, 'ecosystem.json');
      const apps = scripts.map((script, index) => ({
        name: `app${index}`,
        script,
        interpreter: 'none',
        vizion: false,
        pmx: false,
        kill_timeout: patience,
        ...(restart ? {} : { autorestart: false }),
      }));
      writeFileSync(config, JSON.stringify({ apps }));
      const home = [`PM2_HOME=${folder}/pm2`, 'PM2_DISCRETE_MODE=true'];
      return ['env', ...home, process.execPath, join(PM2, 'pm2-runtime'), 'start', config];
    },
  },
};

function init(program: 'tini' | 'dumb-init' | 'catatonit'): Starter {
  return { skip: needs(program), words: (_folder, [script = '']) => [program, '--', script] };
}

/** Writes an executable file and its folder. */
export function executable(path: string, text: string): string {
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text);
  chmodSync(path, 0o755);
  return path;
}
