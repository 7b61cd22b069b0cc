import assert from 'node:assert/strict';
import { test } from 'node:test';
import { htmlPage } from '../../../../src/rehearse/report/page.ts';
import { svgPicture } from '../../../../src/rehearse/report/picture.ts';
import { escaped } from '../../../../src/rehearse/report/svg.ts';
import type { Rehearsal } from '../../../../src/rehearse/results.ts';
import { eventfulRehearsal, rehearsal, runResult, servingPod } from '../../../rig/rehearsal-results.ts';

const hasAll = (): boolean => true;
const HOSTILE = {
  ...eventfulRehearsal(),
  command: '<script>alert("&")</script>\u0000\u001b[31m',
  manifest: { file: '<img alt=x>.yaml', workload: 'Deployment <b>' },
  notes: ['</main><img alt=x>'],
};
const FAILED = rehearsal([], {
  appFailure: { kind: 'exited early', text: '<b>', output: ['</pre><i>', '\u001b[2J'] },
});

/** Each element is closed by one with its name, in order: enough of XML to find what was not escaped. */
function assertWellFormed(markup: string): void {
  const open: string[] = [];
  for (const [, slash, name = '', rest = ''] of markup
    .replace(/<style>.*?<\/style>/gs, '')
    .matchAll(/<(\/?)([a-zA-Z][\w-]*)((?:\s[^<>]*)?)>/g)) {
    if (slash === '/') assert.equal(open.pop(), name);
    else if (!rest.endsWith('/') && !['meta'].includes(name)) open.push(name);
  }
  assert.deepEqual(open, []);
  assert.equal(/NaN|undefined|Infinity/.exec(markup)?.[0], undefined);
}

for (const [name, markup] of [
  ['the page of a rehearsal', htmlPage(HOSTILE, hasAll)],
  ['the picture of a rehearsal', svgPicture(HOSTILE)],
  ['the page of an app that could not be rehearsed', htmlPage(FAILED, hasAll)],
] as const) {
  test(`${name} is well formed and loads nothing, even if the app's command or output is markup`, () => {
    assertWellFormed(markup);
    assert.equal(/<script|<img|<b>|<i>|\p{Cc}(?<!\n)/u.exec(markup)?.[0], undefined);
    assert.equal(/\b(src|href|url|@import)\b\s*[=(]/i.exec(markup)?.[0], undefined);
  });
}

test('the page names the command that it judged, and the manifest if there was one', () => {
  const lead = (known: Partial<Rehearsal>): string | undefined =>
    /<p class="lead">(.*)<\/p>/.exec(htmlPage(rehearsal([], known), hasAll))?.[1]?.replace(/<\/?code>/g, '');
  assert.equal(lead({}), 'A rolling update of node server.js, rehearsed on one machine.');
  assert.equal(
    lead({ manifest: { file: 'deploy/web.yaml', workload: 'Deployment web' } }),
    'A rolling update of node server.js with the settings of deploy/web.yaml (Deployment web), rehearsed on one machine.',
  );
});

test('a replica that never became ready is not shown as serving, and its side not as good', () => {
  const appFailure = { kind: 'never ready', text: 'x', output: [] } as const;
  const run = runResult([servingPod('web-1', { ready: null })], { load: null, appFailure });
  for (const markup of [htmlPage(rehearsal([run]), hasAll), svgPicture(rehearsal([run]))]) {
    assert.doesNotMatch(markup, /still serving<|no requests|class="(big )?kept"/);
    assert.match(markup, /no replica became ready/i);
  }
  assert.match(htmlPage(rehearsal([run]), hasAll), /never ready<\/td>/);
});

test('the picture of a rehearsal is an SVG document', () => {
  assert.match(svgPicture(HOSTILE), /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
});

test('text in XML is escaped, and characters that XML does not allow are left out', () => {
  assert.equal(escaped('a<b>&"\'\u0007'), 'a&lt;b&gt;&amp;&quot;&#39;');
});
