import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type HealthReport, type HealthResponse, respond } from '../../../src/health/render.ts';
import type { Verdict, Verdicts } from '../../../src/lifecycle/verdict.ts';

const ok: Verdict = { kind: 'ok' };
const failed = (reason: string): Verdict => ({ kind: 'failed', reason });
const WELL: Verdicts = { startup: ok, ready: ok, live: ok };

function ask(target: string, verdicts: Verdicts = WELL, { method = 'GET', accept = '*/*' } = {}): HealthResponse {
  return respond({ method, target, accept }, () => ({
    verdicts,
    checks: () => [],
    status: () => ({ state: 'running' }),
  }));
}
const brief = ({ status, body }: HealthResponse): readonly [number, string] => [status, body];

test('each endpoint answers ok, or 503 with the reason', () => {
  const cases: Readonly<Record<string, Verdicts>> = {
    '/healthz': { ...WELL, live: failed('it hangs') },
    '/livez': { ...WELL, live: failed('it hangs') },
    '/readyz': { ...WELL, ready: failed('it hangs') },
    '/startupz': { ...WELL, startup: failed('it hangs') },
  };
  for (const [path, ill] of Object.entries(cases)) {
    assert.deepEqual(brief(ask(path)), [200, 'ok'], path);
    assert.deepEqual(brief(ask(path, ill)), [503, 'it hangs\n'], path);
    assert.equal(ask(path).type, 'text/plain; charset=utf-8');
  }
});

test('an endpoint hears of no check but its own', () => {
  const onlyLive: Verdicts = { startup: failed('s'), ready: failed('r'), live: ok };
  assert.equal(ask('/livez', onlyLive).status, 200);
  assert.equal(ask('/healthz', onlyLive).status, 200);
  const onlyStarted: Verdicts = { startup: ok, ready: failed('r'), live: failed('l') };
  assert.equal(ask('/startupz', onlyStarted).status, 200);
  assert.equal(ask('/readyz', { ...WELL, live: failed('l') }).status, 200);
  assert.equal(ask('/readyz', { ...WELL, startup: failed('s') }).status, 503);
});

test('of two failures the later check says why', () => {
  const shutDown: Verdicts = { startup: failed('not asked yet'), ready: failed('shutting down'), live: ok };
  assert.equal(ask('/readyz', shutDown).body, 'shutting down\n');
});

test('?verbose lists each check as kube-apiserver does', () => {
  assert.deepEqual(brief(ask('/readyz?verbose')), [200, '[+]startup ok\n[+]ready ok\nreadyz check passed\n']);
  assert.deepEqual(brief(ask('/readyz?verbose=1', { ...WELL, ready: failed('HTTP 500') })), [
    503,
    '[+]startup ok\n[-]ready failed: HTTP 500\nreadyz check failed\n',
  ]);
  assert.deepEqual(brief(ask('/livez?a=b&verbose')), [200, '[+]live ok\nlivez check passed\n']);
  assert.deepEqual(brief(ask('/livez?noverbose')), [200, 'ok']);
});

test('JSON for who asks for it', () => {
  const accept = 'text/html, application/json;q=0.9';
  const well = ask('/readyz', WELL, { accept });
  assert.equal(well.type, 'application/json; charset=utf-8');
  assert.deepEqual(JSON.parse(well.body), {
    status: 'ok',
    checks: [
      { name: 'startup', status: 'ok' },
      { name: 'ready', status: 'ok' },
    ],
  });
  const ill = ask('/livez', { ...WELL, live: failed('it "hangs"\n') }, { accept });
  assert.equal(ill.status, 503);
  assert.deepEqual(JSON.parse(ill.body), {
    status: 'failed',
    reason: 'it "hangs"\n',
    checks: [{ name: 'live', status: 'failed', reason: 'it "hangs"\n' }],
  });
});

test('/statusz tells the whole state as JSON, well or not', () => {
  const page = ask('/statusz?x', { ...WELL, live: failed('it hangs') });
  assert.deepEqual(brief(page), [200, '{"state":"running"}\n']);
  assert.equal(page.type, 'application/json; charset=utf-8');
});

test('GET and HEAD only; what else is asked is told so without a report being made', () => {
  const never = (): HealthReport => assert.fail('a report was made');
  for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'get', '']) {
    const page = respond({ method, target: '/livez', accept: '' }, never);
    assert.deepEqual([page.status, page.allow], [405, 'GET, HEAD'], method);
  }
  assert.deepEqual(ask('/readyz', WELL, { method: 'HEAD' }), ask('/readyz'));
});

test('the absolute form of a proxy is the same question', () => {
  assert.deepEqual(brief(ask('http://pod:20080/readyz')), [200, 'ok']);
  assert.equal(ask('http://pod:20080').status, 404);
});

test('any other path is not found, and the answer lists those that are', () => {
  const paths = ['/', '', '/readyz/', '/READYZ', '//readyz', '/metrics/x', '/toString', '/__proto__', '*', '?verbose'];
  for (const path of paths) {
    const { status, body } = ask(path);
    assert.equal(status, 404, path);
    assert.match(body, /\/healthz, \/livez, \/readyz, \/startupz, \/statusz/);
  }
  // What was asked is not repeated: it may hold what is not for logs.
  assert.doesNotMatch(ask('/secret').body, /secret/);
});
