#!/usr/bin/env node
// CommonJS, by the package.json beside it: the shorter way to the first line that catches signals.
if (Number.parseInt(process.versions.node, 10) >= 24) {
  require('../dist/main.js');
} else {
  require('node:fs').writeSync(2, `k8s-run needs Node 24 or newer; this is ${process.version} (${process.execPath})\n`);
  process.exitCode = 78;
}
