import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import type { Rehearsal, Side } from '../../../src/rehearse/facts.ts';
import { freePort } from '../../rig/free-port.ts';
import { APP, endOf, rehearsing, SHORT } from '../../rig/rehearsing.ts';

const folder = await mkdtemp(join(tmpdir(), 'rehearse-'));
after(() => rm(folder, { recursive: true }));

type Played = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

/** Rehearses to the end; nothing of it may be left then. */
async function played(words: readonly string[], app: readonly string[], variables = {}): Promise<Played> {
  await using run = rehearsing([...SHORT, ...words, '--', ...app], variables);
  const { code } = await endOf(run);
  assert.deepEqual(await run.members(), []);
  const [stdout, stderr] = [run.stdout(), run.stderr()];
  assert.doesNotMatch(`${stdout}${stderr}`, /internal error|dist\/(main|later)/);
  return { code, stdout, stderr };
}

const app = (matter: string, detail = ''): readonly string[] => [process.execPath, APP, matter, detail];

function factsOf({ stdout }: Played): Rehearsal {
  return JSON.parse(stdout) as Rehearsal;
}

function sideOf(facts: Rehearsal, way: Side['way'] = 'k8s-run'): Side {
  const found = facts.sides.find((side) => side.way === way);
  assert.ok(found, `${way} was played`);
  assert.equal(found.broken, null);
  return found;
}

describe('k8s-run rehearse', { concurrency: 8 }, () => {
  test('an app that drains loses nothing: exit 0, every fact as JSON, the page written', async () => {
    const report = join(folder, 'report.html');
    const run = await played(['--json', '--kept-alive=0', `--report=${report}`], app('drains'));
    const { pods, load, rollouts } = sideOf(factsOf(run));
    assert.equal(run.code, 0, run.stderr);
    assert.ok((load?.samples.length ?? 0) > 10);
    assert.ok(load?.samples.every(({ failure }) => failure === null));
    assert.equal(rollouts.length, 1);
    const old = pods.filter(({ deleted }) => deleted !== null);
    assert.deepEqual(
      old.map(({ name, exitCode, killed }) => [name, exitCode, killed]),
      [
        ['web-1', 0, null],
        ['web-2', 0, null],
      ],
    );
    for (const { started, ready, deleted, draining, signalled, ended } of old) {
      const times = [started, ready, deleted, draining, signalled, ended].map(Number);
      assert.deepEqual(
        times,
        times.toSorted((one, other) => one - other),
      );
    }
    assert.deepEqual(
      pods.filter(({ ended }) => ended === null).map(({ name }) => name),
      ['web-3', 'web-4'],
    );
    assert.match(await readFile(report, 'utf8'), /The rollout lost nothing/);
  });

  test('without k8s-run, under an init, an app that dies at once loses what comes late', async () => {
    const words = [
      '--compare',
      '--init',
      '--replicas=1',
      '--json',
      '--kept-alive=0',
      '--lag=1s',
      '--rate=80',
      '--shutdown-delay=4s',
    ];
    const run = await played(words, app('nothing'));
    const facts = factsOf(run);
    const failures = (side: Side): readonly (string | null)[] =>
      side.load?.samples.flatMap(({ failure }) => failure ?? []) ?? [];
    assert.deepEqual(failures(sideOf(facts)), []);
    assert.ok(failures(sideOf(facts, 'init')).includes('connection refused'));
    assert.equal(run.code, 0);
  });

  test('without k8s-run, as PID 1, an app without a handler hangs until the kubelet kills it', async () => {
    const manifest = join(folder, 'short.yaml');
    await writeFile(manifest, SHORT_GRACE);
    const run = await played(
      ['--compare', '--replicas=1', '--json', `--manifest=${manifest}`],
      ['sh', '-c', 'sleep 300'],
    );
    // A worker is ready by nothing but being there; sh waits for its child, as PID 1 without a handler for TERM.
    const alone = factsOf(run).sides.find(({ way }) => way === 'alone');
    const old = alone?.pods.filter(({ deleted }) => deleted !== null) ?? [];
    assert.deepEqual(
      old.map(({ killed }) => killed?.by),
      ['the kubelet'],
    );
  });

  test('one that ignores SIGTERM is killed, what it leaves behind is named, and the advice says so', async () => {
    const { code, stdout } = await played(['--replicas=1', '--kept-alive=0'], app('ignores'));
    assert.equal(code, 1);
    assert.match(stdout, /killed +web-1\n/);
    assert.match(stdout, /left behind +sleep/);
    const text = stdout.replace(/\s+/g, ' ');
    assert.match(text, /The app ignores SIGTERM: web-1 was killed after 1s/);
    assert.match(text, /which k8s-run ended: sleep/);
  });

  test("the options of its manifest's k8s-run are those of the replicas", async () => {
    const manifest = join(folder, 'options.yaml');
    await writeFile(
      manifest,
      NOPE.replace('/nope', '/').replace('ports:', 'command: [k8s-run, --stop-signal, INT, --]\n      ports:'),
    );
    const facts = factsOf(
      await played(['--replicas=1', '--json', '--kept-alive=0', `--manifest=${manifest}`], app('nothing')),
    );
    assert.deepEqual(
      sideOf(facts).pods.flatMap(({ signal }) => signal ?? []),
      ['SIGINT'],
    );
    assert.match(facts.remarks.join(), /its k8s-run has --stop-signal/);
  });

  test('an app with a port of its own is one replica, and the load waits for it', async () => {
    const run = await played(['--json', '--replicas=1', '--kept-alive=0'], app('fixed', String(await freePort())));
    const facts = factsOf(run);
    assert.equal(facts.scouted?.port.kind, 'fixed');
    assert.deepEqual(
      sideOf(facts).load?.samples.filter(({ failure }) => failure !== null),
      [],
    );
    assert.match(facts.remarks.join(), /--port-variable/);
    assert.equal(run.code, 0);
  });

  test('one of whose two ports cannot move is one replica too', async () => {
    const facts = factsOf(
      await played(['--json', '--replicas=1', '--rate=5'], app('two ports', String(await freePort()))),
    );
    sideOf(facts);
    assert.match(facts.remarks.join(), /second replica could not have all of its ports/);
  });

  test('a report that cannot be written is told on the terminal all the same', async () => {
    const taken = join(folder, 'taken.html');
    await mkdir(taken);
    const { code, stdout, stderr } = await played(
      ['--replicas=1', '--kept-alive=0', `--report=${taken}`],
      app('drains'),
    );
    assert.equal(code, 73);
    assert.match(stderr, /cannot write --report .*taken\.html/);
    assert.match(stdout, /No request was lost/);
    assert.doesNotMatch(stdout, /The report is in/);
  });

  test('a worker is rehearsed without load', async () => {
    const facts = factsOf(await played(['--json', '--replicas=1', '--ready=process'], app('worker')));
    assert.deepEqual([facts.scouted?.port.kind, sideOf(facts).load], ['none', null]);
  });

  test('so is who speaks no HTTP; {PORT} in the command is one more way to give a port', async () => {
    const shell = ['sh', '-c', 'PORT="$0" exec "$@"', '{PORT}', ...app('not http')];
    const facts = factsOf(await played(['--json', '--replicas=1', '--port-variable=UNUSED'], shell));
    assert.deepEqual([facts.scouted?.port.kind, facts.scouted?.speaksHttp], ['variable', false]);
    assert.equal(sideOf(facts).load, null);
  });
});

describe('an app that cannot be rehearsed', { concurrency: 8 }, () => {
  const said = async (words: readonly string[], command: readonly string[], sentence: RegExp): Promise<void> => {
    const { code, stdout } = await played(words, command);
    assert.equal(code, 1);
    assert.match(stdout.replace(/\s+/g, ' '), sentence);
  };

  test('never becomes ready', () =>
    said(
      ['--ready-within=2s'],
      app('never ready'),
      /not ready after 2 s; it listens on no port.*--ready process.*waiting for the database/,
    ));
  test('fails the readiness probe of its manifest', async () => {
    const manifest = join(folder, 'nope.yaml');
    await writeFile(manifest, NOPE);
    await said(
      ['--ready-within=2s', '--replicas=1', `--manifest=${manifest}`],
      app('knows no', '/nope'),
      /not ready after 2 s; it listens on port \d+; its readinessProbe http:\/\/:8080\/nope fails: HTTP 404\. Does that probe/,
    );
  });
  test('waits for what is not there', () =>
    said(
      ['--ready-within=2s', '--wait-for=file:/no/such/file'],
      app('nothing'),
      /not ready after 2 s: its k8s-run has not started it yet What --wait-for names/,
    ));
  test('fails the probe that its k8s-run was given', () =>
    said(
      ['--ready-within=2s', '--ready=http://:8080/nope'],
      app('knows no', '/nope'),
      /not ready after 2 s; .*; its probe http:\/\/:\d+\/nope fails: HTTP 404 Does that probe/,
    ));
  test('is slow to answer the liveness probe of its manifest', async () => {
    const manifest = join(folder, 'slow.yaml');
    await writeFile(manifest, NOPE.replace('readiness', 'liveness'));
    await said(
      ['--settle=20s', '--replicas=1', `--manifest=${manifest}`],
      app('slow', '1500'),
      /restarted by the kubelet: its livenessProbe http:\/\/:8080\/nope failed too often: no answer within 1s/,
    );
  });
  test('dies under load', () =>
    said(['--replicas=1', '--rate=50'], app('dies', '40'), /eplica web-\d ended by itself.*exit code 1/));
  test('needs a variable', () => said([], app('needs', 'DATABASE_URL'), /with exit code 1.*DATABASE_URL is not set/));
  test('forks away', () => said([], app('background'), /ended with exit code 0 and left others behind: sleep/));
  test('is not there', () => said([], ['/no/such/program'], /cannot start the app: no such file/));
  test('binds a port that is taken', async () => {
    const taken = createServer().listen(0);
    const address = taken.address();
    assert.ok(typeof address === 'object' && address !== null);
    await said([], app('fixed', String(address.port)), /could not have port \d+, which is taken/);
    taken.close();
  });
});

test('an app that prints 100 MB is read, and not kept', async () => {
  await using run = rehearsing([...SHORT, '--replicas=1', '--rate=5', '--', ...app('prints', '100')]);
  let most = 0;
  const watch = setInterval(async () => {
    const status = await readFile(`/proc/${run.child.pid}/status`, 'utf8').catch(() => '');
    most = Math.max(most, Number(/RssAnon:\s+(\d+)/.exec(status)?.[1] ?? 0));
  }, 50);
  const { code } = await endOf(run).finally(() => clearInterval(watch));
  assert.equal(code, 0, run.stderr());
  assert.ok(most > 0 && most < 250_000, `${most} kB`);
});

const NOPE = `kind: Pod
spec:
  containers:
    - name: web
      ports: [{ containerPort: 8080 }]
      readinessProbe: { httpGet: { path: /nope, port: 8080 }, periodSeconds: 1, failureThreshold: 2 }
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
