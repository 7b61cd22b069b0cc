import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { sourceReader } from '../../../src/check/generator-source.ts';
import { type Generated, generatedBy } from '../../../src/check/generators.ts';

const FILES: Readonly<Record<string, string>> = {
  'options.env': '# comment\n\n  K8S_RUN_GRACE=90s\r\nURL=a=b\n',
  'conf/app.ini': 'x=1\n',
};

function generated(text: string): Generated {
  return generatedBy('k/kustomization.yaml', text, (path) =>
    path in FILES ? { text: FILES[path] ?? null } : { problem: 'no such file' },
  );
}

describe('what the generators of a kustomization.yaml make', () => {
  test('literals, with the quotes around a value removed', () => {
    const { maps } = generated(
      `configMapGenerator: [{ name: a, namespace: n, literals: ['A=1', "B='x y'", 'C="', D=e=f, nothing] }]`,
    );
    assert.deepEqual(maps, [
      {
        ...{ file: 'k/kustomization.yaml', namespace: 'n', kind: 'ConfigMap', name: 'a', isComplete: true },
        data: { A: '1', B: 'x y', C: '"', D: 'e=f' },
      },
    ]);
  });

  test('lines of a file, and files by their name or a key', () => {
    for (const key of ['envs: [options.env]', 'env: options.env'])
      assert.deepEqual(generated(`secretGenerator: [{ name: a, ${key} }]`).maps[0]?.data, {
        K8S_RUN_GRACE: '90s',
        URL: 'a=b',
      });
    assert.deepEqual(
      generated('configMapGenerator: [{ name: a, files: [conf/app.ini, B=conf/app.ini] }]').maps[0]?.data,
      {
        'app.ini': 'x=1\n',
        B: 'x=1\n',
      },
    );
  });

  test('what cannot be read is said with its place, and the rest is read', () => {
    const { maps, unread } = generated('configMapGenerator:\n  - name: a\n    envs: [none.env]\n    literals: [A=1]\n');
    assert.deepEqual(maps[0], { ...maps[0], data: { A: '1' }, isComplete: false });
    assert.deepEqual(
      unread.map(({ what, problem, offset }) => [what, problem, offset]),
      [['ConfigMap a', 'none.env, which cannot be read: no such file', 43]],
    );
  });

  test('a generator that changes a ConfigMap of a base makes none', () => {
    for (const behavior of ['merge', 'replace'])
      assert.deepEqual(generated(`configMapGenerator: [{ name: a, behavior: ${behavior}, literals: [A=1] }]`).maps, []);
  });

  test('no generators, and no YAML', () => {
    for (const text of ['resources: [web.yaml]', '', 'a: ['])
      assert.deepEqual(generated(text), { maps: [], unread: [] });
  });
});

test('only files in or below the folder are read, and no device, folder or link out of it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'check-'));
  try {
    const read = sourceReader(join(folder, 'kustomization.yaml'));
    writeFileSync(join(folder, 'a.env'), 'A=1');
    writeFileSync(join(folder, 'binary'), Buffer.from([0, 255]));
    writeFileSync(join(folder, 'large'), 'a'.repeat(70_000));
    symlinkSync(process.execPath, join(folder, 'link'));
    assert.deepEqual(read('a.env'), { text: 'A=1', mark: '' });
    for (const path of ['./a.env', join(folder, 'a.env')]) assert.deepEqual(read(path), { text: 'A=1', mark: '' });
    for (const path of ['binary', 'large']) assert.deepEqual(read(path), { text: null });
    const outside = { problem: 'it is outside of the folder of the kustomization.yaml' };
    for (const path of ['link', '../..', process.execPath]) assert.deepEqual(read(path), outside);
    assert.deepEqual(read('.'), outside);
    assert.deepEqual(read('https://example.com/a.env'), { problem: 'it is not a file of this machine' });
    assert.ok('problem' in read('none'));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
