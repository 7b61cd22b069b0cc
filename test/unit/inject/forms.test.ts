import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { parseAllDocuments, stringify } from 'yaml';
import { FORMS, inject, remove, WRITTEN } from './zoo.ts';

const dataIn = (text: string): readonly unknown[] =>
  parseAllDocuments(text, { merge: true }).map((each) => each.toJS());

for (const [name, text] of Object.entries(WRITTEN)) {
  describe(name, () => {
    for (const [form, write] of Object.entries(FORMS)) {
      const manifest = write(text);
      if (manifest === null) continue;
      test(`${form}: k8s-run goes in, a second time changes nothing, and it comes out without a trace`, () => {
        const once = inject(manifest);
        assert.deepEqual(once.problems, []);
        assert.ok(once.changed > 0);
        assert.equal(inject(once.text).text, once.text);
        assert.equal(remove(once.text).text, manifest);
        assert.deepEqual(remove(manifest).text, manifest);
      });

      test(`${form}: it comes out of what a program has written again`, () => {
        const once = inject(manifest);
        const before = dataIn(manifest);
        const anew = dataIn(once.text).map((value) => stringify(value, { aliasDuplicateObjects: false }));
        const after = dataIn(remove(anew.join('---\n')).text);
        assert.deepEqual(after.filter(Boolean), before.filter(Boolean));
        const json = dataIn(once.text).map((value) => JSON.stringify(value, null, 1));
        assert.deepEqual(dataIn(remove(json.join('\n---\n')).text).filter(Boolean), before.filter(Boolean));
      });

      test(`${form}: comments stay, but for those inside of what was taken over`, () => {
        const commentsIn = (whole: string): readonly string[] => whole.match(/# [\w' ]+/g) ?? [];
        const kept = new Set(commentsIn(inject(manifest).text));
        const lost = commentsIn(manifest).filter((comment) => !kept.has(comment));
        assert.deepEqual(
          lost.filter((comment) => !INSIDE.includes(comment)),
          [],
        );
      });
    }
  });
}

test('workloads of all kinds: k8s-run goes in, a second time changes nothing, and it comes out without a trace', () => {
  const text = readFileSync(new URL('../../rig/applications.yaml', import.meta.url), 'utf8');
  const once = inject(text);
  assert.deepEqual(once.problems, []);
  assert.equal(once.changed, 12);
  assert.equal(inject(once.text).text, once.text);
  assert.equal(remove(once.text).text, text);
});

/** In the zoo, the comments of a probe and of a hook. */
const INSIDE = ['ready', 'http', 'get', 'path', 'often', 'five', 'above lifecycle', 'and more', 'lifecycle']
  .concat(['stop', 'preStop', 'seven'])
  .map((words) => `# ${words}`);
