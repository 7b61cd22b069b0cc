import { chmod, rm, writeFile } from 'node:fs/promises';
import { build } from 'esbuild';

/**
 * Makes dist/: one small entry that catches signals and loads the rest, and chunks that are read when they are needed.
 * The libraries are in them, so that the installed package is a dozen files instead of a thousand.
 */
const root = new URL('..', import.meta.url).pathname;
await rm(`${root}dist`, { recursive: true, force: true });
const result = await build({
  absWorkingDir: root,
  entryPoints: ['src/main.ts'],
  outdir: 'dist',
  bundle: true,
  splitting: true,
  minify: true,
  keepNames: false,
  platform: 'node',
  format: 'esm',
  target: 'node24',
  legalComments: 'none',
  metafile: true,
  chunkNames: '[name]-[hash]',
  // What CommonJS libraries require are Node's own modules; this finds them without loading node:module.
  banner: { js: 'const require=(id)=>process.getBuiltinModule(id);' },
  logLevel: 'warning',
});
await chmod(`${root}bin/k8s-run.js`, 0o755);

/** The licence of every library that is in the bundle, as its terms ask. */
const packages = new Set(
  Object.keys(result.metafile.inputs).flatMap((input) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1] ?? []),
);
const { readFile, readdir } = await import('node:fs/promises');
const notices = await Promise.all(
  [...packages].sort().map(async (name) => {
    const folder = `${root}node_modules/${name}`;
    const manifest = JSON.parse(await readFile(`${folder}/package.json`, 'utf8')) as {
      version: string;
      license: string;
    };
    const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
    const text = file === undefined ? '' : await readFile(`${folder}/${file}`, 'utf8');
    return `${name} ${manifest.version} (${manifest.license})\n\n${text.trim()}\n`;
  }),
);
await writeFile(`${root}dist/THIRD-PARTY-LICENSES.txt`, notices.join(`\n${'-'.repeat(72)}\n\n`));
