import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { Page } from 'playwright-core';
import { htmlPage } from '../../../src/rehearse/report/page.ts';
import { svgPicture } from '../../../src/rehearse/report/picture.ts';
import { type Browser, evaluate, noBrowser, startBrowser } from '../../rig/browser.ts';
import { eventfulRehearsal } from '../../rig/rehearsal-results.ts';

describe('the report of a rehearsal in a browser', { skip: noBrowser }, () => {
  let folder: string;
  let browser: Browser;
  let report: string;
  let drawing: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rehearse-page-'));
    [report, drawing] = [join(folder, 'report.html'), join(folder, 'picture.svg')];
    await writeFile(
      report,
      htmlPage(eventfulRehearsal(), () => true),
    );
    await writeFile(drawing, svgPicture(eventfulRehearsal()));
    browser = await startBrowser();
  });
  after(async () => {
    await browser?.[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  /** Opens a file, which may load nothing else and cause no error. */
  async function opened(path: string, scheme: 'light' | 'dark', width: number): Promise<Page> {
    const { page, requested, errors } = await browser.open(pathToFileURL(path).href, { scheme, width });
    assert.deepEqual(requested, [pathToFileURL(path).href]);
    assert.deepEqual(errors, []);
    return page;
  }

  for (const scheme of ['light', 'dark'] as const) {
    test(`every text on the page has enough contrast in the ${scheme} colour scheme`, async () => {
      const page = await opened(report, scheme, 1_100);
      const paper = await evaluate<string>(page, 'getComputedStyle(document.body).backgroundColor');
      assert.equal(paper, scheme === 'light' ? 'rgb(251, 251, 249)' : 'rgb(18, 22, 27)');
      const found = await evaluate<number[]>(
        page,
        "contrasts('h1, h2, h3, p, dt, dd, li, td, th, .big, svg.wide text')",
      );
      assert.ok(found.length > 80);
      assert.ok(Math.min(...found) >= 4.5, `${Math.min(...found)}`);
      assert.ok(await page.isVisible('svg.wide'));
      assert.ok(await page.isHidden('svg.narrow'));
      assert.equal(
        await page.textContent('h1'),
        '12 requests lost and 0 replicas killed without k8s-run, 1 and 1 with it',
      );
      await page.close();
    });
  }

  for (const width of [320, 360, 390]) {
    test(`the page fits on a phone of ${width} pixels, its table included, and its picture has no text that is too small`, async () => {
      const page = await opened(report, 'light', width);
      assert.ok(await page.isVisible('svg.narrow'));
      assert.ok(await page.isHidden('svg.wide'));
      assert.ok((await evaluate<number>(page, 'document.documentElement.scrollWidth')) <= width);
      // Nothing is cut off, and nothing has to be scrolled by itself.
      assert.deepEqual(await evaluate<string[]>(page, "overflowing('main, main *:not(pre):not(svg):not(svg *)')"), []);
      type Box = { readonly height: number; readonly left: number; readonly right: number };
      const boxes = await evaluate<Box[]>(page, "boxes('svg.narrow text')");
      assert.ok(boxes.length > 20);
      for (const { height, left, right } of boxes)
        assert.ok(height >= (width * 10) / 360 && left >= 0 && right <= width);
      const cells = (await evaluate<Box[]>(page, "boxes('td')")).filter(({ height }) => height > 0);
      assert.ok(cells.length > 20);
      for (const { left, right } of cells) assert.ok(left >= 0 && right <= width);
      assert.equal(
        await evaluate(page, "getComputedStyle(document.querySelector('td[data-head]'), '::before').content"),
        '"port open after"',
      );
      await page.close();
    });
  }

  test('on a wide screen the table has its heads, and fits', async () => {
    const page = await opened(report, 'light', 1_100);
    assert.ok(await page.isVisible('th:text("still routed to")'));
    assert.deepEqual(await evaluate<string[]>(page, "overflowing('main, main *:not(svg):not(svg *)')"), []);
    await page.close();
  });

  test('the picture of a rehearsal is shown without the page', async () => {
    const page = await opened(drawing, 'dark', 1_000);
    assert.equal(await evaluate<string>(page, 'document.documentElement.localName'), 'svg');
    assert.ok(await page.isVisible('text=12 of'));
    await page.close();
  });
});
