// make-code-cache.cjs DIST MODE OUT, run by code-cache.ts with the runtime that the cache is for. `code`: lives the life of k8s-run up to the
// spawn of the app, and writes what V8 compiled for it: the code of what was called, and of nothing else. `stamp`: writes a cache
// that only tells the flags of this runtime. `check`: fails if the cache is refused.
const childProcess = require('node:child_process');
const { readFileSync, writeFileSync } = require('node:fs');
const { createRequire } = require('node:module');
const { Script } = require('node:vm');

const [, , dist, mode, out] = process.argv;
/** The name goes into the cache; V8 replaces it by the one it is called by. So it is the same wherever this is built. */
const filename = '/opt/k8s-run/dist/main.js';
const source = readFileSync(`${dist}/main.js`, 'latin1');
if (mode === 'stamp') writeFileSync(out, new Script(source, { filename }).createCachedData());
if (mode === 'check') {
  const script = new Script(source, { filename, cachedData: readFileSync(out) });
  if (script.cachedDataRejected) throw new Error('V8 refuses the code cache that was made for it');
}
if (mode === 'code') {
  const script = new Script(source, { filename });
  // Up to the spawn the same is called every time; what comes after it is a matter of timing.
  childProcess.spawn = () => {
    writeFileSync(out, script.createCachedData());
    process.exit(0);
  };
  process.argv = [process.execPath, process.argv[5], '--health-port=0', '--', 'true'];
  script.runInThisContext().main(createRequire(`${dist}/main.js`));
}
