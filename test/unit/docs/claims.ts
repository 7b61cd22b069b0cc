/**
 * The numbers of README and docs/ that look measured and are not: each with what shows it. A number that is measured is none of
 * them: it stands between marks that a command fills (scripts/figures/catalog.ts).
 */

/** What shows a number: a line of the code or of a test, a decision with its date, a source elsewhere, or nothing: an example. */
export type Shown =
  | { readonly in: string; readonly line: string }
  | { readonly source: string }
  | { readonly example: string };

const code = (file: string, line: string): Shown => ({ in: `src/${file}`, line });
const decision = (file: string, line: string): Shown => ({ in: `docs/decisions/${file}`, line });
const example = (what: string): Shown => ({ example: what });
const source = (url: string): Shown => ({ source: url });

const rig = (file: string, line: string): Shown => ({ in: file, line });

const NEARLY_FULL = code('resources/pressure.ts', 'const HIGH_FROM = 0.9;');
const HEADERS = code('probe/http-answer.ts', 'const MAX_HEADERS = 1024 * 1024;');
const CONFIG = code('config/file/plain-file.ts', 'const MAX_SIZE = 1024 * 1024;');
const RESERVED = code('environment/runtime-rules.ts', 'export const OWN_MEMORY: number = 24 * 2 ** 20;');
const HEAP = code('environment/runtime-rules.ts', 'const HEAP_SHARE = 0.75;');
const STARTUP = code('probe/worker.ts', 'const STARTUP_PERIOD = 50;');
const SLOW_STARTUP = code('probe/worker.ts', 'const SLOW_STARTUP_PERIOD = 100;');
const SCRAPES = code('metrics/collector.ts', 'const SHARED_FOR = 100;');
const BACK_OFF = code('lifecycle/restart.ts', 'export const FIRST_BACK_OFF: Milliseconds = 500;');
const PM2_KILL = source('https://github.com/Unitech/pm2/blob/master/constants.js');
const JVM = source('https://docs.oracle.com/en/java/javase/21/docs/specs/man/java.html');
const OF_NODE = source('https://nodejs.org/api/cli.html#--max-old-space-sizesize-in-mib');
const PROM_CLIENT = decision('0037-prom-client-formats-only.md', 'Loading prom-client takes 15 ms and 0.9 MiB.');

/** By page: words of it, and what shows the numbers in them. */
export const NOT_MEASURED: Readonly<Record<string, Readonly<Record<string, Shown>>>> = {
  'docs/architecture.md': {
    'costs 16 MiB at most': rig('test/system/health/flood.test.ts', 'const BOUND_KIB = 16 * KIB;'),
  },
  'docs/explanation/connections.md': {
    "the 4 ms of a tick of the kernel's clock": code('connections/same-tick.ts', 'tick is often 4 ms'),
    'no answer for 40 ms': code('connections/same-tick.ts', 'when the app does not answer within 40 ms'),
    '16 KiB from the server': code('connections/opening.ts', 'const MOST_BYTES_OUT = 16_384;'),
    'every 10 ms or more': code('connections/monitor.ts', 'const COUNT_CLOSELY_EVERY = 10;'),
  },
  'docs/explanation/on-a-cluster.md': {
    'at most 15 minutes': rig('test/cluster/options.ts', 'limit: (values.full ? 75 : 15) * 60_000,'),
    'a tenth of a CPU; 64 MiB': rig('test/cluster/cases/environment.cases.ts', "limits: { memory: '64Mi' }"),
    'of 0.5 to 9.5 s': rig('test/cluster/rollout/load.ts', 'stream: [500, 9_500],'),
  },
  'docs/how-to/config-file.md': { 'larger than 1 MiB': CONFIG },
  'docs/how-to/configmaps-and-secrets.md': {
    'longer than 128 KiB': code('environment/env-dir.ts', 'const MAX_LENGTH = 128 * 1024;'),
    'within 200 ms are one change': code('mounted/watch.ts', 'const DEBOUNCE = 200;'),
    'reads 4 MiB': code('mounted/fingerprint.ts', 'const MAX_BYTES = 4 * 1024 * 1024;'),
  },
  'docs/how-to/hooks.md': { 'The back-off is 0.5 s': BACK_OFF },
  'docs/how-to/kubernetes.md': {
    'which makes it 1.5 s of delay and 1.5 s of grace': code(
      'config/shutdown-budget.ts',
      'const derived = Math.min(delay.ms, Math.floor(left / 2), left - leastGrace);',
    ),
  },
  'docs/how-to/limits.md': {
    'With limits of 1.5 CPUs and 512 MiB': example('a container'),
    'the 24 MiB that k8s-run reserves': RESERVED,
    '90 % of _left_': code('environment/runtime-rules.ts', 'const GO_SHARE = 0.9;'),
    'recommends 5 to 10 % of headroom': source('https://go.dev/doc/gc-guide#Suggested_uses'),
    '75 % of _left_': HEAP,
    'recommends 1.5 GB of 2 GB': OF_NODE,
    'uses [25 %]': JVM,
    'Below about 250 MiB it uses MinRAMPercentage': JVM,
    '.NET uses 75 % of the whole limit': source(
      'https://learn.microsoft.com/dotnet/core/runtime-config/garbage-collector#heap-hard-limit-percent',
    ),
    '8 × _p_': code('environment/runtime-rules.ts', 'const ARENAS_PER_PROCESSOR = 8;'),
    '_left_ / 128 MiB': code('environment/runtime-rules.ts', 'const WORKER_MEMORY = 128 * MIB;'),
    "gunicorn's advice of 2 × _p_ + 1": source('https://docs.gunicorn.org/en/stable/settings.html#workers'),
    'less than 16 MiB would be left': code(
      'environment/runtime-rules.ts',
      'export const LEAST_SHARE: number = 16 * 2 ** 20;',
    ),
    'at 90 % of the limit': NEARLY_FULL,
    'below 80 %': code('resources/pressure.ts', 'const NORMAL_BELOW = 0.8;'),
  },
  'docs/how-to/meshes-and-load-balancers.md': {
    'for about 2 minutes, as users report': source(
      'https://github.com/kubernetes-sigs/aws-load-balancer-controller/issues/2366',
    ),
  },
  'docs/how-to/metrics.md': { '15 ms and 0.9 MiB': PROM_CLIENT, 'Scrapes within 100 ms': SCRAPES },
  'docs/how-to/traces.md': {
    'after 5 minutes it is given up': code('otlp/lane.ts', 'export const GIVE_UP_AFTER = 300_000;'),
  },
  'docs/how-to/probes.md': {
    'may have 1 MiB': HEADERS,
    'for the kubelet 10 MiB': source('https://github.com/golang/go/blob/master/src/net/http/transport.go'),
    'every 50 to 100 ms': STARTUP,
  },
  'docs/how-to/rehearse.md': { 'listens after 20 ms': example('an app that starts fast') },
  'docs/how-to/post-mortem.md': {
    'memory reaches 90 % of the limit': NEARLY_FULL,
    'so that 90 % of the limit leaves': NEARLY_FULL,
  },
  'docs/how-to/resize.md': { 'above 90 % of a smaller limit': NEARLY_FULL },
  'docs/how-to/signals.md': {
    'within their kill_timeout (1.6 s)': PM2_KILL,
    '1.6 s by default': PM2_KILL,
  },
  'docs/how-to/termination-message.md': { 'at 90 % of its limit': NEARLY_FULL },
  'docs/how-to/try-it.md': { 'raise it by 24 MiB': RESERVED },
  'docs/reference.md': {
    'before the first success 50 to 100 ms': STARTUP,
    'after 0.5 s, 1 s, 2 s': BACK_OFF,
    '10 KiB of the body are read': code('probe/http-answer.ts', 'const MAX_BODY = 10 * 1024;'),
    'Headers may have 1 MiB': HEADERS,
    'runs every 50 ms': STARTUP,
    'every 100 ms': SLOW_STARTUP,
    'of at most 1 MiB': CONFIG,
    'Scrapes within 100 ms': SCRAPES,
    'longer than 8 KiB': code('log/line-limit.ts', 'const LINE_LIMIT = 8_192;'),
    'the working set, 90 % of the limit or more': NEARLY_FULL,
    'when memory reaches 90 % of the limit': NEARLY_FULL,
  },
};
