import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { needs } from '../../rig/needs.ts';
import { IMAGE, runInject } from './inject-run.ts';

const APPLICATIONS = new URL('../../rig/applications.yaml', import.meta.url);

/** Without a cluster: what it does to manifests by itself. */
function kubectl(words: readonly string[], input = ''): string {
  const env = { PATH: process.env['PATH'], HOME: box };
  return execFileSync('kubectl', words, { input, env, encoding: 'utf8', stdio: 'pipe', timeout: 30_000 });
}

const dataIn = (text: string): readonly unknown[] => parseAllDocuments(text).map((each) => each.toJS());

let box = '';
before(() => {
  box = mkdtempSync(join(tmpdir(), 'k8s-run-kubectl-'));
});
after(() => rmSync(box, { recursive: true, force: true }));

describe('k8s-run inject beside kubectl', { skip: needs('kubectl') }, () => {
  test('what kubectl has read, changed and written again gives back what was there', async () => {
    const text = await readFile(APPLICATIONS, 'utf8');
    const label = ['label', '--local', '-f', '-', 'tried=yes', '-o', 'yaml'];
    const injected = await runInject([...IMAGE, '-'], text);
    assert.equal(injected.code, 0, injected.stderr);
    const removed = await runInject(['--remove', '-'], kubectl(label, injected.stdout));
    assert.equal(removed.code, 0, removed.stderr);
    assert.deepEqual(dataIn(removed.stdout), dataIn(kubectl(label, text)));
  });

  test('kustomize takes what is injected, and is injected in a pipe', async () => {
    const text = await readFile(APPLICATIONS, 'utf8');
    const build = (resources: string): string => {
      writeFileSync(join(box, 'all.yaml'), resources);
      const kustomization = { kind: 'Kustomization', namePrefix: 'try-', resources: ['all.yaml'] };
      writeFileSync(join(box, 'kustomization.yaml'), JSON.stringify(kustomization));
      return kubectl(['kustomize', box]);
    };
    const built = build(text);
    const before = await runInject([...IMAGE, '-'], text);
    const after = await runInject([...IMAGE, '-'], built);
    assert.deepEqual([before.code, after.code], [0, 0]);
    const removed = await runInject(['--remove', '-'], after.stdout);
    assert.equal(removed.stdout, built);
    // Of both ways k8s-run is taken out, because the records differ: they have the text that was there.
    const out = await runInject(['--remove', '-'], build(before.stdout));
    assert.deepEqual(dataIn(out.stdout), dataIn(built));
  });
});
