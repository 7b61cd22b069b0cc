// The first that the runtime reads: main.js with the code that V8 made of it at build time, so that nothing is compiled on
// the way to the app. V8 itself refuses a cache that is not for this very source, version and set of flags.
const { readFileSync, writeSync } = require('node:fs');
const { Script } = require('node:vm');

const BUG = 70;
const filename = `${__dirname}/main.js`;
try {
  const source = readFileSync(filename, 'latin1');
  new Script(source, { filename, cachedData: cached() }).runInThisContext()(require);
} catch (error) {
  writeSync(2, `k8s-run: internal error: ${error.message}\n`);
  process.exit(BUG);
}

function cached() {
  try {
    return readFileSync(`${__dirname}/main.cache`);
  } catch {
    return undefined;
  }
}
