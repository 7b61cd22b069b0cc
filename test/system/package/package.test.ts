import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { test } from 'node:test';
import { Script } from 'node:vm';

const project = new URL('../../../', import.meta.url).pathname;

/** All that belongs into the package: what runs, and what tells about it. */
const WANTED =
  /^(package\.json|LICENSE|README\.md|CHANGELOG\.md|config\.schema\.json|man\/k8s-run\.1|bin\/(k8s-run\.js|kubectl-complete\.js|package\.json)|dist\/(main\.(js|cache)|package\.json|THIRD-PARTY-LICENSES\.txt|later\/[\w-]+\.js))$/;

function packed(): readonly { readonly path: string; readonly mode: number }[] {
  const words = ['pack', '--dry-run', '--ignore-scripts', '--json'];
  const answer = execFileSync('npm', words, { cwd: project, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  const [made] = JSON.parse(answer) as { files: { path: string; mode: number }[] }[];
  return made?.files ?? [];
}

test('npm pack packs what runs and its licences: no sources, no tests, no maps, and no path of this machine', () => {
  const files = packed();
  const names = files.map(({ path }) => path);
  assert.deepEqual(
    names.filter((name) => !WANTED.test(name)),
    [],
  );
  for (const each of ['LICENSE', 'bin/k8s-run.js', 'dist/main.js', 'dist/main.cache', 'dist/THIRD-PARTY-LICENSES.txt'])
    assert.ok(names.includes(each), each);
  for (const name of names) {
    const text = readFileSync(`${project}${name}`, 'utf8');
    assert.ok(!text.includes(project) && !text.includes(`${homedir()}/`), `${name} names a folder of this machine`);
    assert.doesNotMatch(text, /[#@] ?sourceMappingURL=/, name);
  }
  assert.equal(files.find(({ path }) => path === 'bin/k8s-run.js')?.mode, 0o755);
});

test('V8 accepts the code cache in the package, on the Node that it was built with', () => {
  const filename = `${project}dist/main.js`;
  const script = new Script(readFileSync(filename, 'latin1'), {
    filename,
    cachedData: readFileSync(`${project}dist/main.cache`),
  });
  assert.equal(script.cachedDataRejected, false);
});

test('what runs beside an app needs no ICU, which a small build of Node may not have', () => {
  for (const { path } of packed()) {
    if (!/^dist\/(?!later\/(cli|rehearse|execa)).*\.js$/.test(path)) continue;
    const text = readFileSync(`${project}${path}`, 'utf8');
    // Without ICU, V8 does not compile the first, and TextDecoder throws for the second. execa has another way for its own.
    assert.ok(!/\\p\{|fatal:!0|\bIntl\./.test(text), path);
  }
});

test('the licence of every library that is bundled is in the package, in full', () => {
  const notices = readFileSync(`${project}dist/THIRD-PARTY-LICENSES.txt`, 'utf8').split(/^-{72}\n\n/m);
  const names = notices.map((each) => each.split(' ', 1)[0]);
  for (const each of ['commander', 'execa', 'pino', 'undici']) assert.ok(names.includes(each), each);
  for (const each of notices) assert.match(each, /permission|redistribution|permitted|copyright/i, each.slice(0, 80));
});
