import { COMPOSE, OVERLAY, PEBBLE, PM2, page, runs, SUPERVISOR, source, tested } from './cells.ts';
import type { Row } from './rows.ts';

/** What supervisors of services have beyond that. */
export const SERVICES: readonly Row[] = [
  {
    name: 'several services in one container',
    cells: {
      'k8s-run': page('explanation/known-limits.md', '**no**: one app'),
      's6-overlay': runs('s6', 'several services', 'both run', '**yes**'),
      supervisord: runs('supervisord', 'several services', 'both run', '**yes**'),
      'pm2-runtime': runs('pm2-runtime', 'several services', 'both run', '**yes**, and workers that share a port'),
      Pebble: PEBBLE('docs/reference/layer-specification.md', '**yes**'),
      'process-compose': COMPOSE('www/docs/launcher.md', '**yes**, and replicas'),
    },
  },
  {
    name: 'order of their start',
    cells: {
      'k8s-run': page('explanation/known-limits.md', '**no**; `--wait-for` waits for what is elsewhere'),
      's6-overlay': OVERLAY('README.md', '**dependencies**, also on readiness'),
      supervisord: SUPERVISOR('docs/configuration.rst', '`priority`'),
      'pm2-runtime': PM2('lib/API/schema.json', 'no'),
      Pebble: PEBBLE('docs/how-to/service-dependencies.md', '`requires`, `before`, `after`'),
      'process-compose': COMPOSE(
        'www/docs/launcher.md',
        '**`depends_on`**, with health, completion or a line of the log',
      ),
    },
  },
  {
    name: 'start, stop and see them while it runs',
    cells: {
      'k8s-run': page('explanation/known-limits.md', '**no**'),
      's6-overlay': source('https://skarnet.org/software/s6/s6-svc.html', '`s6-svc`, `s6-rc`'),
      supervisord: SUPERVISOR('docs/running.rst', '`supervisorctl`, XML-RPC, a web page'),
      'pm2-runtime': PM2('README.md', '`pm2`'),
      Pebble: PEBBLE('docs/reference/api.md', 'an API, with identities and their access'),
      'process-compose': COMPOSE('www/docs/client.md', 'a REST API, a terminal view'),
    },
  },
  {
    name: 'new configuration without a new container',
    cells: {
      'k8s-run': tested('mounted/on-change', 'of the app: `--on-change`; of itself: **no**'),
      's6-overlay': source('https://skarnet.org/software/s6-rc/s6-rc-update.html', '`s6-rc-update`'),
      supervisord: SUPERVISOR('docs/running.rst', '`supervisorctl update`, HUP'),
      'pm2-runtime': PM2('README.md', '`pm2 reload`, one worker after the other'),
      Pebble: PEBBLE('docs/how-to/use-layers.md', '`pebble replan`'),
      'process-compose': COMPOSE('www/docs/configuration.md', '`project update`'),
    },
  },
  {
    name: 'log',
    cells: {
      'k8s-run': tested('log/lines', 'its own in JSON or text; the app writes to the container by itself'),
      's6-overlay': OVERLAY('README.md', 'files, which it rotates'),
      supervisord: SUPERVISOR('docs/configuration.rst', 'files, which it rotates; syslog'),
      'pm2-runtime': PM2('lib/binaries/Runtime4Docker.js', "the apps' lines, also in JSON"),
      Pebble: PEBBLE(
        'docs/reference/log-forwarding.md',
        "the services' lines, **also to Loki, OpenTelemetry and syslog**; to stdout with `--verbose`",
      ),
      'process-compose': COMPOSE('www/docs/logging.md', 'files in JSON, which it rotates'),
    },
  },
  {
    name: 'metrics for Prometheus',
    cells: {
      'k8s-run': tested('health/metrics-documented', '`/metrics`'),
      's6-overlay': OVERLAY('README.md', 'no'),
      supervisord: SUPERVISOR('docs/configuration.rst', 'no'),
      'pm2-runtime': PM2('lib/HttpInterface.js', 'no'),
      Pebble: PEBBLE('docs/how-to/run-services-reliably.md', '`/v1/metrics`, with a password'),
      'process-compose': COMPOSE('src/api/routes.go', 'no'),
    },
  },
  {
    name: 'not as root, on a read-only root',
    cells: {
      'k8s-run': page(
        'explanation/on-a-cluster.md',
        'yes: the Pod Security Standard "restricted"; it writes the termination log alone',
      ),
      's6-overlay': OVERLAY('README.md', 'with a `/run` from which programs may be executed, and limits'),
      supervisord: SUPERVISOR('docs/configuration.rst', 'with a folder for its pid and logs'),
      'pm2-runtime': PM2('lib/binaries/Runtime4Docker.js', 'with a folder for `PM2_HOME`'),
      Pebble: PEBBLE('docs/reference/environment-variables.md', 'with a folder for `$PEBBLE`'),
      'process-compose': COMPOSE('www/docs/logging.md', 'with a `/tmp` for its log'),
    },
  },
  {
    name: 'runs on',
    cells: {
      'k8s-run': page('explanation/known-limits.md', 'Linux on x64 and arm64'),
      's6-overlay': OVERLAY('README.md', 'Linux, **on many architectures**'),
      supervisord: SUPERVISOR('docs/introduction.rst', '**UNIX**'),
      'pm2-runtime': PM2('README.md', '**Linux, macOS, Windows**'),
      Pebble: source('https://github.com/canonical/pebble/releases', 'Linux, on several architectures'),
      'process-compose': COMPOSE('www/docs/configuration.md', '**Linux, macOS, Windows**'),
    },
  },
];
