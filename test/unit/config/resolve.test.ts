import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readArguments } from '../../../src/config/argv.ts';
import type { Config, ResolvedConfig } from '../../../src/config/config.ts';
import { OPTIONS, type OptionKey, variableFor } from '../../../src/config/options/table.ts';
import { parseConfig } from '../../../src/config/resolve.ts';

function parse(words: string, environment: Readonly<Record<string, string>> = {}): ResolvedConfig {
  const line = readArguments([...words.split(' ').filter(Boolean), '--', 'app']);
  assert.ok(line.kind === 'supervise');
  assert.deepEqual(line.mistakes, []);
  return parseConfig(line.flags, environment);
}

function configOf(words: string, environment: Readonly<Record<string, string>> = {}): Config {
  const parsed = parse(words, environment);
  assert.ok('ok' in parsed, JSON.stringify(parsed));
  return parsed.ok;
}

const mistakesOf = (parsed: ResolvedConfig): readonly string[] =>
  'mistakes' in parsed ? parsed.mistakes.map(({ text }) => text) : [];

test('without options the configuration has the defaults, in milliseconds and numbers', () => {
  const { chosen, ...values } = configOf('');
  assert.deepEqual(values, {
    config: null,
    checks: [],
    healthPort: 20_080,
    healthHost: '::',
    ready: { kind: 'auto' },
    live: { kind: 'process' },
    startup: null,
    probePeriod: 1_000,
    probeTimeout: 1_000,
    successThreshold: 1,
    failureThreshold: 3,
    shutdownDelay: 5_000,
    drainConnections: 10_000,
    grace: 20_000,
    terminationGracePeriod: null,
    readinessOnDrain: 'fail',
    drainSignal: null,
    nodeDrain: false,
    events: false,
    stopOn: [15, 2],
    stopSignal: null,
    rewrite: [],
    signalScope: 'group',
    interactive: null,
    remapExit: [],
    envDir: [],
    waitFor: [],
    waitTimeout: 60_000,
    preStart: null,
    preStop: null,
    postExit: null,
    hookTimeout: 10_000,
    restart: 'never',
    restartLimit: null,
    watch: [],
    onChange: { kind: 'signal', signal: 1 },
    onResize: null,
    onUnlive: null,
    beforeKill: null,
    onMemory: null,
    logLevel: 'info',
    logFormat: 'auto',
    resourceEnv: false,
    webConcurrency: false,
    terminationLog: null,
    otlp: null,
  });
  assert.equal(chosen.size, 0);
});

test('a flag overrides a variable, and a variable the default', () => {
  const environment = { K8S_RUN_GRACE: '2s', K8S_RUN_SHUTDOWN_DELAY: '3s' };
  const { grace, shutdownDelay, probePeriod, chosen } = configOf('--grace 1s', environment);
  assert.deepEqual([grace, shutdownDelay, probePeriod], [1_000, 3_000, 1_000]);
  assert.deepEqual([...chosen].sort(), ['grace', 'shutdownDelay']);
});

test('an empty variable counts as not set', () => {
  const { grace, chosen } = configOf('', { K8S_RUN_GRACE: '', K8S_RUN_NO_SUCH: '' });
  assert.deepEqual([grace, chosen.size], [20_000, 0]);
});

test('an option that is set to its default counts as set', () => {
  assert.ok(configOf('--shutdown-delay 5s').chosen.has('shutdownDelay'));
  assert.ok(configOf('', { K8S_RUN_SHUTDOWN_DELAY: '5s' }).chosen.has('shutdownDelay'));
});

test('when a flag occurs twice the last one counts; values of a repeatable flag are collected', () => {
  assert.equal(configOf('--grace 1s --grace 2s').grace, 2_000);
  const twice = configOf('--rewrite HUP:TERM --rewrite USR1:QUIT --remap-exit 143:0 --remap-exit 130:0');
  assert.deepEqual(twice.rewrite, [
    [1, 15],
    [10, 3],
  ]);
  assert.deepEqual(twice.remapExit, [
    [143, 0],
    [130, 0],
  ]);
});

test('the variable of a repeatable option has several values, separated by commas, which flags replace', () => {
  const environment = { K8S_RUN_REWRITE: 'HUP:TERM, USR1:QUIT,' };
  assert.equal(configOf('', environment).rewrite.length, 2);
  assert.deepEqual(configOf('--rewrite USR2:0', environment).rewrite, [[12, 0]]);
});

test('every option can be set by its variable as by its flag', () => {
  const sample: { readonly [K in OptionKey]: string } = {
    config: '/etc/k8s-run.yaml',
    healthPort: 'off',
    healthHost: '127.0.0.1',
    ready: 'none',
    live: 'none',
    startup: 'none',
    probePeriod: '9s',
    probeTimeout: '9s',
    successThreshold: '9',
    failureThreshold: '9',
    shutdownDelay: '9s',
    drainConnections: '9s',
    grace: '9s',
    terminationGracePeriod: '99s',
    readinessOnDrain: 'keep',
    drainSignal: 'USR1',
    nodeDrain: 'true',
    events: 'true',
    stopOn: 'none',
    stopSignal: 'QUIT',
    rewrite: 'HUP:0',
    signalScope: 'process',
    interactive: 'true',
    remapExit: '1:2',
    envDir: '/etc/config',
    waitFor: 'tcp://db:5432',
    waitTimeout: '9s',
    preStart: 'true',
    preStop: 'true',
    postExit: 'true',
    hookTimeout: '9s',
    restart: 'always',
    restartLimit: '9',
    watch: '/etc/config',
    onChange: 'restart',
    onResize: 'restart',
    onUnlive: 'signal:QUIT',
    beforeKill: '/bin/dump',
    onMemory: 'signal:USR2',
    logLevel: 'debug',
    logFormat: 'pretty',
    resourceEnv: 'true',
    webConcurrency: 'true',
    terminationLog: '/tmp/x',
    otlp: 'env',
  };
  const defaults = configOf('');
  for (const key of Object.keys(OPTIONS) as OptionKey[]) {
    const byVariable = configOf('', { [variableFor(OPTIONS[key])]: sample[key] });
    const byFlag = configOf(`--${OPTIONS[key].flag}=${sample[key]}`);
    assert.notDeepEqual(byVariable[key], defaults[key], key);
    assert.deepEqual(byVariable, byFlag, key);
  }
});

test('all mistakes are reported together, each with its source, its value and the remedy', () => {
  const parsed = parse('--grace soon --stop-on KILL --rewrite HUP --rewrite A:B', {
    K8S_RUN_HEALTH_PORT: '70000',
    K8S_RUN_READY: 'ftp://x',
    K8S_RUN_REMAP_EXIT: '1:2,3',
    // The flag overrides it, so it is not read.
    K8S_RUN_GRACE: 'never',
  });
  const texts = mistakesOf(parsed);
  const starts = [
    'cannot use --grace "soon": not a duration; write 25s',
    'cannot use --stop-on "KILL": SIGKILL never',
    'cannot use --rewrite "HUP": not a pair; write',
    'cannot use --rewrite "A:B": not a signal; write',
    'cannot use K8S_RUN_HEALTH_PORT "70000": must be a port',
    'cannot use K8S_RUN_READY "ftp://x": not a probe; write',
    'cannot use K8S_RUN_REMAP_EXIT "3": not a pair; write',
  ];
  assert.equal(texts.length, starts.length, texts.join('\n'));
  for (const [index, start] of starts.entries()) assert.ok(texts[index]?.startsWith(start), `${texts[index]}`);
  assert.ok('mistakes' in parsed && parsed.mistakes.every(({ kind }) => kind === 'value'));
});

test('mistakes come in the order of the command line, then of the variables, be they of one value or of several', () => {
  const parsed = parse(
    '--live http://:20080 --rewrite TERM:0 --grace 9s --termination-grace-period 9s --ready x --stop-on INT,TERM,KILL',
    {
      K8S_RUN_RESTART: 'x',
      K8S_RUN_CONFIG: '/x',
      K8S_RUN_ON_CHANGE: 'x',
    },
  );
  const sources = mistakesOf(parsed).map((text) => /^cannot use (\S+)/.exec(text)?.[1]);
  const flags = ['--live', '--termination-grace-period', '--ready', '--stop-on'];
  assert.deepEqual(sources, [...flags, 'K8S_RUN_RESTART', 'K8S_RUN_ON_CHANGE']);
  assert.match(
    mistakesOf(parsed)[3] ?? '',
    /^cannot use --stop-on "INT,TERM,KILL": "KILL": SIGKILL never reaches k8s-run$/,
  );
});

test('a stop signal cannot be dropped, wherever that was said', () => {
  assert.match(mistakesOf(parse('--rewrite TERM:0')).join(), /--rewrite SIGTERM:0: SIGTERM is in --stop-on/);
  const environment = { K8S_RUN_REWRITE: 'HUP:0', K8S_RUN_STOP_ON: 'HUP' };
  assert.match(
    mistakesOf(parse('', environment)).join(),
    /K8S_RUN_REWRITE SIGHUP:0: .* take it out of K8S_RUN_STOP_ON$/,
  );
  assert.deepEqual(mistakesOf(parse('--rewrite TERM:0 --stop-on INT')), []);
  assert.deepEqual(mistakesOf(parse('--rewrite TERM:0 --stop-on none')), []);
});

test('what Kubernetes injects for Services is passed over without a word', () => {
  const environment = {
    K8S_RUN_HEALTH_SERVICE_HOST: '10.0.0.1',
    K8S_RUN_HEALTH_SERVICE_PORT: '80',
    K8S_RUN_HEALTH_SERVICE_PORT_HTTP: '80',
    K8S_RUN_HEALTH_PORT: 'tcp://10.0.0.1:80',
    K8S_RUN_HEALTH_PORT_80_TCP: 'tcp://10.0.0.1:80',
    K8S_RUN_HEALTH_PORT_80_TCP_PROTO: 'tcp',
    K8S_RUN_HEALTH_PORT_80_TCP_PORT: '80',
    K8S_RUN_HEALTH_PORT_80_TCP_ADDR: '10.0.0.1',
    K8S_RUN_DNS_PORT: 'udp://10.0.0.2:53',
    K8S_RUN_DNS_PORT_53_UDP_ADDR: '10.0.0.2',
    K8S_RUN_SCTP_PORT: 'sctp://[fd00::1]:9',
  };
  const parsed = parse('', environment);
  assert.deepEqual(parsed.warnings, []);
  assert.ok('ok' in parsed);
  assert.equal(parsed.ok.healthPort, 20_080);
  assert.equal(parsed.ok.chosen.size, 0);
  // With a number as its value the same name is the option.
  assert.equal(configOf('', { ...environment, K8S_RUN_HEALTH_PORT: '8081' }).healthPort, 8_081);
});

test('an unknown K8S_RUN_ variable is a warning, with a guess, and never an error', () => {
  const parsed = parse('', { K8S_RUN_SHUTDOWN_DELY: '1s', K8S_RUN_XYZZY: 'x', K8SRUN_GRACE: '1', OTHER: '1' });
  assert.deepEqual(parsed.warnings, [
    'K8S_RUN_SHUTDOWN_DELY is no option of k8s-run; did you mean K8S_RUN_SHUTDOWN_DELAY?',
    'K8S_RUN_XYZZY is no option of k8s-run',
  ]);
  assert.ok('ok' in parsed);
});

test('the configuration is frozen', () => {
  const config = configOf('--rewrite HUP:0');
  assert.ok(Object.isFrozen(config) && Object.isFrozen(config.rewrite));
});

test('any text in a variable gives a configuration or mistakes', () => {
  const keys = Object.keys(OPTIONS) as OptionKey[];
  fc.assert(
    fc.property(fc.constantFrom(...keys), fc.string({ unit: 'binary' }), (key, text) => {
      const parsed = parseConfig([], { [variableFor(OPTIONS[key])]: text });
      for (const mistake of mistakesOf(parsed)) assert.match(mistake, /^cannot use K8S_RUN_[A-Z_]+ /);
    }),
  );
});

test('a set option without effect is a warning', () => {
  const cases: readonly (readonly [line: string, idle: readonly RegExp[]])[] = [
    ['--stop-on none --grace 9s', [/^--grace has no effect: with --stop-on none/]],
    ['--stop-on none --grace 9s --watch /x --on-change restart', []],
    ['--on-change USR1', [/^--on-change has no effect: nothing is watched; set --watch/]],
    ['--wait-timeout 9s', [/^--wait-timeout has no effect/]],
    ['--wait-timeout 9s --wait-for file:/x', []],
    ['--hook-timeout 9s', [/^--hook-timeout has no effect/]],
    ['--hook-timeout 9s --pre-start true', []],
    ['--restart-limit 3', [/^--restart-limit has no effect: the app is never restarted; set --restart/]],
    ['--restart-limit 3 --restart always', []],
    ['--grace 9s', []],
  ];
  for (const [line, idle] of cases) {
    const { warnings } = parse(line);
    assert.equal(warnings.length, idle.length, line);
    for (const [index, words] of idle.entries()) assert.match(String(warnings[index]), words);
  }
});
