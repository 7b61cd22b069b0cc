import assert from 'node:assert/strict';
import { constants } from 'node:os';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { until } from '../../rig/deadline.ts';
import { type SupervisedPuppet, startPuppet } from '../../rig/puppet.ts';
import { start } from '../../rig/supervised.ts';
import { nameOf, RELAYED } from './relayed.ts';

for (const scope of ['group', 'process']) {
  test(`--signal-scope ${scope}: each relayed signal reaches the app once, in order`, async () => {
    await using run = await startPuppet(['--stop-on', 'none', '--signal-scope', scope]);
    await run.puppet.tell({ do: 'catch', signals: RELAYED.map(nameOf) });
    await sendOneByOne(run, RELAYED);
    assert.deepEqual(run.puppet.signals().map(numberOf), RELAYED);
    const passedOn = await until('a line for each', () => {
      const said = run.lines().filter(({ event }) => event === 'signal');
      return said.length >= RELAYED.length ? said : null;
    });
    assert.deepEqual(
      passedOn.map((line) => [numberOf(String(line['signal'])), line['outcome'], numberOf(String(line['as']))]),
      RELAYED.map((signal) => [signal, 'passed on', signal]),
    );
  });
}

for (const scope of ['group', 'process']) {
  test(`--signal-scope ${scope}: a thousand signals of alternating kinds reach the app once and in order`, async () => {
    await using run = await startPuppet(['--stop-on', 'none', '--signal-scope', scope]);
    const kinds = [constants.signals.SIGUSR1, constants.signals.SIGHUP, constants.signals.SIGUSR2];
    await run.puppet.tell({ do: 'catch', signals: kinds.map(nameOf) });
    const sent = Array.from({ length: 1_000 }, (_, index) => kinds[index % kinds.length] ?? 0);
    await sendOneByOne(run, sent);
    assert.deepEqual(run.puppet.signals().map(numberOf), sent);
  });
}

test('without a terminal TSTP stops the app alone, and k8s-run still receives TERM', async () => {
  await using run = start(
    ['--ready', 'none', '--probe-period', '20ms', '--failure-threshold', '2', '--shutdown-delay', '0s'],
    ['sleep', '1000'],
  );
  await run.line('ready');
  run.kill('SIGTSTP');
  assert.match(String((await run.line('unlive'))['reason']), /stopped/);
  run.kill('SIGTERM');
  assert.equal((await run.ended()).code, 143);
});

test('SIGIO, which is also SIGPOLL, is relayed once', async () => {
  await using run = await startPuppet(['--stop-on', 'none']);
  await run.puppet.tell({ do: 'catch', signals: ['SIGIO', 'SIGUSR1'] });
  await sendOneByOne(run, [constants.signals.SIGPOLL, constants.signals.SIGUSR1]);
  assert.deepEqual(run.puppet.signals().map(numberOf), [constants.signals.SIGIO, constants.signals.SIGUSR1]);
});

/**
 * The kernel keeps one of each standard signal and gives out the lowest number first, so order means something only when
 * each was received before the next is sent. After the last one a round trip shows that nothing more is on its way.
 */
async function sendOneByOne(run: SupervisedPuppet, signals: readonly number[]): Promise<void> {
  const { puppet } = run;
  for (const [index, signal] of signals.entries()) {
    run.kill(signal);
    // Mostly there within a few turns of the event loop, sooner than `until` looks again.
    for (let turn = 0; turn < 1_000 && puppet.signals().length <= index; turn += 1) await setImmediate();
    await until(
      `the puppet receives ${nameOf(signal)} as number ${index + 1}`,
      () => puppet.signals().length > index,
      () => `${puppet.signals().join(' ')}\n${run.stderr()}`,
    );
  }
  await puppet.tell({ do: 'describe' });
}

function numberOf(name: string): number {
  return constants.signals[name as NodeJS.Signals];
}
