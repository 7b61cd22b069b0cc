import assert from 'node:assert/strict';
import { chmodSync, copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { type Browser, evaluate, noBrowser, startBrowser } from '../../rig/browser.ts';
import { temporaryFile } from '../../rig/config-file.ts';
import { until } from '../../rig/deadline.ts';
import { startPuppet } from '../../rig/puppet.ts';
import { type Supervised, start } from '../../rig/supervised.ts';
import { serveHttp } from '../../rig/target.ts';
import { clientOf } from '../shutdown/client.ts';

/** As Chromium and Firefox send it. */
const BROWSER = { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' };

test('a browser gets /statusz as a page, to GET and to HEAD, and any other client JSON', async () => {
  await using run = start(['--ready', 'none'], ['sleep', '300']);
  await run.line('ready');
  for (const headers of [{}, { accept: '*/*' }, { accept: 'application/json' }, { accept: 'text/html;q=0.1, */*' }]) {
    const reply = await run.get('/statusz', { headers });
    assert.equal(reply.headers['content-type'], 'application/json; charset=utf-8');
    assert.equal(reply.headers['vary'], 'Accept');
    assert.equal(JSON.parse(reply.body).state, 'running');
  }
  const page = await run.get('/statusz', { headers: BROWSER });
  assert.deepEqual([page.status, page.headers['content-type']], [200, 'text/html; charset=utf-8']);
  assert.equal(page.headers['vary'], 'Accept');
  assert.equal(page.headers['cache-control'], 'no-store');
  assert.match(String(page.headers['content-security-policy']), /^default-src 'none'; style-src 'sha256-/);
  assert.match(page.body, /^<!doctype html>.*<h1>sleep<\/h1>.*<\/html>\n$/s);
  assert.ok(page.body.length < 10_000);
  const head = await run.get('/statusz', { headers: BROWSER, method: 'HEAD' });
  assert.deepEqual([head.status, head.body, head.headers['content-type']], [200, '', 'text/html; charset=utf-8']);
  assert.ok(Number(head.headers['content-length']) > 1_000);
  const counted = (await run.get('/metrics')).body;
  assert.match(counted, /^k8s_run_health_requests_total\{path="\/statusz",code="200"\} 6$/m);
});

describe('/statusz in a browser', { skip: noBrowser }, () => {
  let browser: Browser;
  before(async () => {
    browser = await startBrowser();
  });
  after(() => browser?.[Symbol.asyncDispose]());

  async function urlOf(run: Supervised, query = ''): Promise<string> {
    return `${String((await run.line('starting'))['health']).replace('[::]', '127.0.0.1')}/statusz${query}`;
  }

  /** Opens the page in both colour schemes on a phone and a desktop, and looks at what is the same in every state. */
  async function look(run: Supervised): Promise<string> {
    const url = await urlOf(run);
    let text = '';
    for (const scheme of ['light', 'dark'] as const) {
      for (const width of [320, 1_100]) {
        const { page, requested, errors } = await browser.open(url, { scheme, width });
        assert.deepEqual(errors, []);
        assert.deepEqual(
          requested.filter((each) => each !== 'data:,'),
          [url],
        );
        const paper = await evaluate<string>(page, 'getComputedStyle(document.body).backgroundColor');
        assert.equal(paper, scheme === 'light' ? 'rgb(251, 251, 249)' : 'rgb(18, 22, 27)');
        const contrasts = await evaluate<number[]>(page, "contrasts('h1, h2, p, dt, dd, b, small, th, td, a')");
        assert.ok(contrasts.length > 30 && Math.min(...contrasts) >= 4.5, `${Math.min(...contrasts)}`);
        assert.ok((await evaluate<number>(page, 'document.documentElement.scrollWidth')) <= width);
        assert.deepEqual(await evaluate<string[]>(page, "overflowing('main, main *:not(svg):not(svg *)')"), []);
        text = await textOf(page);
        await page.close();
      }
    }
    return text;
  }

  const textOf = async (page: Page): Promise<string> =>
    (await evaluate<string>(page, 'document.body.innerText')).replace(/\s+/g, ' ');

  test('an app that has not started, is ready, unready, unlive, and ready again', async () => {
    let status = 503;
    await using web = await serveHttp((_request, response) => response.writeHead(status).end());
    const url = `http://:${web.port}/x`;
    await using run = start(
      [
        ...['--ready', url, '--live', url],
        ...['--probe-period', '50ms', '--probe-timeout', '60s', '--failure-threshold', '1'],
      ],
      ['sleep', '300'],
    );
    await until('a failed probe', async () => /HTTP 503|503/.test((await run.get('/startupz')).body), run.stderr);
    const starting = await look(run);
    assert.match(starting, /^sleep running pid \d+ The app runs, and has not started yet\./);
    assert.match(starting, /startup failed changed \S+ ago .*503/);
    status = 200;
    await run.line('ready');
    assert.match(
      await look(run),
      /^sleep running pid \d+ The app runs and is probed\. Probes startup ok changed \S+ ago/,
    );
    status = 500;
    await run.line('unlive');
    assert.match(await look(run), /The app runs, and is not alive\. .*ready failed .*500.* live failed .*500/);
  });

  test('an app that is not ready because of one of its checks, beside one that is only degraded', async () => {
    await using file = await temporaryFile(`
ready: none
checks:
  - { name: order-queue, probe: "file:/no/such/queue" }
  - { name: cache, probe: "file:/no/such/cache", degraded: true }
`);
    const fast = ['--probe-period', '30ms', '--failure-threshold', '2'];
    await using run = start([...fast, '--config', file.path], ['sleep', '300']);
    await run.line('degraded');
    const text = await look(run);
    assert.match(text, /ready failed changed \S+ ago order-queue: \/no\/such\/queue does not exist/);
    assert.match(text, /Checks order-queue ready pending changed \S+ ago failed: \/no\/such\/queue does not exist/);
    assert.match(text, /cache ready failing changed \S+ ago failed: \/no\/such\/cache does not exist/);
  });

  test('a shutdown that is delaying', async () => {
    const hours = ['--shutdown-delay', '1h', '--grace', '2h'];
    await using run = start(['--ready', 'none', ...hours], ['sleep', '300']);
    await run.line('ready');
    run.kill('SIGTERM');
    await run.line('terminating');
    const text = await look(run);
    assert.match(
      text,
      /^sleep delaying pid \d+ The shutdown has begun: .* Shutdown cause kind signal cause signal SIGTERM/,
    );
    assert.match(text, /signal in (?:1h|59m\d+s) .*ready failed changed \S+ ago shutting down .*delaying so far/);
  });

  test('a shutdown that is draining with a request in flight, and then stopping', async () => {
    const options = ['--shutdown-delay', '50ms', '--drain-connections', '1h', '--grace', '2h'];
    await using run = await startPuppet(options);
    await run.puppet.tell({ do: 'catch', signals: ['SIGTERM'] });
    const port = await run.puppet.tell<number>({ do: 'serve', port: 0 });
    await run.line('ready');
    using client = clientOf(port);
    const answer = client.get('/held');
    answer.catch(() => {});
    run.kill('SIGTERM');
    await run.line('draining');
    await until(
      'a busy connection',
      async () => JSON.parse((await run.get('/statusz')).body).shutdown.connections?.busy === 1,
      run.stderr,
    );
    const draining = await look(run);
    assert.match(draining, /^node draining pid \d+ The app is unready\. Requests in flight are waited for/);
    assert.match(
      draining,
      /signal in at most (?:1h|59m\d+s) connections busy 1 connections idle 0 connections newest none/,
    );
    await run.puppet.tell({ do: 'release' });
    assert.equal(await answer, 'released\n');
    await run.puppet.received('SIGTERM');
    const stopping = await look(run);
    assert.match(stopping, /^node stopping pid \d+ The app was sent its stop signal and has the grace to exit\./);
    assert.match(stopping, /wait ended none busy .*kill in \S+ .*draining \S+ \S+ ago stopping so far/);
  });

  test('a restart after a back-off, and what ended the app', async () => {
    await using run = start(['--restart', 'always', '--ready', 'none'], ['sh', '-c', 'exit 3']);
    await until('a long back-off', async () => {
      const { state, restartInMs } = JSON.parse((await run.get('/statusz')).body);
      return state === 'backingOff' && restartInMs > 5_000;
    });
    const reply = await run.get('/statusz', { headers: BROWSER });
    assert.match(reply.body, /<b class="tag wait">backingOff<\/b>/);
    assert.match(reply.body, /<dt>restart in<dd>\S+<dt>ended cause<dd>exited<dt>ended code<dd>3</);
  });

  test('names and reasons that look like markup are shown as they are', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'status-page-'));
    const name = `<script>alert(1)<x "'&amp;`;
    try {
      copyFileSync('/bin/sleep', join(folder, name));
      chmodSync(join(folder, name), 0o755);
      const missing = `/no/<img src=x onerror=alert(2)>"'`;
      await using run = start(['--ready', `file:${missing}`], [join(folder, name), '300']);
      await until('a failed probe', async () => /does not exist/.test((await run.get('/startupz')).body), run.stderr);
      const text = await look(run);
      assert.ok(text.startsWith(`${name} running`), text);
      assert.ok(text.includes(`${missing} does not exist`), text);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('it reloads by itself when asked to, and stops when asked to', async () => {
    await using run = start(['--ready', 'none'], ['sleep', '300']);
    await run.line('ready');
    const { page, requested, errors } = await browser.open(await urlOf(run), { scheme: 'light', width: 1_100 });
    await page.click('text=Reload every 2 s');
    await until('three loads', () => requested.length >= 3);
    await page.click('text=Stop');
    await page.waitForSelector('text=Reload every 2 s');
    assert.deepEqual(errors, []);
    await page.close();
  });
});
