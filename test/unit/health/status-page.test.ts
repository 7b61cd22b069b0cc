import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { parseConfig } from '../../../src/config/resolve.ts';
import { STATUS_STYLE, STATUS_STYLE_HASH } from '../../../src/health/page/style.ts';
import type { HealthResponse } from '../../../src/health/render.ts';
import { statusOf } from '../../../src/health/status.ts';
import { statusPage } from '../../../src/health/status-page.ts';
import { verdicts } from '../../../src/lifecycle/verdict.ts';
import { policyWith, STATES } from '../lifecycle/examples.ts';

type Fields = Readonly<Record<string, unknown>>;

const pageOf = (status: Fields, refresh: string | null = null): HealthResponse =>
  statusPage(status, { asOf: 'Mon, 30 Nov 2026 04:20:00 GMT', refresh });

/** What a reader sees, with single spaces. */
function textOf({ body }: HealthResponse): string {
  const [, visible = ''] = body.split('<body>');
  return visible
    .replace(/<[^>]*>/g, ' ')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&#39;/g, "'")
    .replace(/&amp;/g, '&')
    .replace(/\s+/g, ' ');
}

/** The status in each state, as /statusz has it. */
function statuses(): readonly Fields[] {
  const parsed = parseConfig([], {});
  assert.ok('ok' in parsed);
  const check = {
    name: 'cache',
    source: '',
    tags: ['ready', 'live'],
    probe: { kind: 'none' },
    degraded: true,
  } as const;
  const standing = { kind: 'failing', cause: 'timeout', reason: 'no answer within 1 s' } as const;
  return Object.values(STATES)
    .flat()
    .map((state) =>
      statusOf(state, {
        ...{ version: '1.2.3', runtime: 'v26.4.5', program: 'node', pid: 7, health: 'http://[::]:20080', now: 5_000 },
        ...{ changedAt: { startup: 2_000, ready: 3_000, live: 0 }, droppedLines: 3, orphans: { reaped: 4 } },
        config: { ...parsed.ok, checks: [check] },
        checks: (tag) => (tag === 'ready' ? [{ name: 'cache', degraded: true, standing, changedAt: 4_000 }] : []),
        limits: {
          ...{ memoryLimitBytes: 536_870_912, cpuLimitCores: 0.5, resizes: 2 },
          resized: { agoMs: 61_000, oldMemoryLimitBytes: 268_435_456, oldCpuLimitCores: null },
        },
        verdicts: verdicts(state, policyWith()),
      }),
    );
}

/** Every text in it, however deep. */
function texts(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(texts) : [];
}

test('the page has every text of the JSON, in each state, and is small', () => {
  const kinds = new Set<unknown>();
  for (const status of statuses()) {
    kinds.add(status['state']);
    const page = pageOf(status);
    const shown = textOf(page);
    for (const text of texts(status)) assert.ok(shown.includes(text), `${String(status['state'])}: ${text}: ${shown}`);
    assert.ok(Buffer.byteLength(page.body) < 10_000);
    assert.match(page.body, /<title>\w+: node<\/title>/);
  }
  assert.equal(kinds.size, Object.keys(STATES).length);
});

test('times, sizes and what is missing are told in words', () => {
  const [draining] = statuses().filter(({ state }) => state === 'draining');
  const shown = textOf(pageOf(draining ?? {}));
  for (const words of [
    'cause kind signal cause signal SIGTERM',
    'signal in at most -3000ms',
    'connections busy 2 connections idle 1 connections newest 3.6s ago',
    'delay skipped no',
    'ready failed changed 2s ago shutting down probe auto',
    'cache ready failing changed 1s ago timeout: no answer within 1 s probe none, degraded yes',
    'cache live not probed',
    'memory limit 512 MiB CPU limit 0.5 cores resizes 2 resized 1m1s ago',
    'resized old memory limit 256 MiB resized old CPU limit no limit',
    'preparing 1s 5s ago running so far 4s 4s ago',
    'termination grace period not set',
    'health http://[::]:20080 orphans reaped 4 log dropped lines 3',
    'k8s-run 1.2.3 on Node.js v26.4.5, as of Mon, 30 Nov 2026 04:20:00 GMT.',
  ])
    assert.ok(shown.includes(words), `${words}: ${shown}`);
});

test('what the page does not know is shown all the same, wherever it stands', () => {
  const [running] = statuses().filter(({ state }) => state === 'running');
  const probes = running?.['probes'] as Readonly<Record<string, Fields>>;
  const shown = textOf(
    pageOf({
      ...running,
      app: { program: 'node', pid: 7, threadCount: 'new1' },
      probes: { ...probes, ready: { ...probes['ready'], ports: [8_080, 8_081] }, extra: { kind: 'ok', more: 'new2' } },
      phases: [{ phase: 'running', agoMs: 5, hook: 'new3' }],
      checks: [{ name: 'new4' }, { name: 'x', ready: { kind: 'passing', deep: { deeper: ['new5', 'new6'] } } }],
      hooks: { onUnlive: { exitCode: 3, tookMs: 1_200, lines: ['new7'] } },
      otlp: [
        { sentSpans: 4, last: null },
        { endpoint: 'new8', isOn: true },
      ],
      empty: {},
      none: [],
    }),
  );
  for (const text of ['new1', 'new2', 'new3', 'new4', 'new5, new6', 'new7', 'new8'])
    assert.ok(shown.includes(text), text);
  for (const words of [
    'ports 8080, 8081',
    'on unlive exit code 3 on unlive took 1.2s on unlive lines new7',
    'otlp 1 sent spans 4 otlp 1 last none otlp 2 endpoint new8 otlp 2 is on yes',
    'empty none none none',
  ])
    assert.ok(shown.includes(words), `${words}: ${shown}`);
});

test('a status of another shape than expected is shown as plain facts', () => {
  for (const odd of [null, 1, 'text9', [], [1], {}, [null], [{}], { a: null }, [{ phase: 1 }]]) {
    for (const key of [
      'state',
      'app',
      'probes',
      'checks',
      'phases',
      'shutdown',
      'limits',
      'options',
      'hooks',
      'ended',
    ]) {
      const { status, body } = pageOf({ state: 'running', [key]: odd });
      assert.equal(status, 200);
      if (odd === 'text9') assert.ok(body.includes('text9'), key);
      assert.ok(!/undefined|\[object|NaN/.test(body), `${key}: ${body}`);
    }
  }
});

test('names and reasons are never markup', () => {
  const hostile = `<script>alert(1)</script>"'><img src=x onerror=a>&lt;\u202egnp\0\x1b[31m`;
  const page = pageOf({
    version: hostile,
    runtime: hostile,
    state: hostile,
    app: { program: hostile, [hostile]: hostile },
    probes: { [hostile]: { kind: hostile, reason: hostile, probe: hostile } },
    checks: [{ name: hostile, probe: hostile, ready: { kind: 'failing', cause: hostile, reason: hostile } }],
    phases: [{ phase: hostile, agoMs: 3 }],
    shutdown: { [hostile]: { [hostile]: [hostile] } },
    [hostile]: hostile,
  });
  const tags = new Set([...page.body.matchAll(/<\/?(\w+)/g)].map(([, tag]) => tag));
  assert.deepEqual(
    [...tags].filter((tag) => tag === 'script' || tag === 'img'),
    [],
  );
  // Nothing but our own attributes, each of them closed by the quote that opened it.
  const markup = page.body.replace(/<style>.*?<\/style>/, '');
  const attributes = [...markup.matchAll(/<\w+((?: [\w-]+=(?:"[^"]*"|\w+))*)\/?>/g)];
  assert.equal(attributes.length, [...markup.matchAll(/<\w/g)].length);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: none may be there.
  assert.doesNotMatch(page.body.trimEnd(), /[\0-\x1f\u202e]/);
});

test('it reloads only when asked to, after a whole number of seconds', () => {
  const reload = (refresh: string | null): string | undefined =>
    /http-equiv="refresh" content="([^"]*)"/.exec(pageOf({ state: 'running' }, refresh).body)?.[1];
  assert.equal(reload(null), undefined);
  for (const [asked, seconds] of Object.entries({
    '': '2',
    5: '5',
    0: '1',
    99999: '3600',
    '-3': '2',
    '1;url=//x': '2',
    x: '2',
  }))
    assert.equal(reload(asked), seconds, asked);
  assert.match(pageOf({}, '5').body, /Reloads every 5 s\. <a href="\?">Stop/);
  assert.match(pageOf({}).body, /<a href="\?refresh=2">Reload every 2 s/);
});

test('the policy allows its style and nothing else', () => {
  assert.equal(createHash('sha256').update(STATUS_STYLE).digest('base64'), STATUS_STYLE_HASH);
  const { body, fields = [], type } = pageOf({ state: 'running' });
  assert.equal(type, 'text/html; charset=utf-8');
  assert.ok(body.includes(`<style>${STATUS_STYLE}</style>`) && !/ style=|<script|https?:\/\/(?!\[)/.test(body));
  assert.deepEqual(fields.slice(0, 2), [
    'Vary: Accept',
    `Content-Security-Policy: default-src 'none'; style-src 'sha256-${STATUS_STYLE_HASH}'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  ]);
});
