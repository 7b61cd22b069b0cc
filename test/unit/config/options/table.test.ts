import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OPTIONS, type Option, type OptionKey, variableFor } from '../../../../src/config/options/table.ts';

type Values = { readonly good: Readonly<Record<string, unknown>>; readonly bad: Readonly<Record<string, RegExp>> };

const probe: Values = {
  good: {
    auto: { kind: 'auto' },
    process: { kind: 'process' },
    'tcp://:80': { kind: 'tcp', host: 'loopback', port: 80 },
  },
  bad: { '': /not a probe/, http: /not a probe/, 'file:x': /absolute/ },
};
const positive: Values = {
  good: { '1s': 1_000, '1ms': 1, '2': 2_000 },
  bad: { '': /not a duration/, '0': /more than 0/, '0.1ms': /more than 0/, '-1s': /not a duration/ },
};
const anyLength: Values = {
  good: { '0': 0, '5s': 5_000, '1m30s': 90_000, '2.5': 2_500 },
  bad: { '': /not a duration; write 25s/, soon: /not a duration/, '-1': /not a duration/ },
};
const threshold: Values = {
  good: { '1': 1, '30': 30 },
  bad: { '0': /1 or more/, '-1': /1 or more/, '1.5': /1 or more/, '': /1 or more/, many: /1 or more/ },
};

const onOrOff: Values = {
  good: { true: true, false: false, '1': true, '0': false },
  bad: { '': /true, false/, on: /true, false/ },
};

/** Values that each option accepts and refuses. An option without a row does not compile. */
const VALUES: { readonly [K in OptionKey]: Values } = {
  config: { good: { '/etc/k8s-run.yaml': '/etc/k8s-run.yaml', x: 'x' }, bad: { '': /not a file/ } },
  healthPort: {
    good: { '20080': 20_080, '0': 0, '65535': 65_535, off: 'off' },
    bad: { '65536': /0 to 65535, or off/, '-1': /port/, '': /port/, none: /port/, '80.5': /port/, '1e3': /port/ },
  },
  healthHost: {
    good: { '::': '::', '127.0.0.1': '127.0.0.1', 'fe80::1%eth0': 'fe80::1%eth0', localhost: 'localhost' },
    bad: { '': /not an address/, 'a b': /not an address/, 'http://x': /not an address/ },
  },
  ready: probe,
  live: probe,
  startup: probe,
  probePeriod: positive,
  probeTimeout: positive,
  successThreshold: threshold,
  failureThreshold: threshold,
  shutdownDelay: anyLength,
  drainConnections: { ...anyLength, good: { ...anyLength.good, off: 0 } },
  grace: anyLength,
  terminationGracePeriod: positive,
  drainSignal: { good: { USR1: 10, SIGQUIT: 3, '12': 12 }, bad: { '': /not a signal/, NOPE: /not a signal/ } },
  nodeDrain: onOrOff,
  events: onOrOff,
  readinessOnDrain: { good: { fail: 'fail', keep: 'keep' }, bad: { '': /fail, keep/, Keep: /fail, keep/ } },
  stopOn: {
    good: { TERM: [15], 'TERM,INT': [15, 2], 'sigquit, 1': [3, 1], none: [] },
    bad: {
      '': /not a signal/,
      'TERM,': /not a signal/,
      NOPE: /^not a signal; write TERM, SIGTERM or 15/,
      'TERM,KILL': /^SIGKILL never reaches k8s-run/,
      CHLD: /SIGCHLD never reaches/,
      RTMIN: /real-time signals cannot be relayed/,
    },
  },
  stopSignal: {
    good: { QUIT: 3, SIGKILL: 9, '28': 28 },
    bad: { '': /not a signal/, '0': /not a signal/, '65': /not/ },
  },
  rewrite: {
    good: { 'TERM:QUIT': [[15, 3]], '1:0': [[1, 0]], 'hup:sigterm': [[1, 15]], 'USR1:KILL': [[10, 9]] },
    bad: {
      '': /not a pair; write TERM:QUIT/,
      TERM: /not a pair/,
      'TERM:': /not a pair/,
      ':TERM': /not a pair/,
      'A:B': /not a signal/,
      'TERM:NOPE': /not a signal/,
      'KILL:TERM': /SIGKILL never reaches/,
      'TERM:QUIT:HUP': /not a pair/,
    },
  },
  signalScope: { good: { group: 'group', process: 'process' }, bad: { '': /group, process/, app: /group, process/ } },
  interactive: {
    good: { true: true, false: false, '1': true, '0': false },
    bad: { '': /true, false/, yes: /true, false/ },
  },
  remapExit: {
    good: { '143:0': [[143, 0]], '0:255': [[0, 255]] },
    bad: { '': /write from:to/, '143': /write from:to/, '256:0': /0 to 255/, '1:-1': /0 to 255/, 'a:b': /0 to 255/ },
  },
  waitFor: {
    good: {
      'tcp://db:5432': [{ kind: 'tcp', host: 'db', port: 5_432 }],
      'file:/run/ready': [{ kind: 'file', path: '/run/ready' }],
    },
    bad: {
      auto: /does not probe a dependency/,
      process: /does not probe a dependency/,
      none: /does not probe a dependency/,
      db: /not a probe/,
    },
  },
  waitTimeout: positive,
  preStart: {
    good: { "sh -c 'exit 1'": { kind: 'command', words: ['sh', '-c', 'exit 1'] } },
    bad: { '': /names no command/, "sh -c 'x": /never closed/ },
  },
  preStop: {
    good: {
      'deregister me': { kind: 'command', words: ['deregister', 'me'] },
      'http://:8080/drain': { kind: 'url', url: new URL('http://127.0.0.1:8080/drain'), host: 'loopback' },
    },
    bad: { '': /names no command/, 'http://[': /not a URL/ },
  },
  postExit: {
    good: { true: { kind: 'command', words: ['true'] } },
    bad: { ' ': /names no command/, 'http://:0/': /from 1 to 65535/ },
  },
  hookTimeout: positive,
  restart: {
    good: { never: 'never', 'on-failure': 'on-failure', always: 'always' },
    bad: { '': /never/, yes: /on-failure/ },
  },
  restartLimit: { good: { '0': 0, '5': 5 }, bad: { '-1': /0 or more/, '': /0 or more/, none: /0 or more/ } },
  watch: { good: { '/etc/config': ['/etc/config'] }, bad: { '': /must be a path/ } },
  onChange: {
    good: {
      HUP: { kind: 'signal', signal: 1 },
      restart: { kind: 'restart' },
      'exec:reload now': { kind: 'exec', hook: { kind: 'command', words: ['reload', 'now'] } },
    },
    bad: {
      '': /write HUP or another signal, restart, or exec:command/,
      reload: /write HUP/,
      'exec:': /names no command/,
    },
  },
  onResize: {
    good: {
      HUP: { kind: 'signal', signal: 1 },
      restart: { kind: 'restart' },
      'exec:reload now': { kind: 'exec', hook: { kind: 'command', words: ['reload', 'now'] } },
    },
    bad: {
      '': /write HUP or another signal, restart, or exec:command/,
      reload: /write HUP/,
      'exec:': /names no command/,
    },
  },
  onUnlive: {
    good: {
      'signal:QUIT': { kind: 'signal', signal: 3 },
      'signal:sigusr2': { kind: 'signal', signal: 12 },
      "jcmd {pid} 'Thread.print -l'": { kind: 'command', words: ['jcmd', '{pid}', 'Thread.print -l'] },
    },
    bad: {
      '': /names no command/,
      'signal:': /not a signal; write TERM/,
      'signal:KILL': /no app can catch it/,
      'signal:9': /no app can catch it/,
      "sh -c '": /never closed/,
      'exec:jcmd {pid}': /not a command; write a program and its arguments, without exec:$/,
      QUIT: /a signal is written signal:QUIT$/,
      sigquit: /a signal is written signal:sigquit$/,
    },
  },
  beforeKill: {
    good: { 'signal:3': { kind: 'signal', signal: 3 }, 'Signal:QUIT': { kind: 'signal', signal: 3 } },
    bad: {
      'signal:STOP': /no app can catch it/,
      '3': /a signal is written signal:3$/,
      'http://:1/': /without http:\/$/,
    },
  },
  onMemory: {
    good: { dump: { kind: 'command', words: ['dump'] }, stop: { kind: 'command', words: ['stop'] } },
    bad: { 'signal:x': /not a signal/, ' exec: dump': /without exec:/ },
  },
  envDir: { good: { '/etc/config': ['/etc/config'], relative: ['relative'] }, bad: { '': /must be a folder/ } },
  logLevel: {
    good: { debug: 'debug', info: 'info', warn: 'warn', error: 'error', silent: 'silent' },
    bad: { '': /debug, info/, trace: /debug, info/, INFO: /debug, info/ },
  },
  logFormat: {
    good: { auto: 'auto', json: 'json', pretty: 'pretty' },
    bad: { '': /auto, json, pretty/, text: /auto/ },
  },
  resourceEnv: onOrOff,
  webConcurrency: onOrOff,
  terminationLog: {
    good: { off: 'off', '/a b': '/a b', 'x/y': 'x/y' },
    bad: { '': /not a path/, 'a\0b': /not a path/ },
  },
  otlp: {
    good: {
      off: null,
      env: 'env',
      'http://otel:4318': 'http://otel:4318/',
      'https://otel.example/base': 'https://otel.example/base',
    },
    bad: {
      '': /not a URL of HTTP; write http:\/\/collector:4318/,
      'otel:4318': /not a URL/,
      'grpc://otel:4317': /not a URL/,
      'http://me:secret@otel': /no credentials/,
      'http://otel?token=x': /no credentials and no query/,
      'http://otel:4318/v1/traces': /without .v1.traces or .v1.logs, which k8s-run adds/,
      'http://otel/base/v1/logs/': /which k8s-run adds/,
    },
  },
};

for (const key of Object.keys(OPTIONS) as OptionKey[]) {
  const option: Option<unknown> = OPTIONS[key];
  test(`--${option.flag} accepts valid values and refuses others`, () => {
    const { good, bad } = VALUES[key];
    for (const [text, value] of Object.entries(good)) assert.deepEqual(option.read(text), { ok: value }, text);
    for (const [text, problem] of Object.entries(bad)) {
      const read = option.read(text);
      assert.ok('problem' in read, `${JSON.stringify(text)} was accepted`);
      assert.match(read.problem, problem);
    }
  });
}

test('the defaults are those of docs/reference.md', () => {
  const defaults = Object.fromEntries(
    Object.values(OPTIONS).map((option: Option<unknown>) => [option.flag, option.fallback]),
  );
  assert.deepEqual(defaults, {
    config: null,
    'health-port': '20080',
    'health-host': '::',
    ready: 'auto',
    live: 'process',
    startup: null,
    'probe-period': '1s',
    'probe-timeout': '1s',
    'success-threshold': '1',
    'failure-threshold': '3',
    'shutdown-delay': '5s',
    'drain-connections': null,
    grace: '20s',
    'termination-grace-period': null,
    'readiness-on-drain': 'fail',
    'drain-signal': null,
    'node-drain': 'false',
    events: 'false',
    'stop-on': 'TERM,INT',
    'stop-signal': null,
    rewrite: null,
    'signal-scope': 'group',
    interactive: null,
    'remap-exit': null,
    'env-dir': null,
    'wait-for': null,
    'wait-timeout': '60s',
    'pre-start': null,
    'pre-stop': null,
    'post-exit': null,
    'on-unlive': null,
    'before-kill': null,
    'on-memory': null,
    'hook-timeout': '10s',
    restart: 'never',
    'restart-limit': null,
    watch: null,
    'on-change': 'HUP',
    'on-resize': null,
    'log-level': 'info',
    'log-format': 'auto',
    'resource-env': 'false',
    'web-concurrency': 'false',
    'termination-log': null,
    otlp: 'off',
  });
});

test('every flag and variable is unique', () => {
  const flags = Object.values(OPTIONS).map(({ flag }) => flag);
  const variables = Object.values(OPTIONS).map(variableFor);
  assert.equal(new Set([...flags, ...variables]).size, 2 * flags.length);
  assert.equal(variableFor(OPTIONS.shutdownDelay), 'K8S_RUN_SHUTDOWN_DELAY');
});
