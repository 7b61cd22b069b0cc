import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import type { Rehearsal, VariantResult } from '../../../src/rehearse/results.ts';
import { noFfi } from '../../rig/ffi.ts';
import { freePort } from '../../rig/free-port.ts';
import { needs } from '../../rig/needs.ts';
import { APP, endOf, SHORT_TIMES, startRehearsal } from '../../rig/run-rehearsal.ts';

const folder = await mkdtemp(join(tmpdir(), 'rehearse-'));
after(() => rm(folder, { recursive: true }));

type Finished = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

/** Rehearses to the end, after which no process may be left. */
async function rehearsed(words: readonly string[], app: readonly string[], variables = {}): Promise<Finished> {
  await using run = startRehearsal([...SHORT_TIMES, ...words, '--', ...app], variables);
  const { code } = await endOf(run);
  assert.deepEqual(await run.processes(), []);
  const [stdout, stderr] = [run.stdout(), run.stderr()];
  assert.doesNotMatch(`${stdout}${stderr}`, /internal error|dist\/(main|later)/);
  return { code, stdout, stderr };
}

/** How test/rig/rehearsed-app.js is to behave. */
const app = (behaviour: string, detail = ''): readonly string[] => [process.execPath, APP, behaviour, detail];

function resultsOf({ stdout }: Finished): Rehearsal {
  return JSON.parse(stdout) as Rehearsal;
}

function runOf(results: Rehearsal, variant: VariantResult['variant'] = 'k8s-run'): VariantResult {
  const found = results.runs.find((run) => run.variant === variant);
  assert.ok(found, results.appFailure?.text ?? `no run of ${variant}`);
  assert.equal(found.appFailure, null);
  return found;
}

/** Python lets each disposition be set. It listens once it is, so that no signal comes before. */
const inPython = (statement: string): readonly string[] => [
  'python3',
  '-c',
  `import os, signal, socket, time; ${statement}; s = socket.create_server(("", int(os.environ["PORT"]))); time.sleep(300)`,
];

/** For an app that is to lose nothing and to end in time, also on a busy machine. */
const AMPLE = ['--shutdown-delay=5s', '--grace=15s'];

describe('k8s-run rehearse', { concurrency: 4 }, () => {
  test('an app that drains loses no request: exit code 0, all results as JSON, the page written', async () => {
    const report = join(folder, 'report.html');
    const run = await rehearsed(['--json', '--kept-alive=0', `--report=${report}`, ...AMPLE], app('drains'));
    const { pods, load, rollouts, probePeriod } = runOf(resultsOf(run));
    assert.equal(run.code, 0, run.stderr);
    assert.ok((load?.samples.length ?? 0) > 10);
    assert.ok(load?.samples.every(({ failure }) => failure === null));
    assert.equal(rollouts.length, 1);
    assert.equal(probePeriod, 1_000);
    const old = pods.filter(({ deleted }) => deleted !== null);
    assert.deepEqual(
      old.map(({ name, exitCode, killed }) => [name, exitCode, killed]),
      [
        ['web-1', 0, null],
        ['web-2', 0, null],
      ],
    );
    for (const { started, appStarted, listening, ready, deleted, terminating, signalled, exited } of old) {
      const times = [started, appStarted, listening, ready, deleted, terminating, signalled, exited].map(Number);
      assert.deepEqual(
        times,
        times.toSorted((one, other) => one - other),
      );
    }
    assert.deepEqual(
      pods.filter(({ exited }) => exited === null).map(({ name }) => name),
      ['web-3', 'web-4'],
    );
    assert.match(await readFile(report, 'utf8'), /The rollout lost nothing/);
  });

  test('an app under an init that dies at once on SIGTERM loses the requests that nodes still route to it', async () => {
    const words = [
      '--compare',
      '--init',
      '--replicas=1',
      '--json',
      '--kept-alive=0',
      '--lag=1s',
      '--rate=40',
      '--shutdown-delay=4s',
    ];
    const run = await rehearsed(words, app('plain'));
    const results = resultsOf(run);
    const failures = (run: VariantResult): readonly (string | null)[] =>
      run.load?.samples.flatMap(({ failure }) => failure ?? []) ?? [];
    assert.deepEqual(failures(runOf(results)), []);
    assert.ok(failures(runOf(results, 'init')).includes('connection refused'));
    assert.equal(run.code, 0);
  });

  test('an app that is PID 1 without a handler for SIGTERM runs until the kubelet kills it', async () => {
    const manifest = join(folder, 'short.yaml');
    await writeFile(manifest, SHORT_GRACE);
    const run = await rehearsed(
      ['--compare', '--replicas=1', '--json', `--manifest=${manifest}`],
      ['sh', '-c', 'sleep 300'],
    );
    // sh waits for its child, and has no handler for SIGTERM.
    const alone = resultsOf(run).runs.find(({ variant }) => variant === 'alone');
    const old = alone?.pods.filter(({ deleted }) => deleted !== null) ?? [];
    assert.deepEqual(
      old.map(({ killed }) => killed?.by),
      ['the kubelet'],
    );
  });

  test('an app that catches SIGTERM and goes on is killed, and the advice says so and names its leftovers', {
    skip: noFfi,
  }, async () => {
    const { code, stdout } = await rehearsed(['--replicas=1', '--kept-alive=0'], app('reloads on SIGTERM'));
    assert.equal(code, 1);
    assert.match(stdout, /^\n1 replica killed\.\n/);
    assert.match(stdout, /killed +web-1\n/);
    assert.match(stdout, /leftovers +sleep/);
    const text = stdout.replace(/\s+/g, ' ');
    assert.match(text, /The app catches SIGTERM, but went on listening: web-1 was killed after 1s/);
    assert.match(text, /which k8s-run ended: sleep/);
  });

  test('a side whose app never serves is said to have no ready replica, and the headline says which side it is', async () => {
    const report = join(folder, 'one-side.html');
    const words = [
      '--compare',
      '--replicas=1',
      '--kept-alive=0',
      '--events',
      '--ready-within=30s',
      `--report=${report}`,
      ...AMPLE,
    ];
    const shell = ['sh', '-c', 'test "$K8S_RUN_EVENTS" || exec sleep 300; exec "$0" "$@"', ...app('drains')];
    const { code, stdout } = await rehearsed(words, shell);
    assert.equal(code, 0);
    assert.match(stdout, /^\nWithout k8s-run no replica became ready; with it the rollout lost nothing\.\n/);
    assert.match(stdout, /requests +none: no replica was ready +0 of \d+ failed\n/);
    const page = await readFile(report, 'utf8');
    assert.match(page, /class="big lost words">No replica became ready</);
    assert.match(page, /never ready<\/td>/);
  });

  for (const [what, handling, words] of [
    ['ignores SIGTERM', 'ignored', inPython('signal.signal(signal.SIGTERM, signal.SIG_IGN)')],
    ['has no handler for SIGTERM', 'default', inPython('pass')],
    ['blocks SIGTERM', 'blocked', inPython('signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])')],
    ['has a handler for the first SIGTERM only', 'caught once', app('exits once on SIGTERM', '9000')],
    ['has a handler for each SIGTERM', 'caught', app('reloads on SIGTERM')],
  ] as const) {
    test(`with and without k8s-run it is known that an app ${what}`, {
      skip: words[0] === 'python3' && needs('python3'),
    }, async () => {
      const manifest = join(folder, `${what}.yaml`);
      await writeFile(manifest, LISTENS);
      const run = await rehearsed(
        ['--compare', '--replicas=1', '--json', '--rate=0', '--grace=5s', `--manifest=${manifest}`],
        words,
      );
      for (const variant of ['alone', 'k8s-run'] as const) {
        const [old] = runOf(resultsOf(run), variant).pods;
        assert.deepEqual([old?.signal, old?.handling], ['SIGTERM', handling], variant);
      }
    });
  }

  test('the replicas get the k8s-run options of the manifest', async () => {
    const manifest = join(folder, 'options.yaml');
    await writeFile(
      manifest,
      PROBED.replace('/nope', '/').replace('ports:', 'command: [k8s-run, --stop-signal, INT, --]\n      ports:'),
    );
    const results = resultsOf(
      await rehearsed(['--replicas=1', '--json', '--kept-alive=0', `--manifest=${manifest}`], app('plain')),
    );
    assert.deepEqual(
      runOf(results).pods.flatMap(({ signal }) => signal ?? []),
      ['SIGINT'],
    );
    assert.match(results.notes.join(), /the replicas get its k8s-run options --stop-signal/);
  });

  test('an app with a fixed port is rehearsed as one replica, without requests while it is replaced', async () => {
    const run = await rehearsed(
      ['--json', '--replicas=1', '--kept-alive=0'],
      app('fixed port', String(await freePort())),
    );
    const results = resultsOf(run);
    assert.equal(results.preflight?.port.kind, 'fixed');
    assert.deepEqual(
      runOf(results).load?.samples.filter(({ failure }) => failure !== null),
      [],
    );
    assert.match(results.notes.join(), /--port-variable/);
    assert.equal(run.code, 0);
  });

  test('an app with a second, fixed port is rehearsed as one replica', async () => {
    const results = resultsOf(
      await rehearsed(['--json', '--replicas=1', '--rate=5'], app('second fixed port', String(await freePort()))),
    );
    runOf(results);
    assert.match(results.notes.join(), /second replica could not bind all of its ports/);
  });

  test('the results are printed even if the file of --report cannot be written, with exit code 73', async () => {
    const taken = join(folder, 'taken.html');
    await mkdir(taken);
    const { code, stdout, stderr } = await rehearsed(
      ['--replicas=1', '--kept-alive=0', `--report=${taken}`, ...AMPLE],
      app('drains'),
    );
    assert.equal(code, 73);
    assert.match(stderr, /^k8s-run rehearse: cannot write --report .*taken\.html/m);
    assert.match(stdout, /No request was lost/);
    assert.doesNotMatch(stdout, /The report is in/);
  });

  test('a worker that listens on no port is rehearsed without requests', async () => {
    const results = resultsOf(
      await rehearsed(['--json', '--replicas=1', '--ready=process'], app('listens on nothing')),
    );
    assert.deepEqual([results.preflight?.port.kind, runOf(results).load], ['none', null]);
  });

  test('requests that the app cuts at its signal are told as cut by it, with what k8s-run counted', {
    skip: noFfi,
  }, async () => {
    const words = ['--replicas=1', '--kept-alive=0', '--settle=2s', '--drain-connections=off', '--rate=40'];
    const { code, stdout } = await rehearsed(words, app('answers after ms', '2500'));
    assert.equal(code, 1);
    const text = stdout.replace(/\s+/g, ' ');
    assert.match(text, /cut requests \d+, counted by k8s-run/);
    assert.match(
      text,
      /What to change ✗ \d+ requests were cut when the app exited\. k8s-run counted \d+ requests in flight when the app ended\. Add --drain-connections/,
    );
    assert.doesNotMatch(text, /had not been told to stop/);
  });

  test('a worker that gives up its task is told by exit code and time, once for all replicas', async () => {
    const { code, stdout } = await rehearsed(['--ready=process'], app('listens on nothing'));
    assert.equal(code, 0);
    const text = stdout.replace(/\s+/g, ' ');
    assert.match(text, /requests none sent .*exit codes 143 \(SIGTERM\) 2 times signal to exit \d+ ms, \d+ ms/);
    assert.match(
      text,
      /Worth knowing ✓ Every old replica exited in time: with 143 \(SIGTERM\), \d+ ms( to \d+ ms)? after SIGTERM, of the 1s that it had\./,
    );
    assert.equal(text.match(/web-1 and web-2\. An unfinished task is given up then, unless/g)?.length, 1);
    assert.doesNotMatch(text, /othing (needs )?to change/);
  });

  test('an app that takes its port from {PORT} in its command and does not speak HTTP is rehearsed without requests', async () => {
    const shell = ['sh', '-c', 'PORT="$0" exec "$@"', '{PORT}', ...app('not HTTP')];
    const results = resultsOf(await rehearsed(['--json', '--replicas=1', '--port-variable=UNUSED'], shell));
    assert.deepEqual([results.preflight?.port.kind, results.preflight?.speaksHttp], ['variable', false]);
    assert.equal(runOf(results).load, null);
  });
});

describe('an app that cannot be rehearsed', { concurrency: 4 }, () => {
  const assertReported = async (
    words: readonly string[],
    command: readonly string[],
    sentence: RegExp,
  ): Promise<void> => {
    const { code, stdout } = await rehearsed(words, command);
    assert.equal(code, 1);
    assert.match(stdout.replace(/\s+/g, ' '), sentence);
  };

  test('an app that never becomes ready is reported with its output', () =>
    assertReported(
      ['--ready-within=20s'],
      app('listens on nothing'),
      /not ready after 20 s; it listens on no port.*--ready process.*waiting for the database/,
    ));
  test('an app that fails the readiness probe of its manifest is reported with the probe', async () => {
    const manifest = join(folder, 'nope.yaml');
    await writeFile(manifest, PROBED);
    await assertReported(
      ['--ready-within=20s', '--replicas=1', `--manifest=${manifest}`],
      app('answers 404 to', '/nope'),
      /not ready after 20 s; it listens on port \d+; its readinessProbe http:\/\/:8080\/nope fails: HTTP 404\. Check that the probe/,
    );
  });
  test('an app whose --wait-for is not satisfied is reported as not started yet', () =>
    assertReported(
      ['--ready-within=20s', '--wait-for=file:/no/such/file'],
      app('plain'),
      /not ready after 20 s: its k8s-run has not started the app yet .* the targets of --wait-for/,
    ));
  test('an app that fails the probe of --ready is reported with the probe', () =>
    assertReported(
      ['--ready-within=20s', '--ready=http://:8080/nope'],
      app('answers 404 to', '/nope'),
      /not ready after 20 s; .*; its probe http:\/\/:\d+\/nope fails: HTTP 404 Check that the probe/,
    ));
  test('an app that is slow to answer the liveness probe of its manifest is reported as due for a restart', async () => {
    const manifest = join(folder, 'slow.yaml');
    // Nothing is judged before the app listens, however long a busy machine takes to start it.
    const startup = 'startupProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1, failureThreshold: 60 }';
    await writeFile(manifest, PROBED.replace('readinessProbe', `${startup}\n      livenessProbe`));
    await assertReported(
      ['--settle=20s', '--replicas=1', `--manifest=${manifest}`],
      app('answers after ms', '1500'),
      /kubelet would restart replica web-\d: its livenessProbe http:\/\/:8080\/nope failed too often: no answer within 1s/,
    );
  });
  test('an app that crashes under load is reported with its exit code', () =>
    assertReported(
      ['--replicas=1', '--rate=50'],
      app('crashes after', '40'),
      /eplica web-\d exited with code 1, [\d.]+ s after it was ready/,
    ));
  test('an app that lacks a variable is reported with its output', () =>
    assertReported(
      [],
      app('needs variable', 'DATABASE_URL'),
      /exited with code 1 before it was ready.*DATABASE_URL is not set/,
    ));
  test('an app that daemonizes is reported with the processes that it left running', () =>
    assertReported([], app('daemonizes'), /exited with code 0 and left others running: sleep/));
  test('a program that does not exist is reported as not started', () =>
    assertReported([], ['/no/such/program'], /cannot start the app: no such file/));
  test('an app whose port is taken is reported with the port', async () => {
    const taken = createServer().listen(0);
    const address = taken.address();
    assert.ok(typeof address === 'object' && address !== null);
    await assertReported([], app('fixed port', String(address.port)), /could not bind port \d+, which is taken/);
    taken.close();
  });
});

test('an app that prints 100 MB does not fill the memory of its rehearsal', async () => {
  await using run = startRehearsal([
    ...SHORT_TIMES,
    '--replicas=1',
    '--rate=5',
    '--',
    ...app('prints kilobytes', '100000'),
  ]);
  let most = 0;
  const watch = setInterval(async () => {
    const status = await readFile(`/proc/${run.child.pid}/status`, 'utf8').catch(() => '');
    most = Math.max(most, Number(/RssAnon:\s+(\d+)/.exec(status)?.[1] ?? 0));
  }, 50);
  const { code } = await endOf(run).finally(() => clearInterval(watch));
  assert.equal(code, 0, run.stderr());
  assert.ok(most > 0 && most < 250_000, `${most} kB`);
});

const PROBED = `kind: Pod
spec:
  containers:
    - name: web
      ports: [{ containerPort: 8080 }]
      readinessProbe: { httpGet: { path: /nope, port: 8080 }, periodSeconds: 1, failureThreshold: 2 }
`;

const LISTENS = `kind: Pod
spec:
  terminationGracePeriodSeconds: 8
  containers:
    - name: web
      ports: [{ containerPort: 8080 }]
      readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 }
`;

const SHORT_GRACE = `apiVersion: apps/v1
kind: Deployment
metadata: { name: worker }
spec:
  template:
    spec:
      terminationGracePeriodSeconds: 3
      containers:
        - name: worker
          env: [{ name: K8S_RUN_READY, value: process }]
`;
