import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keptAliveHint } from '../../../../src/node-drain/kept-alive-hint.ts';
import { adviceOn } from '../../../../src/rehearse/advice/advice.ts';
import { adviceTitle } from '../../../../src/rehearse/labels.ts';
import type { PodTimeline, SignalHandling } from '../../../../src/rehearse/pod/pod-timeline.ts';
import type { RehearsalSettings, RequestSample, VariantResult } from '../../../../src/rehearse/results.ts';
import { deletedPod, loadResult, runResult, SETTINGS, sample, servingPod } from '../../../rig/rehearsal-results.ts';

const refused = { failure: 'connection refused', took: 1 };

function advice(
  run: VariantResult,
  flags: readonly string[] = ['drain-connections'],
  known: Partial<RehearsalSettings> = {},
): string {
  return adviceOn(run, { ...SETTINGS, ...known }, (flag) => flags.includes(flag))
    .map(({ severity, text }) => `${severity}: ${text}`)
    .join('\n');
}

/** A run in which a pod was deleted and these requests were sent. */
const withRequests = (...samples: readonly RequestSample[]): VariantResult =>
  runResult([deletedPod('web-1')], { load: loadResult(samples) });

test('the advice on a rehearsal without losses is to change nothing', () => {
  assert.match(advice(withRequests(sample(2_000))), /^ok: No request was lost/);
  assert.doesNotMatch(advice(withRequests(sample(2_000))), /\n/);
});

test('a rollout without requests is told by exit codes, times and the limit that there was', () => {
  const pods = [deletedPod('web-1'), deletedPod('web-2', { exited: 12_500 })];
  const told = (known: Partial<VariantResult> = {}): string => advice(runResult(pods, { load: null, ...known }));
  assert.equal(
    told(),
    'ok: Every old replica exited in time: with 0, 60 ms to 2.50 s after SIGTERM, of the 20s that it had.',
  );
  assert.match(told({ variant: 'alone' }), /of the 30s that it had\.$/);
  assert.match(told({ load: loadResult([]) }), /^ok: Every old replica exited in time/);
});

test('a worker that the signal ended is said to give up its task, unless it has a handler; one that exited is not', () => {
  const stopped = (handling: SignalHandling, exitCode: number): string =>
    advice(runResult([deletedPod('web-1', { handling, exitCode })], { load: null }));
  assert.match(stopped('default', 143), /with 143 \(SIGTERM\), 60 ms after SIGTERM/);
  assert.match(
    stopped('default', 143),
    /\nnote: SIGTERM ended web-1\. The app has no handler for it, so an unfinished task/,
  );
  assert.match(stopped('caught', 143), /\nnote: SIGTERM ended web-1\. An unfinished task .*unless a handler/);
  assert.doesNotMatch(stopped('caught', 0), /task/);
  assert.doesNotMatch(stopped('default', 0), /task/);
  assert.doesNotMatch(advice(withRequests(sample(2_000))), /task/);
});

test('what k8s-run counted as in flight when the app ended stands with the requests that were cut, or by itself', () => {
  const pods = [deletedPod('web-1', { cutRequests: 2 }), deletedPod('web-2', { cutRequests: 1 })];
  const cut = sample(9_990, { failure: 'connection closed' });
  const both = advice(runResult(pods, { load: loadResult([sample(2_000), cut]) }));
  assert.equal(both.match(/k8s-run counted 3 requests in flight when the app ended\./g)?.length, 1);
  assert.match(both, /^problem: 1 request was cut .* k8s-run counted 3/);
  const alone = advice(runResult(pods, { load: loadResult([sample(2_000)]) }));
  assert.match(alone, /^ok: .*\nnote: k8s-run counted 3 requests in flight when the app ended\. No client/);
  for (const cutRequests of [null, 0])
    assert.doesNotMatch(advice(runResult([deletedPod('web-1', { cutRequests })])), /counted/);
});

test('a warning that differs between the replicas by its numbers alone is advised once, with the number of replicas', () => {
  const warned = (name: string, ...warnings: readonly string[]): PodTimeline =>
    deletedPod(name, { warnings: [...warnings] });
  const text = advice(
    runResult([warned('web-1', 'port 4001 is odd', 'port 4001 is odd'), warned('web-2', 'port 4002 is odd', 'else')]),
  );
  assert.equal(text.match(/is odd/g)?.length, 1);
  assert.match(text, /note: k8s-run warned at 2 replicas: port 4001 is odd\nnote: k8s-run warned: else/);
});

test('advice stands under a heading that fits, and never under "Nothing to change"', () => {
  const title = (run: VariantResult): string =>
    adviceTitle(
      run.variant,
      adviceOn(run, SETTINGS, () => true).map(({ severity }) => severity),
    );
  assert.equal(title(runResult([deletedPod('web-1')])), 'Nothing to change');
  assert.equal(title(runResult([deletedPod('web-1', { leftovers: ['cat'] })])), 'Worth knowing');
  assert.equal(title(withRequests(sample(10_100, refused))), 'What to change');
  assert.equal(title(runResult([deletedPod('web-1')], { variant: 'alone' })), 'Without k8s-run, as PID 1');
});

test('requests that came after the app had stopped accepting are advised a longer --shutdown-delay', () => {
  assert.match(
    advice(withRequests(sample(10_100, refused))),
    /problem: 1 request arrived after .* Set --shutdown-delay 6s\./,
  );
});

test('cut requests are advised --drain-connections, or the grace where this k8s-run has no such option', () => {
  const cut = sample(9_990, { failure: 'connection closed', connection: 'kept-alive' });
  assert.match(
    advice(withRequests(cut)),
    /problem: 1 request was cut .*kept-alive connection\. Add --drain-connections 10s/,
  );
  assert.match(advice(withRequests(cut, cut), []), /2 requests were cut .*it has 20s \(--grace\)/);
  assert.match(advice(withRequests(cut), [], { drainConnections: 10_000 }), /waited up to 10s .*Connection: close/);
  // What k8s-run logs above a Node app: of this process.
  const hint = keptAliveHint({
    app: process.pid,
    program: 'node',
    port: 0,
    nodeDrain: false,
    isTold: false,
    readers: 0,
  });
  const warned = runResult([deletedPod('web-1', { warnings: [hint ?? ''] })], { load: loadResult([cut]) });
  const text = advice(warned, [], { drainConnections: 10_000 });
  assert.match(text, /waited up to 10s .*\. Add --node-drain, which has the clients of a Node app leave/);
  assert.doesNotMatch(text, /Only the app/);
});

test('requests that a new replica refused are advised a readiness probe that fits', () => {
  const early = { ...refused, pod: 'web-2' };
  const run = runResult([servingPod('web-2')], {
    load: loadResult([
      ...[sample(1_100, early), sample(2_500, early)],
      ...[sample(2_900, { pod: 'web-2' }), sample(4_000, early)],
    ]),
  });
  assert.match(
    advice(run),
    /2 requests were sent to a new replica that was ready .*--ready[\s\S]*1 request failed at replicas/,
  );
  assert.match(advice(run, [], { hasReadinessProbe: false }), /2 requests were sent .*without a readinessProbe/);
  assert.match(
    advice({ ...run, variant: 'alone' }),
    /2 were sent to a new replica that did not accept connections yet, 1 failed for other reasons/,
  );
});

test('failures of the app itself and requests without an endpoint are told apart from those of the rollout', () => {
  assert.match(
    advice(withRequests(sample(3_000, { failure: 'HTTP 500' }))),
    /HTTP 500 \(1\), most of them on \/.*--paths/,
  );
  assert.match(advice(withRequests(sample(3_000, { failure: 'x', pod: null }))), /found no ready replica.*--ready/);
  assert.doesNotMatch(advice(withRequests(sample(3_000))), /problem/);
});

test('the advice on a killed replica says who killed it, and why', () => {
  const byK8sRun = { killed: { at: 30_000, by: 'k8s-run' }, exitCode: 137 } as const;
  assert.match(
    advice(runResult([deletedPod('web-1', { ...byK8sRun, handling: 'ignored' })])),
    /problem: The app ignores SIGTERM: web-1 was killed after 20s\. Handle the signal.*--grace/,
  );
  assert.match(
    advice(runResult([deletedPod('web-1', byK8sRun)])),
    /problem: SIGTERM did not end the app: web-1 was killed after 20s\. .*--grace 40s/,
  );
  const byKubelet = { killed: { at: 30_000, by: 'the kubelet' }, exitCode: 137 } as const;
  assert.match(advice(runResult([deletedPod('web-1', byKubelet)])), /terminationGracePeriodSeconds to 27 or more/);
  assert.match(
    advice(runResult([deletedPod('web-1', byKubelet)], { variant: 'alone' })),
    /SIGTERM did not end the app: the kubelet had to kill web-1 after 30s\.$/,
  );
});

test('an app that catches the signal is not said to ignore it, or to have no handler for it', () => {
  for (const [by, variant] of [
    ['k8s-run', 'k8s-run'],
    ['the kubelet', 'alone'],
    ['the kubelet', 'init'],
  ] as const) {
    const killed = { killed: { at: 30_000, by }, exitCode: 137 } as const;
    const text = (handling: SignalHandling, keptListening: boolean): string =>
      advice(runResult([deletedPod('web-1', { ...killed, handling, keptListening })], { variant }));
    assert.match(text('caught', true), /^problem: The app catches SIGTERM, but went on listening: /);
    assert.match(
      text('caught', false),
      /^problem: The app catches SIGTERM, but was still running at the end of its time: /,
    );
    assert.match(text('blocked', true), /^problem: The app blocks SIGTERM, and went on listening: /);
    for (const handling of ['caught', 'blocked'] as const)
      assert.doesNotMatch(text(handling, true), /ignores|no handler|PID 1/);
    for (const handling of ['default', 'caught once'] as const)
      assert.equal(/PID 1/.test(text(handling, true)), variant === 'alone');
    assert.doesNotMatch(text('caught once', false), /ignores/);
    assert.match(text('ignored', true), /^problem: The app ignores SIGTERM: /);
  }
});

test('an app that goes on listening after the signal is advised the signal that it stops on, not more time alone', () => {
  const killed = { killed: { at: 30_000, by: 'k8s-run' }, exitCode: 137, handling: 'caught' } as const;
  const goesOn = advice(runResult([deletedPod('web-1', { ...killed, keptListening: true })]));
  assert.match(goesOn, /a reload, name the signal .*--stop-signal QUIT/);
  assert.doesNotMatch(advice(runResult([deletedPod('web-1', killed)])), /--stop-signal/);
});

test('an app that was killed before it had the whole grace is told why', () => {
  const killed = { killed: { at: 20_000, by: 'k8s-run' }, exitCode: 137, handling: 'caught' } as const;
  assert.match(
    advice(runResult([deletedPod('web-1', killed)])),
    /web-1 was killed 10\.0 s after it, because the wait for requests in flight is a part of --grace 20s/,
  );
});

test('replicas that behaved alike are advised together, and others by themselves', () => {
  const killed = { killed: { at: 30_000, by: 'k8s-run' }, exitCode: 137 } as const;
  const pods = (['caught', 'caught', 'ignored'] as const).map((handling, index) =>
    deletedPod(`web-${index + 1}`, { ...killed, handling }),
  );
  assert.match(advice(runResult(pods)), /catches SIGTERM.*: web-1 and web-2 were.*\n.*ignores SIGTERM: web-3 was/);
});

test('a preStop hook counts in the advised terminationGracePeriodSeconds, and no grace below 1 s is advised', () => {
  const killed = { killed: { at: 13_000, by: 'the kubelet' }, exitCode: 137 } as const;
  const hook = runResult([deletedPod('web-1', { ...killed, terminating: 8_020 })]);
  const short = advice(hook, [], { hasPreStop: true, grace: 1_000, terminationGracePeriod: 8_000 });
  assert.match(
    short,
    /preStop hook takes 3s, delay and grace take 6s\. Set terminationGracePeriodSeconds to 11 or more/,
  );
  assert.doesNotMatch(short, /--grace/);
  const usual = advice(hook, [], { hasPreStop: true, terminationGracePeriod: 8_000 });
  assert.match(usual, /terminationGracePeriodSeconds to 30 or more/);
  assert.doesNotMatch(usual, /--grace/);
  const long = advice(hook, [], { hasPreStop: true, terminationGracePeriod: 20_000 });
  assert.match(long, /to 30 or more, or set --grace 10s\./);
  // Of a hook that outlasts the period only so much is known.
  const over = runResult([deletedPod('web-1', { ...killed, terminating: null, signalled: null })]);
  assert.match(advice(over, [], { hasPreStop: true, terminationGracePeriod: 8_000 }), /hook takes 8s.*to 35 or more/);
  const none = runResult([deletedPod('web-1', killed)]);
  assert.match(advice(none, [], { grace: 1_000, terminationGracePeriod: 3_000 }), /to 8 or more/);
});

test('leftovers, unusual exit codes and warnings of k8s-run are notes, not problems', () => {
  const text = advice(
    runResult([deletedPod('web-1', { leftovers: ['cat', 'cat'], exitCode: 3, warnings: ['something odd'] })]),
  );
  assert.match(text, /^ok/);
  assert.match(text, /note: .*cat \(2 times\)/);
  assert.match(text, /note: .*--remap-exit 3:0/);
  assert.match(text, /note: k8s-run warned: something odd/);
});
