import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { until } from '../../rig/deadline.ts';
import { finish, lastLine } from '../../rig/finished.ts';
import { childrenOf, firstIn, NAMESPACE, noNamespace } from '../../rig/namespace.ts';
import { start } from '../../rig/supervised.ts';

/** Root, as in many images, but with the capability dropped, as `drop: [ALL]` does. */
const WITHOUT_CAP_KILL = [...NAMESPACE, 'setpriv', '--bounding-set', '-kill', '--inh-caps', '-kill'];
const AS_ANOTHER_USER = ['setpriv', '--reuid', '12353', '--regid', '12353', '--clear-groups'];

describe('an app or its leftovers that may not be signalled', { skip: noNamespace }, () => {
  test('k8s-run exits with 137 a second after SIGKILL, and names CAP_KILL', async () => {
    const options = ['--ready', 'none', '--shutdown-delay', '0', '--grace', '200ms'];
    const command = [...AS_ANOTHER_USER, 'sleep', '1000'];
    await using run = start(options, command, { prefix: WITHOUT_CAP_KILL });
    const first = await firstIn(run.pid);
    // Until it has another user it may be signalled.
    await until('the app has executed sleep', () => childrenOf(first).some(({ program }) => program === 'sleep'));
    process.kill(first, 'SIGTERM');
    assert.deepEqual(await run.ended(), { code: 137, signal: null });
    const warnings = run.lines().filter(({ event }) => event === 'warning');
    assert.deepEqual(
      warnings.map((line) => [line['signal'], line['reason']]),
      [
        ['SIGTERM', 'EPERM'],
        ['SIGKILL', 'EPERM'],
      ],
    );
    for (const { msg } of warnings) assert.match(msg, /CAP_KILL: add the capability KILL/);
    const kills = run.lines().filter(({ event }) => event === 'killing');
    assert.deepEqual(
      kills.map((line) => [line['why'], line.level]),
      [
        ['grace over', 'warn'],
        ['no effect', 'error'],
      ],
    );
    const exited = lastLine({ lines: run.lines(), stderr: run.stderr() });
    assert.deepEqual([exited.event, exited['code'], exited['cause']], ['exited', 137, 'killed']);
  });

  test('a leftover that may not be signalled is named and not waited for', async () => {
    // It has left the group of the app, and would be waited for during the whole grace.
    const script = `setsid ${AS_ANOTHER_USER.join(' ')} sleep 1000 & until grep -q ^sleep /proc/$!/comm; do :; done; exit 3`;
    const run = await finish(['--ready', 'none', '--grace', '1h'], ['sh', '-c', script], { prefix: WITHOUT_CAP_KILL });
    assert.equal(run.code, 3, run.stderr);
    const leftovers = run.lines.find(({ event }) => event === 'leftovers');
    assert.match(String(leftovers?.msg), /sleep \(\d+\)/);
    assert.match(String(leftovers?.msg), /k8s-run may signal none of them .*CAP_KILL/);
    assert.ok(!run.events.includes('killing'), run.stderr);
  });

  test('the leftovers that may be signalled still get their signal and are waited for', async () => {
    const script = `setsid ${AS_ANOTHER_USER.join(' ')} sleep 1000 & until grep -q ^sleep /proc/$!/comm; do :; done
      setsid sleep 1001 & until grep -q ^sleep /proc/$!/comm; do :; done; exit 3`;
    const run = await finish(['--ready', 'none'], ['sh', '-c', script], { prefix: WITHOUT_CAP_KILL });
    assert.equal(run.code, 3, run.stderr);
    const leftovers = run.lines.find(({ event }) => event === 'leftovers');
    assert.match(JSON.stringify(leftovers?.['leftovers']), /^\[\{[^{]*sleep[^{]*\{[^{]*sleep[^{]*\]$/);
    assert.match(String(leftovers?.msg), /k8s-run may signal not sleep \(\d+\)/);
    assert.ok(!run.events.includes('killing'), run.stderr);
  });
});
