import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cutRemedyFor, cutText } from '../../../src/exit/cut-requests.ts';
import { historyAfter, NO_HISTORY, type ShutdownHistory } from '../../../src/exit/exit-cause.ts';
import type { Notice } from '../../../src/lifecycle/notice.ts';
import type { SkipReason, StopCause, Waited } from '../../../src/lifecycle/state.ts';

type Stopped = { readonly skipped?: SkipReason | null; readonly waited?: Waited; readonly cause?: StopCause };

function stopped({ skipped = null, waited = null, cause = { kind: 'signal', signal: 15 } }: Stopped): ShutdownHistory {
  const stopping: Notice = { event: 'stopping', cause, signal: 15, graceMs: 1, skipped, waited };
  return historyAfter(NO_HISTORY, stopping);
}

const limit: Waited = { ended: 'limit', traffic: { kind: 'not counted' } };

test('the option that would have waited for a request that was cut is named', () => {
  const rows = [
    ['killed', stopped({}), true, '--grace'],
    ['stopped', stopped({}), false, '--drain-connections'],
    ['stopped', stopped({ waited: limit }), true, '--drain-connections'],
    ['stopped', stopped({ skipped: 'no delay' }), true, '--shutdown-delay'],
    ['stopped', stopped({}), true, '--node-drain'],
    ['stopped', stopped({ skipped: 'second Ctrl-C' }), true, null],
    ['stopped', stopped({ skipped: 'not alive' }), true, null],
    ['fault', stopped({ cause: { kind: 'fault', fault: { room: 'process', message: 'no' } } }), true, null],
    ['exited', NO_HISTORY, true, null],
  ] as const;
  for (const [cause, history, drains, option] of rows) {
    assert.equal(
      cutRemedyFor(cause, history, drains)?.option ?? null,
      option,
      JSON.stringify([cause, history.stopping]),
    );
  }
});

test('the sentence counts the requests and says what would have waited', () => {
  assert.equal(cutText(1, null), '; 1 request was cut');
  assert.equal(cutText(2, { option: '--grace', text: 'wait longer' }), '; 2 requests were cut (wait longer)');
});
