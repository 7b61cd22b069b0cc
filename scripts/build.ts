import { rmSync } from 'node:fs';
import { chmod, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { cacheCode } from './code-cache.ts';
import { putInPlace, removeAbandoned } from './put-in-place.ts';

/**
 * Makes dist/: main.js is all that stands between exec and the spawn of the app, and main.cache what V8 makes of it; each `import()` is a file of its own under
 * later/, read when it is needed. The libraries are inside, so the installed package is two dozen files instead of a
 * thousand. All of it is CommonJS: the ECMAScript loader costs milliseconds before the first line, reads every export of a
 * module of Node's (which for node:http loads fetch, WebSocket and TLS, 4 MiB of them), and does not keep to the order in
 * which the code comes to its imports: signals before anything else.
 *
 * It is made in a folder of this build's own, which becomes dist/ when it is complete: two builds do not disturb each other,
 * and who reads dist/ meanwhile finds all of one build.
 */
const root = new URL('..', import.meta.url).pathname;
const dist = `${root}dist`;
removeAbandoned(dist);
const making = await mkdtemp(`${dist}.making-`);
await chmod(making, 0o755);
// Also of a build that fails.
process.once('exit', () => rmSync(making, { recursive: true, force: true }));
const inputs = new Set<string>();

/** Files still to be made, by name, from what `import()` asked for. */
const waiting = new Map([['main', `${root}src/main.ts`]]);
const made = new Set<string>();
/** What `import()` asks for, by the path that stands in the file then. */
const asked = new Map<string, readonly [name: string, source: string]>();

const leaveForLater: Plugin = {
  name: 'leave-for-later',
  setup(plugins) {
    plugins.onResolve({ filter: /.*/ }, ({ kind, path, resolveDir }) => {
      if (kind !== 'dynamic-import') return null;
      const ours = path.startsWith('.');
      const source = ours ? resolve(resolveDir, path) : path;
      const name = (ours ? source.slice(`${root}src/`.length) : path).replace(/\.[jt]s$/, '').replaceAll('/', '-');
      const file = fromMain ? `./later/${name}.js` : `./${name}.js`;
      asked.set(file, [name, source]);
      return { path: file, external: true };
    });
  },
};

/**
 * Parts of the libraries that are never called and cost memory for being read; they become empty modules. pino's transports
 * would load worker threads; the lines here are written by log/sink.ts. undici's HTTP/2 client is left out, because the load of a rehearsal is
 * HTTP/1.1 (`allowH2` is off). prom-client's default metrics would start timers and perf hooks; ours are counted in metrics/instruments.ts. `esbuildDetection` is undici's own switch for bundles, as Node's is one: it leaves out the second parser.
 */
const NEVER_CALLED =
  /(undici\/lib\/dispatcher\/client-h2|pino\/lib\/transport|prom-client\/lib\/(pushgateway|cluster|defaultMetrics|summary))\.js$/;
const leaveOut: Plugin = {
  name: 'leave-out',
  setup(plugins) {
    plugins.onLoad({ filter: NEVER_CALLED }, () => ({ contents: 'module.exports = {}', loader: 'js' }));
  },
};

/** Of package.json the program reads its version and its homepage only. */
const fewFields: Plugin = {
  name: 'few-fields',
  setup(plugins) {
    plugins.onLoad({ filter: /package\.json$/ }, async ({ path }) => {
      if (path !== `${root}package.json`) return null;
      const { version, homepage } = JSON.parse(await readFile(path, 'utf8'));
      return { contents: JSON.stringify({ version, homepage }), loader: 'json' };
    });
  },
};

let fromMain = true;
for (const [name, source] of waiting) {
  made.add(name);
  fromMain = name === 'main';
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [source],
    outfile: `${making}/${fromMain ? '' : 'later/'}${name}.js`,
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    // Parts of dist/ are found from their own place.
    define: { esbuildDetection: 'true', 'import.meta.dirname': '__dirname' },
    // `import()` becomes require(): the files are ours, and the other loader is never needed.
    supported: { 'dynamic-import': false },
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
    plugins: [leaveForLater, leaveOut, fewFields],
  });
  // Only what is left in the file: a library may ask for more in what is not used of it.
  for (const output of Object.values(metafile.outputs)) {
    for (const [input, { bytesInOutput }] of Object.entries(output.inputs)) if (bytesInOutput > 0) inputs.add(input);
    for (const { path } of output.imports) {
      const [next, file] = asked.get(path) ?? [];
      if (next !== undefined && file !== undefined && !made.has(next)) waiting.set(next, file);
    }
  }
}
made.add('node-drain');
/**
 * The preload of --node-drain runs in the app's Node, whichever that is. NODE_OPTIONS is read from Node 8 on, and a preload that
 * does not compile ends the app; names of modules begin with `node:` only from 14.18 on.
 */
await build({
  absWorkingDir: root,
  entryPoints: [`${root}src/node-drain/preload.ts`],
  outfile: `${making}/later/node-drain.js`,
  bundle: true,
  minify: true,
  platform: 'node',
  target: 'node8',
  alias: { 'node:net': 'net' },
  format: 'cjs',
  legalComments: 'none',
  logLevel: 'warning',
});
await asExpression(
  `${making}/main.js`,
  [...made]
    .filter((name) => name !== 'main')
    .map((name) => `${name}.js`)
    .sort(),
);
await writeFile(`${making}/package.json`, '{ "type": "commonjs" }\n');

/** The licence of every library that is in the bundle, as its terms ask. */
const libraries = new Set([...inputs].flatMap((input) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1] ?? []));
const notices = await Promise.all([...libraries].sort().map(noticeOf));
await writeFile(`${making}/THIRD-PARTY-LICENSES.txt`, notices.join(`\n${'-'.repeat(72)}\n\n`));

await chmod(`${root}bin/k8s-run.js`, 0o755);
// NODE_OPTIONS and the like would make k8s-run execute Node again, or V8 compile differently, so only the variable that Node may
// need to find its libraries is passed on.
const { LD_LIBRARY_PATH } = process.env;
cacheCode(making, `${root}bin/k8s-run.js`, {
  command: [process.execPath],
  environment: { PATH: '/usr/bin:/bin', ...(LD_LIBRARY_PATH && { LD_LIBRARY_PATH }) },
});
putInPlace(making, dist);

/**
 * bin/k8s-run.js runs main.js with its code cache, which takes one expression: the names of the files in later/, whose presence it
 * checks first, and the program. It reads the file as Latin-1, because that is faster.
 */
async function asExpression(file: string, parts: readonly string[]): Promise<void> {
  const text = await readFile(file, 'utf8');
  // Text that is all ASCII is the same in Latin-1.
  if (/[^\0-\x7f]/.test(text)) throw new Error('cannot build main.js: it is not ASCII');
  await writeFile(file, `({parts:${JSON.stringify(parts)},main:(function(require){${text}\n})})`);
}

async function noticeOf(library: string): Promise<string> {
  const folder = `${root}node_modules/${library}`;
  const { version, license } = JSON.parse(await readFile(`${folder}/package.json`, 'utf8'));
  const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(basename(entry)));
  const text = file === undefined ? '' : await readFile(`${folder}/${file}`, 'utf8');
  return `${library} ${version} (${license})\n\n${text.trim()}\n`;
}
