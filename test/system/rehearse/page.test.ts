import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { page as makePage, picture } from '../../../src/rehearse/page.ts';
import { needs } from '../../rig/needs.ts';
import { eventful } from '../../rig/rehearsal.ts';

const IN_BROWSER = readFileSync(new URL('../../rig/in-browser.js', import.meta.url), 'utf8');
const program = (process.env['PATH'] ?? '')
  .split(delimiter)
  .flatMap((folder) => ['chromium', 'chromium-browser'].map((name) => join(folder, name)))
  .find(existsSync);
const skip = program === undefined && needs('chromium');

const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

describe('the page of a rehearsal, in a browser', { skip }, () => {
  let folder: string;
  let context: BrowserContext;
  let report: string;
  let drawing: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rehearse-page-'));
    [report, drawing] = [join(folder, 'report.html'), join(folder, 'picture.svg')];
    await writeFile(
      report,
      makePage(eventful(), () => true),
    );
    await writeFile(drawing, picture(eventful()));
    context = await chromium.launchPersistentContext(join(folder, 'profile'), {
      executablePath: program ?? '',
      args: ARGS,
      headless: true,
    });
  });
  after(async () => {
    await context?.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  /** Opens a file; nothing but that file may be asked for, and nothing may go wrong in it. */
  async function opened(path: string, colorScheme: 'light' | 'dark', width: number): Promise<Page> {
    const page = await context.newPage();
    const asked: string[] = [];
    const wrong: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    page.on('pageerror', (error) => wrong.push(error.message));
    page.on('console', (message) => wrong.push(message.text()));
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 900 });
    await page.goto(pathToFileURL(path).href);
    assert.deepEqual(asked, [pathToFileURL(path).href]);
    assert.deepEqual(wrong, []);
    return page;
  }

  /** Asks the page by what test/rig/in-browser.js has for it. */
  const ask = async <T>(page: Page, question: string): Promise<T> =>
    (await page.evaluate(`${IN_BROWSER}; ${question}`)) as T;

  for (const scheme of ['light', 'dark'] as const) {
    test(`${scheme}: every word can be read`, async () => {
      const page = await opened(report, scheme, 1_100);
      const paper = await ask<string>(page, 'getComputedStyle(document.body).backgroundColor');
      assert.equal(paper, scheme === 'light' ? 'rgb(251, 251, 249)' : 'rgb(18, 22, 27)');
      const found = await ask<number[]>(page, "contrasts('h1, h2, h3, p, dt, dd, li, td, th, .big, svg.wide text')");
      assert.ok(found.length > 80);
      assert.ok(Math.min(...found) >= 4.5, `${Math.min(...found)}`);
      assert.ok(await page.isVisible('svg.wide'));
      assert.ok(await page.isHidden('svg.narrow'));
      assert.equal(await page.textContent('h1'), '12 requests lost without k8s-run, 1 with it');
      await page.close();
    });
  }

  test('on a phone nothing runs over the edge, and nothing is too small to be read', async () => {
    const page = await opened(report, 'light', 360);
    assert.ok(await page.isVisible('svg.narrow'));
    assert.ok(await page.isHidden('svg.wide'));
    assert.ok((await ask<number>(page, 'document.documentElement.scrollWidth')) <= 360);
    const boxes = await ask<{ height: number; left: number; right: number }[]>(page, "boxes('svg.narrow text')");
    assert.ok(boxes.length > 20);
    for (const { height, left, right } of boxes) assert.ok(height >= 10 && left >= 0 && right <= 360);
    await page.close();
  });

  test('the picture alone stands by itself', async () => {
    const page = await opened(drawing, 'dark', 1_000);
    assert.equal(await ask<string>(page, 'document.documentElement.localName'), 'svg');
    assert.ok(await page.isVisible('text=12 of'));
    await page.close();
  });
});
