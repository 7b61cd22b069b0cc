import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readPage } from '../../../scripts/reference.ts';
import { parseConfig } from '../../../src/config/resolve.ts';
import { statusOf } from '../../../src/health/status.ts';
import type { State } from '../../../src/lifecycle/state.ts';
import { verdicts } from '../../../src/lifecycle/verdict.ts';
import { policyWith, STATES } from '../lifecycle/examples.ts';

/** The rows of a table of the reference: the key, and what is said of it. */
function rowsOf(heading: string): ReadonlyMap<string, string> {
  const [, table = ''] = readPage('docs/reference.md').split(`| key of ${heading} | value |\n`);
  const rows = table.split('\n\n')[0]?.matchAll(/^\| `(\w+)` \| (.*) \|$/gm) ?? [];
  return new Map([...rows].map(([, key = '', value = '']) => [key, value]));
}

test('the reference describes every key of /statusz, in each state, and no other', () => {
  const parsed = parseConfig([], {});
  assert.ok('ok' in parsed);
  const check = { name: 'cache', source: '', tags: ['ready'], probe: { kind: 'none' }, degraded: false } as const;
  const [stopping] = STATES.stopping;
  assert.ok(stopping !== undefined);
  const drained: State = { ...stopping, waited: { ended: 'limit', traffic: { kind: 'not counted' } } };
  const states: readonly State[] = [...Object.values(STATES).flat(), drained];
  const hooks = { onUnlive: { kind: 'signal', signal: 3 }, onMemory: { kind: 'command', words: ['dump'] } } as const;
  const pages = states.map((state) =>
    statusOf(state, {
      ...{
        version: '1.0.0',
        runtime: 'v26.0.0',
        changedAt: { startup: 0, ready: 0, live: 0 },
        program: 'node',
        pid: 7,
        health: null,
        limits: null,
        droppedLines: 0,
        now: 0,
      },
      ...{ config: { ...parsed.ok, ...hooks, checks: [check] }, checks: () => [], orphans: { reaped: 0 } },
      verdicts: verdicts(state, policyWith()),
    }),
  );
  const shutdowns = pages.flatMap(({ shutdown }) => (shutdown === undefined ? [] : [shutdown]));
  const keysOf = (objects: readonly object[]): readonly string[] => [...new Set(objects.flatMap(Object.keys))].sort();
  const page = rowsOf('`/statusz`');
  const shutdown = rowsOf('`shutdown`');
  assert.deepEqual(keysOf(pages), [...page.keys()].sort());
  assert.deepEqual(keysOf(shutdowns as readonly object[]), [...shutdown.keys()].sort());
  for (const [inside, text] of [
    [pages.map(({ options }) => options), page.get('options')],
    [
      (shutdowns as { connections?: object }[]).map(({ connections }) => connections ?? {}),
      shutdown.get('connections'),
    ],
  ] as const) {
    for (const key of keysOf(inside as readonly object[])) assert.ok(text?.includes(`\`${key}\``), key);
  }
});
