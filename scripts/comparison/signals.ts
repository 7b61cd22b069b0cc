import { keptFrom } from '../figures/catalog.ts';
import {
  CATATONIT,
  COMPOSE,
  DUMB_INIT,
  measured,
  OVERLAY,
  PEBBLE,
  PM2,
  page,
  runs,
  SUPERVISOR,
  source,
  TINI,
  tested,
} from './cells.ts';
import type { Row } from './rows.ts';

const LOSS = 'TERM to a PID 1 that has just been started';
/** What a program in Go does with signals that it inherits; os/exec passes the mask on. */
const GO_SIGNALS = 'https://pkg.go.dev/os/signal';
const S6_KILL = 'https://skarnet.org/software/s6/servicedir.html';

/** What becomes of signals and processes. */
export const SIGNALS: readonly Row[] = [
  {
    name: 'SIGTERM reaches an app not written for PID 1',
    cells: {
      'k8s-run': runs('k8s-run', 'TERM', 'passed on', 'yes'),
      tini: runs('tini', 'TERM', 'passed on', 'yes'),
      'dumb-init': runs('dumb-init', 'TERM', 'passed on', 'yes'),
      catatonit: runs('catatonit', 'TERM', 'passed on', 'yes'),
      's6-overlay': runs('s6', 'TERM', 'passed on', 'yes'),
      supervisord: runs('supervisord', 'TERM', 'passed on', 'yes'),
      'pm2-runtime': runs('pm2-runtime', 'TERM', 'as SIGINT', 'as SIGINT, unless `PM2_KILL_SIGNAL` says another'),
      Pebble: PEBBLE('internals/overlord/servstate/handlers.go', 'yes'),
      'process-compose': COMPOSE('www/docs/launcher.md', 'yes'),
    },
  },
  {
    name: 'other signals (HUP, USR1 …)',
    cells: {
      'k8s-run': runs('k8s-run', 'HUP', 'passed on', 'passed on at once'),
      tini: runs('tini', 'HUP', 'passed on', 'passed on'),
      'dumb-init': runs('dumb-init', 'HUP', 'passed on', 'passed on'),
      catatonit: runs('catatonit', 'HUP', 'passed on', 'passed on'),
      's6-overlay': OVERLAY('README.md', 'to the CMD with `S6_CMD_RECEIVE_SIGNALS`: QUIT, INT, USR1, USR2, PWR, WINCH'),
      supervisord: runs('supervisord', 'HUP', 'not passed on', 'not passed on; HUP restarts all programs'),
      'pm2-runtime': runs('pm2-runtime', 'HUP', 'not passed on', 'not passed on'),
      Pebble: PEBBLE('docs/reference/cli-commands/signal.md', 'not passed on; `pebble signal` sends them'),
      'process-compose': COMPOSE('src/cmd/project_runner.go', 'not passed on; HUP shuts down'),
    },
  },
  {
    name: 'real-time signals (SIGRTMIN …)',
    cells: {
      'k8s-run': runs('k8s-run', 'real-time signal', 'not passed on', '**no**: Node has no listener for them'),
      tini: runs('tini', 'real-time signal', 'passed on', '**yes**'),
      'dumb-init': runs('dumb-init', 'real-time signal', 'passed on', '**yes**'),
      catatonit: runs('catatonit', 'real-time signal', 'passed on', '**yes**'),
    },
  },
  {
    name: 'who gets it',
    cells: {
      'k8s-run': runs('k8s-run', 'group', 'the group', 'the process group; `--signal-scope process`: the app'),
      tini: runs('tini', 'group', 'the app', 'the app; `-g`: the group'),
      'dumb-init': runs('dumb-init', 'group', 'the group', 'the group; `-c`: the app'),
      catatonit: runs('catatonit', 'group', 'the app', 'the app; `-g`: the group'),
      's6-overlay': runs('s6', 'group', 'the app', 'the process of the service'),
      supervisord: runs('supervisord', 'group', 'the app', 'the program; `stopasgroup`: the group'),
      'pm2-runtime': runs(
        'pm2-runtime',
        'group',
        'the group',
        'the app and its descendants; `treekill: false`: the app',
      ),
      Pebble: PEBBLE('internals/overlord/servstate/handlers.go', 'the group of the service'),
      'process-compose': COMPOSE('www/docs/launcher.md', 'the group; `parent_only`: the process'),
    },
  },
  {
    name: 'another signal instead',
    cells: {
      'k8s-run': tested('signals/stop-signal', '`--rewrite`, `--stop-signal`'),
      tini: TINI('README.md', 'no'),
      'dumb-init': DUMB_INIT('dumb-init.c', '`--rewrite`'),
      catatonit: CATATONIT('catatonit.c', 'no'),
      's6-overlay': source(S6_KILL, '`down-signal`'),
      supervisord: SUPERVISOR('docs/configuration.rst', '`stopsignal`'),
      'pm2-runtime': PM2('constants.js', '`PM2_KILL_SIGNAL`, one for all apps'),
      Pebble: PEBBLE('docs/reference/layer-specification.md', 'no'),
      'process-compose': COMPOSE('www/docs/launcher.md', '`shutdown.signal`, or a command'),
    },
  },
  {
    name: 'a signal in the first milliseconds, as PID 1',
    cells: {
      'k8s-run': measured(
        LOSS,
        `folder: kept from ${keptFrom('k8s-run, portable folder')} on; npm: **lost** for ${keptFrom('k8s-run')}`,
      ),
      tini: measured(LOSS, `kept from ${keptFrom('tini')} on`),
      'dumb-init': measured(LOSS, `kept from ${keptFrom('dumb-init')} on`),
      catatonit: measured(LOSS, `kept from ${keptFrom('catatonit')} on`),
    },
  },
  {
    name: 'signal mask that the app inherits',
    cells: {
      'k8s-run': runs('k8s-run', 'signal mask', 'reset', '**emptied**'),
      tini: runs('tini', 'signal mask', 'kept', 'as its parent left it'),
      'dumb-init': runs('dumb-init', 'signal mask', 'reset', '**emptied**'),
      catatonit: runs('catatonit', 'signal mask', 'kept', 'as its parent left it'),
      's6-overlay': runs('s6', 'signal mask', 'reset', '**emptied**'),
      supervisord: runs('supervisord', 'signal mask', 'kept', 'as its parent left it'),
      'pm2-runtime': runs('pm2-runtime', 'signal mask', 'reset', '**emptied**'),
      Pebble: source(GO_SIGNALS, 'as its parent left it'),
      'process-compose': source(GO_SIGNALS, 'as its parent left it'),
    },
  },
  {
    name: 'ignored signals that the app inherits',
    cells: {
      'k8s-run': runs('k8s-run', 'ignored signals', 'reset', '**set back to the default**'),
      tini: runs('tini', 'ignored signals', 'kept', 'as its parent left them'),
      'dumb-init': runs('dumb-init', 'ignored signals', 'reset', '**set back to the default**'),
      catatonit: runs('catatonit', 'ignored signals', 'kept', 'as its parent left them'),
      's6-overlay': runs('s6', 'ignored signals', 'kept', 'as its parent left them'),
      supervisord: runs('supervisord', 'ignored signals', 'reset', '**set back to the default**'),
      'pm2-runtime': runs('pm2-runtime', 'ignored signals', 'reset', '**set back to the default**'),
      Pebble: source(GO_SIGNALS, 'HUP as its parent left it'),
      'process-compose': COMPOSE('src/cmd/project_runner.go', '**set back to the default**'),
    },
  },
  {
    name: 'reaps orphans',
    cells: {
      'k8s-run': runs('k8s-run', 'orphans, as PID 1', 'reaped', 'yes (npm install: with Node ≥ 26.1)'),
      tini: runs('tini', 'orphans, as PID 1', 'reaped', 'yes'),
      'dumb-init': runs('dumb-init', 'orphans, as PID 1', 'reaped', 'yes'),
      catatonit: runs('catatonit', 'orphans, as PID 1', 'reaped', 'yes'),
      's6-overlay': runs('s6', 'orphans, as PID 1', 'reaped', 'yes'),
      supervisord: runs('supervisord', 'orphans, as PID 1', 'reaped', 'yes, once a second'),
      'pm2-runtime': runs('pm2-runtime', 'orphans, as PID 1', 'not reaped', 'no'),
      Pebble: PEBBLE('internals/reaper/reaper.go', 'yes'),
      'process-compose': COMPOSE('src/app/process.go', 'no; it waits only for what it has started'),
    },
  },
  {
    name: 'reaps them when it is not PID 1',
    cells: {
      'k8s-run': runs('k8s-run', 'orphans, not as PID 1', 'adopted', 'yes, as a subreaper'),
      tini: runs('tini', 'orphans, not as PID 1', 'not adopted', 'only with `-s`'),
      'dumb-init': runs('dumb-init', 'orphans, not as PID 1', 'not adopted', 'no'),
      catatonit: runs('catatonit', 'orphans, not as PID 1', 'adopted', 'yes, as a subreaper'),
      's6-overlay': runs('s6', 'orphans, not as PID 1', 'not adopted', 'no; the overlay has to be PID 1'),
      supervisord: runs('supervisord', 'orphans, not as PID 1', 'not adopted', 'no'),
      'pm2-runtime': runs('pm2-runtime', 'orphans, not as PID 1', 'not adopted', 'no'),
      Pebble: PEBBLE('internals/reaper/reaper.go', 'yes, as a subreaper'),
      'process-compose': COMPOSE('src/app/process.go', 'no'),
    },
  },
  {
    name: 'exit code',
    cells: {
      'k8s-run': runs('k8s-run', 'exit code', "the app's", "the app's; `--remap-exit`"),
      tini: runs('tini', 'exit code', "the app's", "the app's; `-e` makes a code 0"),
      'dumb-init': runs('dumb-init', 'exit code', "the app's", "the app's"),
      catatonit: runs('catatonit', 'exit code', "the app's", "the app's"),
      's6-overlay': OVERLAY('README.md', "the CMD's; of a service what its `finish` script writes"),
      supervisord: runs('supervisord', 'exit code', 'stays, then 0', 'its own: it stays when its programs have ended'),
      'pm2-runtime': runs('pm2-runtime', 'exit code', 'its own', "its own, not the app's"),
      Pebble: PEBBLE(
        'docs/reference/layer-specification.md',
        'its own: 0, 10 or 11, as `on-success` and `on-failure` say',
      ),
      'process-compose': COMPOSE('www/docs/launcher.md', "the process's, with `exit_on_end` or `exit_on_failure`"),
    },
  },
  {
    name: 'SIGKILL after a time',
    cells: {
      'k8s-run': runs('k8s-run', 'SIGKILL after a time', 'killed', '`--grace`, 20 s, with the reason in the log'),
      tini: TINI('README.md', 'no'),
      'dumb-init': DUMB_INIT('README.md', 'no'),
      catatonit: CATATONIT('catatonit.c', 'no'),
      's6-overlay': runs(
        's6',
        'SIGKILL after a time',
        'killed',
        '`timeout-kill` of a service; `S6_KILL_GRACETIME`, 3 s, at the end',
      ),
      supervisord: runs('supervisord', 'SIGKILL after a time', 'killed', '`stopwaitsecs`, 10 s'),
      'pm2-runtime': runs('pm2-runtime', 'SIGKILL after a time', 'killed', '`kill_timeout`, 1.6 s'),
      Pebble: PEBBLE('docs/reference/layer-specification.md', '`kill-delay`, 5 s'),
      'process-compose': COMPOSE('www/docs/launcher.md', '`shutdown.timeout_seconds`'),
    },
  },
  {
    name: 'what the app leaves behind',
    cells: {
      'k8s-run': tested('shutdown/leftovers', 'gets the signal, what is left of the grace, SIGKILL'),
      tini: TINI('src/tini.c', 'is killed with PID 1'),
      'dumb-init': DUMB_INIT('dumb-init.c', 'gets TERM, and is killed with PID 1 at once'),
      catatonit: CATATONIT('catatonit.c', 'is killed with PID 1'),
      's6-overlay': OVERLAY('README.md', 'gets TERM, `S6_KILL_GRACETIME`, SIGKILL'),
      supervisord: SUPERVISOR('docs/configuration.rst', 'with `stopasgroup` gets the signal; is killed with PID 1'),
      'pm2-runtime': PM2('lib/TreeKill.js', 'descendants get the signal; is killed with PID 1'),
      Pebble: PEBBLE('internals/overlord/servstate/handlers.go', 'the group gets TERM; is killed with PID 1'),
      'process-compose': COMPOSE('www/docs/launcher.md', 'the group gets the signal; is killed with PID 1'),
    },
  },
  {
    name: 'its working directory after the start',
    cells: {
      'k8s-run': runs(
        'k8s-run',
        'working directory',
        '/',
        '`/`, unless a restart, a command or a relative path needs it',
      ),
      tini: runs('tini', 'working directory', "its parent's", "as its parent's"),
      'dumb-init': runs('dumb-init', 'working directory', '/', '`/`'),
      catatonit: runs('catatonit', 'working directory', "its parent's", "as its parent's"),
    },
  },
  {
    name: 'log of its own',
    cells: {
      'k8s-run': tested('log/lines', 'JSON or text, a line for each event'),
      tini: TINI('README.md', 'none; `-v` for debugging'),
      'dumb-init': DUMB_INIT('README.md', 'none; `-v` for debugging'),
      catatonit: CATATONIT('catatonit.c', 'none; `CATATONIT_DEBUG`'),
    },
  },
  {
    name: 'needs in the image',
    cells: {
      'k8s-run': page('how-to/install.md', 'Node, or the portable folder, which contains it'),
      tini: TINI('README.md', 'a C library; `tini-static`: **nothing**'),
      'dumb-init': DUMB_INIT('README.md', 'static: **nothing**'),
      catatonit: source('https://packages.debian.org/stable/catatonit', "Debian's is static: **nothing**"),
      's6-overlay': OVERLAY('layout/rootfs-overlay/init', 'a shell; its programs are linked statically'),
      supervisord: SUPERVISOR('docs/installing.rst', 'Python'),
      'pm2-runtime': PM2('README.md', 'Node, or Bun'),
      Pebble: PEBBLE('docs/how-to/install-pebble.md', '**nothing**: one program'),
      'process-compose': COMPOSE(
        'www/docs/configuration.md',
        'one program, and bash, unless `COMPOSE_SHELL` names another',
      ),
    },
  },
];
