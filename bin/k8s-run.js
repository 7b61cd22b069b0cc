#!/usr/bin/env node
// CommonJS, by the package.json beside it: the shorter way to the first line that catches signals.
const { readFileSync, writeSync } = require('node:fs');

/** sysexits(3): EX_SOFTWARE, EX_CONFIG. */
const EXIT_SOFTWARE = 70;
const EXIT_CONFIG = 78;

if (Number.parseInt(process.versions.node, 10) < 24) {
  writeSync(2, `k8s-run: cannot run on Node ${process.versions.node}; it needs Node 24 or newer\n`);
  process.exit(EXIT_CONFIG);
}
try {
  // Asked every few seconds, and gone at once: it needs nothing of what keeps an app.
  if (process.argv[2] === 'probe') probe();
  else supervise();
} catch (error) {
  fail(error);
}

function probe() {
  const { run } = require('../dist/later/cli-probe.js');
  run({ words: process.argv.slice(3), environment: process.env }).then((code) => process.exit(code), fail);
}

/**
 * Runs main.js with the code that V8 made of it when it was built, so that nothing is compiled on the way to the app. V8 itself
 * refuses a cache that is not for this very source, build of Node and set of flags, and compiles then.
 */
function supervise() {
  const { Script } = require('node:vm');
  const dist = `${__dirname}/../dist`;
  const filename = `${dist}/main.js`;
  const script = new Script(readFileSync(filename, 'latin1'), { filename, cachedData: cached(`${dist}/main.cache`) });
  script.runInThisContext()((name) => require(name.startsWith('./') ? `../dist/${name}` : name));
}

function cached(file) {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}

function fail(error) {
  writeSync(2, `k8s-run: internal error: ${error.message}\n`);
  process.exit(EXIT_SOFTWARE);
}
