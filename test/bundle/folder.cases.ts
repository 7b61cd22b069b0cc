import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { gzip, constants as zlib, zstdCompress } from 'node:zlib';
import { FOLDER, scratch } from './roots.ts';

const project = new URL('../../', import.meta.url).pathname;
const MB = 1e6;
/** What a pull may cost, libraries included: the compressed size of the folder. */
const MOST = { gzip: 44 * MB, zstd: 36 * MB };
/** Level 19, for which the limit is meant, takes a minute and is smaller still. */
const QUICK_LEVEL = 5;

function filesOf(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

/** Each file by name, with what may be in a layer of an image: mode, time, and a sum of the bytes. */
function contentsOf(folder: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    filesOf(folder).map((file) => {
      const { mode, mtimeMs } = statSync(join(folder, file));
      const sum = createHash('sha256')
        .update(readFileSync(join(folder, file)))
        .digest('hex');
      return [file, `${mode.toString(8)} ${mtimeMs} ${sum}`];
    }),
  );
}

describe('the folder that is made', () => {
  test('the folder is the same, byte by byte, when it is built again in another place', () => {
    using elsewhere = scratch();
    const copy = join(elsewhere.path, 'copy');
    mkdirSync(copy);
    for (const each of [
      'src',
      'scripts',
      'bundle',
      'bin',
      'LICENSE',
      'package.json',
      'package-lock.json',
      'tsconfig.json',
    ])
      cpSync(join(project, each), join(copy, each), { recursive: true });
    symlinkSync(join(project, 'node_modules'), join(copy, 'node_modules'));
    const run = (...words: readonly string[]): Buffer => execFileSync(process.execPath, words, { cwd: copy });
    run('scripts/build.ts');
    run('bundle/build.ts', '--out', join(elsewhere.path, 'made'));
    assert.deepEqual(contentsOf(join(elsewhere.path, 'made')), contentsOf(FOLDER));
  });

  test('the folder is no larger, compressed, than what a pull may cost', async () => {
    const all = Buffer.concat(filesOf(FOLDER).map((file) => readFileSync(join(FOLDER, file))));
    const [gzipped, zstd] = await Promise.all([
      promisify(gzip)(all, { level: 6 }),
      promisify(zstdCompress)(all, { params: { [zlib.ZSTD_c_compressionLevel]: QUICK_LEVEL } }),
    ]);
    assert.ok(gzipped.length <= MOST.gzip, `gzip -6: ${gzipped.length}`);
    assert.ok(zstd.length <= MOST.zstd, `zstd -${QUICK_LEVEL}: ${zstd.length}`);
  });

  test('the folder has no path of the machine that built it', () => {
    for (const file of filesOf(FOLDER)) {
      const text = readFileSync(join(FOLDER, file)).toString('latin1');
      assert.ok(!text.includes(project), file);
      assert.ok(!text.includes('sourceMappingURL=data') || file === 'lib/k8s-run', file);
    }
  });

  test('the folder lists its contents, as an SBOM and as text', () => {
    const bom = JSON.parse(readFileSync(join(FOLDER, 'sbom.cdx.json'), 'utf8'));
    assert.equal(bom.bomFormat, 'CycloneDX');
    assert.match(bom.serialNumber, /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
    const components = bom.components as {
      name: string;
      version: string;
      purl: string;
      licenses: unknown[];
      'bom-ref': string;
    }[];
    const names = components.map(({ name }) => name);
    for (const each of [
      'node',
      'undici',
      'pino',
      'execa',
      'commander',
      'libc6',
      'libstdc++6',
      'libgcc-s1',
      'libatomic1',
    ])
      assert.ok(names.includes(each), `${each} is listed`);
    for (const each of ['esbuild', 'typescript', '@biomejs/biome', 'fast-check'])
      assert.ok(!names.includes(each), `${each} is not in the folder`);
    for (const { name, version, purl, licenses } of components) {
      assert.match(purl, /^pkg:(npm|deb|generic)\//, name);
      assert.ok(version.length > 0 && licenses.length > 0, name);
    }
    assert.deepEqual(
      bom.dependencies[0].dependsOn,
      components.map((each) => each['bom-ref']),
    );

    const notices = readFileSync(join(FOLDER, 'licenses/libraries-of-k8s-run.txt'), 'utf8');
    for (const { name, version, purl } of components)
      if (purl.startsWith('pkg:npm/')) assert.ok(notices.includes(`${name} ${version} (`), `the licence of ${name}`);
    const licences = readdirSync(join(FOLDER, 'licenses'));
    for (const each of [
      'k8s-run',
      'node',
      'libc6',
      'libstdc++6',
      'libgcc-s1',
      'libatomic1',
      'LGPL-2.1',
      'GPL-3',
      'README',
    ])
      assert.ok(licences.includes(`${each}.txt`), `licenses/${each}.txt`);
  });

  test('the folder has every library that one of its files is linked with', () => {
    const lib = readdirSync(join(FOLDER, 'lib'));
    for (const file of lib.filter((each) => each !== 'program')) {
      const needed = execFileSync('patchelf', ['--print-needed', join(FOLDER, 'lib', file)], { encoding: 'utf8' });
      for (const each of needed.split('\n').filter(Boolean)) assert.ok(lib.includes(each), `${file} needs ${each}`);
    }
  });
});
