import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readArguments } from '../../../src/config/argv.ts';
import { parseConfig } from '../../../src/config/resolve.ts';
import { EXAMPLES } from '../../rig/example.ts';
import { built, manifestsOf, podSpecOf } from './built.ts';

// Those that ask for nothing from outside are built and run in test/containers.
const NAMES = readdirSync(EXAMPLES).filter((name) => existsSync(join(EXAMPLES, name, 'Dockerfile')));

/** Paths that a Dockerfile copies out of the folder it is built in. */
function copiedIn(text: string): readonly string[] {
  return [...text.matchAll(/^COPY (?!--from)(.*)$/gm)].flatMap(([, words = '']) =>
    words
      .split(' ')
      .filter((word) => !word.startsWith('--'))
      .slice(0, -1),
  );
}

/** What k8s-run has against the words of an image and its variables, or the command that it would start. */
function readBy(words: readonly string[], env: Readonly<Record<string, string>>): readonly string[] {
  const line = readArguments(words);
  assert.ok(line.kind === 'supervise', line.kind);
  assert.deepEqual(line.mistakes, []);
  const parsed = parseConfig(line.flags, env);
  assert.ok('ok' in parsed, JSON.stringify(parsed));
  assert.deepEqual(parsed.warnings, []);
  return line.command;
}

for (const name of NAMES) {
  test(`examples/${name}/Dockerfile copies files that exist, and its options are valid`, () => {
    const { text, env, command } = built(name);
    const sources = copiedIn(text);
    for (const source of sources) assert.ok(existsSync(join(EXAMPLES, name, source)), source);
    // The one of the base ends where the options begin.
    const entrypoint: readonly string[] = JSON.parse(/^ENTRYPOINT (\[.*\])$/m.exec(text)?.[1] ?? '["k8s-run"]');
    const own = Object.fromEntries(Object.entries(env).filter(([variable]) => variable.startsWith('K8S_RUN_')));
    const containers = manifestsOf(name).flatMap((document) => podSpecOf(document)?.containers ?? []);
    for (const { args = command, env: set = [] } of containers) {
      const variables = { ...own, ...Object.fromEntries(set.map((each) => [each.name, each.value])) };
      assert.deepEqual(readBy([...entrypoint.slice(1), ...args], variables), args);
    }
  });
}

test('the check of Dockerfiles finds a missing file and an unknown option', () => {
  assert.deepEqual(copiedIn('COPY --from=build /a /b\nCOPY --chown=1:1 a.js b.js ./\n'), ['a.js', 'b.js']);
  assert.throws(() => readBy(['--graze', '1s', 'app'], {}));
  assert.throws(() => readBy(['app'], { K8S_RUN_GRACE: 'soon' }));
  assert.throws(() => readBy(['app'], { K8S_RUN_GRAZE: '1s' }));
});
