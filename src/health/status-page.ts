import { type Fields, isFields, valueLine, without, wordOf } from './page/facts.ts';
import { type Html, html } from './page/markup.ts';
import { meaningOf } from './page/meaning.ts';
import { checkSection, probeSection, valueSection } from './page/sections.ts';
import { STATUS_STYLE, STATUS_STYLE_HASH } from './page/style.ts';
import { timeline } from './page/timeline.ts';
import { type HealthResponse, VARIES } from './render.ts';

/** The page loads nothing, runs nothing, and is shown in no other page. Without an icon of its own a browser would ask for one. */
const POLICY = `default-src 'none'; style-src 'sha256-${STATUS_STYLE_HASH}'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

const STYLE: Html = { markup: STATUS_STYLE };

/** A part of the page, and the keys of the status that it shows. null: there is nothing to show, or not what is expected. */
type Section = { readonly keys: readonly string[]; readonly draw: (picked: Fields) => Html | null };

const SECTIONS: readonly Section[] = [
  { keys: ['shutdown'], draw: ({ shutdown }) => valueSection('Shutdown', shutdown) },
  { keys: ['probes'], draw: ({ probes }) => probeSection(probes) },
  { keys: ['checks'], draw: ({ checks }) => checkSection(checks) },
  { keys: ['phases'], draw: ({ phases }) => timeline(phases) },
  { keys: ['restarts', 'restartInMs', 'ended'], draw: (picked) => valueSection('Ends and restarts', picked) },
  {
    keys: ['hooks', 'livenessHeldBy'],
    draw: ({ hooks, ...held }) => valueSection('Hooks', isFields(hooks) ? { ...hooks, ...held } : { hooks, ...held }),
  },
  { keys: ['limits'], draw: ({ limits }) => valueSection('Limits', isFields(limits) ? limits : { limits }) },
  { keys: ['options'], draw: ({ options }) => valueSection('Settings', options) },
];

/** Seconds between two loads, when the page is asked for them without a number, and at most. */
const REFRESH = { usual: 2, most: 3_600 };

/**
 * The status as a page for people: all that the JSON has, what is not known here as well. It reloads by itself only when it is asked
 * to, because not everybody can read what changes in front of them (WCAG 2.2, 2.2.2 and 2.2.4).
 */
export function statusPage(
  status: Fields,
  { asOf, refresh }: { readonly asOf: string; readonly refresh: string | null },
): HealthResponse {
  const { state, app, version, runtime } = status;
  const about = isFields(app) ? app : {};
  const name = wordOf(state);
  const program = wordOf(about['program']);
  const [tone, meaning] = meaningOf(name, status['probes']);
  const drawn = SECTIONS.flatMap(({ keys, draw }) => {
    const picked = Object.fromEntries(Object.entries(status).filter(([key]) => keys.includes(key)));
    const part = Object.keys(picked).length === 0 ? null : draw(picked);
    return part === null ? [] : [{ keys, part }];
  });
  const rest = without(
    status,
    'state',
    'version',
    'runtime',
    ...(isFields(app) ? ['app'] : []),
    ...drawn.flatMap(({ keys }) => keys),
  );
  const seconds = refresh === null ? null : secondsOf(refresh);
  const head = html`<meta charset="utf-8"><meta name="viewport" content="width=device-width">${
    seconds === null ? '' : html`<meta http-equiv="refresh" content="${seconds}">`
  }<title>${name}: ${program}</title><link rel="icon" href="data:,"><style>${STYLE}</style>`;
  const top = html`<header><h1>${program}</h1><b class="tag ${tone}">${name}</b><small>${valueLine(without(about, 'program'))}</small><p>${meaning}</p></header>`;
  const foot = html`<footer><p>k8s-run ${wordOf(version)} on Node.js ${wordOf(runtime)}, as of ${asOf}. ${
    seconds === null
      ? html`<a href="?refresh=${REFRESH.usual}">Reload every ${REFRESH.usual} s</a>`
      : html`Reloads every ${seconds} s. <a href="?">Stop</a>`
  }</p></footer>`;
  const parts = drawn.map(({ part }) => part);
  const page = html`<!doctype html><html lang="en"><head>${head}</head><body><main>${top}${parts}${valueSection('More', rest) ?? ''}${foot}</main></body></html>`;
  const fields = [
    ...VARIES,
    `Content-Security-Policy: ${POLICY}`,
    'X-Content-Type-Options: nosniff',
    'Referrer-Policy: no-referrer',
  ];
  return { status: 200, type: 'text/html; charset=utf-8', body: `${page.markup}\n`, fields };
}

function secondsOf(text: string): number {
  return /^\d{1,6}$/.test(text) ? Math.min(Math.max(Number(text), 1), REFRESH.most) : REFRESH.usual;
}
