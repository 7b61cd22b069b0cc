import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { needs } from './needs.ts';

const IN_BROWSER = readFileSync(new URL('./in-browser.js', import.meta.url), 'utf8');
const program = (process.env['PATH'] ?? '')
  .split(delimiter)
  .flatMap((folder) => ['chromium', 'chromium-browser'].map((name) => join(folder, name)))
  .find(existsSync);

/** For `skip` of node:test. */
export const noBrowser: string | false = program === undefined && needs('chromium');

const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export type Visit = { readonly scheme: 'light' | 'dark'; readonly width: number };
export type Visited = {
  readonly page: Page;
  readonly requested: readonly string[];
  readonly errors: readonly string[];
};

export type Browser = {
  /** Opens a page. `requested` is what it has loaded; `errors` are those of scripts, and all that it has written to the console. */
  readonly open: (url: string, visit: Visit) => Promise<Visited>;
} & AsyncDisposable;

export async function startBrowser(): Promise<Browser> {
  const folder = await mkdtemp(join(tmpdir(), 'browser-'));
  const context = await chromium.launchPersistentContext(join(folder, 'profile'), {
    executablePath: program ?? '',
    args: ARGS,
    headless: true,
  });
  return {
    async open(url, { scheme, width }) {
      const page = await context.newPage();
      const requested: string[] = [];
      const errors: string[] = [];
      page.on('request', (request) => requested.push(request.url()));
      page.on('pageerror', (error) => errors.push(error.message));
      page.on('console', (message) => errors.push(message.text()));
      await page.emulateMedia({ colorScheme: scheme });
      await page.setViewportSize({ width, height: 900 });
      await page.goto(url);
      return { page, requested, errors };
    },
    async [Symbol.asyncDispose]() {
      await context.close();
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Evaluates an expression in the page, with the functions of test/rig/in-browser.js. */
export async function evaluate<T>(page: Page, expression: string): Promise<T> {
  return (await page.evaluate(`${IN_BROWSER}; ${expression}`)) as T;
}
