// warm.cjs PROGRAM MODE OUT, run by build.ts with the folder's own runtime. `code`: lives one short life of k8s-run and writes what V8
// compiled for it, which is the code of what was called and of nothing else. `stamp`: writes a cache that only tells the
// flags of this runtime. `check`: fails if the cache is refused.
const { readFileSync, writeFileSync } = require('node:fs');
const { createRequire } = require('node:module');
const { Script } = require('node:vm');

const [, , program, mode, out] = process.argv;
const filename = `${program}/main.js`;
const source = readFileSync(filename, 'latin1');
if (mode === 'stamp') writeFileSync(out, new Script(source, { filename }).createCachedData());
if (mode === 'check') {
  const script = new Script(source, { filename, cachedData: readFileSync(out) });
  if (script.cachedDataRejected) throw new Error('V8 refuses the code cache that was made for it');
}
if (mode === 'code') {
  const script = new Script(source, { filename });
  process.on('exit', () => writeFileSync(out, script.createCachedData()));
  // No probe is asked: when it would be is a matter of time, and what is compiled must not be.
  const quiet = ['--health-port=0', '--startup=none', '--ready=none', '--live=none', '--log-format=json'];
  process.argv = [process.execPath, `${program}/start.js`, ...quiet, '--', 'true'];
  script.runInThisContext()(createRequire(filename));
}
