import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GENERATED_PAGES, generatedPage, readPage } from '../../../scripts/reference.ts';

for (const path of Object.keys(GENERATED_PAGES)) {
  test(`${path} is what \`npm run docs\` writes`, async () => {
    assert.equal(await generatedPage(path), readPage(path));
  });
}

test('a changed row of a table would be found', async () => {
  const page = readPage('docs/reference.md');
  for (const [row, changed] of [
    ['| `20s` |', '| `30s` |'],
    ['| `terminating` | info |', '| `terminating` | warn |'],
    ['| 69 |', '| 68 |'],
    ['| `never ready` |', '| `not ready` |'],
    ['| `k8s_run_state` | gauge |', '| `k8s_run_state` | counter |'],
  ] as const) {
    const stale = page.replace(row, changed);
    assert.notEqual(stale, page, row);
    assert.equal(await generatedPage('docs/reference.md', stale), page);
  }
});

test('a line of the diagram that was changed on the page would be found', async () => {
  const page = readPage('docs/explanation/lifecycle.md');
  const stale = page.replace('──stop signal──▶', '──a signal──▶');
  assert.notEqual(stale, page);
  assert.equal(await generatedPage('docs/explanation/lifecycle.md', stale), page);
});

test('a page that lost its marks is an error', async () => {
  const page = readPage('docs/reference.md');
  await assert.rejects(
    generatedPage('docs/reference.md', page.replace('<!-- end: options', '<!-- END: options')),
    /lost the marks of "options"/,
  );
});
