import {
  CATATONIT,
  COMPOSE,
  DUMB_INIT,
  none,
  OVERLAY,
  PEBBLE,
  PM2,
  page,
  runs,
  SLEEP,
  SUPERVISOR,
  source,
  TINI,
  tested,
} from './cells.ts';
import type { Row } from './rows.ts';

const noneOfInits = (says: string) => ({
  tini: TINI('README.md', says),
  'dumb-init': DUMB_INIT('README.md', says),
  catatonit: CATATONIT('catatonit.c', says),
});
const noneOfSupervisors = (says: string) => ({
  's6-overlay': OVERLAY('README.md', says),
  supervisord: SUPERVISOR('docs/configuration.rst', says),
  'pm2-runtime': PM2('lib/God/Methods.js', says),
  Pebble: PEBBLE('internals/overlord/servstate/handlers.go', says),
  'process-compose': COMPOSE('src/app/process.go', says),
});

/** What a rolling update sees. */
export const TRAFFIC: readonly Row[] = [
  {
    name: 'a delay before the signal',
    cells: {
      'k8s-run': tested('shutdown/delay', '**yes**'),
      ...noneOfInits('no'),
      ...noneOfSupervisors('no'),
      'preStop: sleep': SLEEP('**yes**'),
    },
  },
  {
    name: '… left out when it can serve nobody',
    cells: {
      'k8s-run': tested('shutdown/workers', 'yes'),
      ...{ tini: none, 'dumb-init': none, catatonit: none },
      'preStop: sleep': SLEEP('no'),
    },
  },
  {
    name: 'waits for requests in flight',
    cells: {
      'k8s-run': tested('shutdown/connections', '**`--drain-connections`**'),
      ...noneOfInits('no'),
      ...noneOfSupervisors('no'),
      'preStop: sleep': SLEEP('no'),
    },
  },
  {
    name: 'readiness fails while the app is terminating',
    cells: {
      'k8s-run': tested('shutdown/readiness', '**yes**'),
      ...noneOfInits('no'),
      's6-overlay': none,
      supervisord: none,
      'pm2-runtime': none,
      Pebble: PEBBLE('internals/daemon/api_health.go', 'no: `/v1/health` has the checks alone'),
      'process-compose': COMPOSE('src/api/routes.go', 'no'),
      'preStop: sleep': SLEEP('only if the app does it'),
    },
  },
  {
    name: 'health endpoints for an app that has none',
    cells: {
      'k8s-run': tested('health/endpoints', '`/livez`, `/readyz`, `/startupz`'),
      ...noneOfInits('no'),
      's6-overlay': OVERLAY('README.md', 'no'),
      supervisord: SUPERVISOR('docs/configuration.rst', 'no; XML-RPC and a web page have the states'),
      'pm2-runtime': PM2('lib/HttpInterface.js', 'no; `--web` has the states in JSON'),
      Pebble: PEBBLE(
        'docs/reference/health-checks.md',
        'with `--http`: `/v1/health`, for `level=alive` and `level=ready`',
      ),
      'process-compose': COMPOSE('src/api/routes.go', '`/live` of itself; an API has the states'),
      'preStop: sleep': SLEEP('no'),
    },
  },
  {
    name: 'probes of the app',
    cells: {
      'k8s-run': page('how-to/probes.md', 'HTTP, TCP, gRPC, exec, and `auto` without configuration'),
      's6-overlay': source(
        'https://skarnet.org/software/s6/notifywhenup.html',
        'the app notifies; `s6-notifyoncheck` runs a command',
      ),
      supervisord: SUPERVISOR('docs/configuration.rst', 'no; `startsecs`'),
      'pm2-runtime': PM2('lib/God.js', 'no; with `wait_ready` the app notifies'),
      Pebble: PEBBLE('docs/reference/health-checks.md', 'HTTP, TCP, exec'),
      'process-compose': COMPOSE('www/docs/health.md', 'HTTP, exec, a line of the log'),
    },
  },
  {
    name: 'restart in place',
    cells: {
      'k8s-run': runs('k8s-run', 'restart', 'ends', '`--restart`, off by default'),
      tini: runs('tini', 'restart', 'ends', 'no'),
      'dumb-init': runs('dumb-init', 'restart', 'ends', 'no'),
      catatonit: runs('catatonit', 'restart', 'ends', 'no'),
      's6-overlay': runs('s6', 'restart', 'restarts', 'services: by default; a CMD: no'),
      supervisord: runs('supervisord', 'restart', 'restarts', 'by default'),
      'pm2-runtime': runs('pm2-runtime', 'restart', 'restarts', 'by default'),
      Pebble: PEBBLE(
        'docs/reference/layer-specification.md',
        'by default; when a check fails, with `on-check-failure`',
      ),
      'process-compose': COMPOSE('www/docs/launcher.md', '`availability`, off by default'),
      'preStop: sleep': none,
    },
  },
];
