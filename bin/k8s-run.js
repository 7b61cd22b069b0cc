#!/usr/bin/env node
// CommonJS, by the package.json beside it: the shorter way to the first line that catches signals.
if (Number.parseInt(process.versions.node, 10) < 24) {
  require('node:fs').writeSync(2, `k8s-run: cannot run on Node ${process.versions.node}; it needs Node 24 or newer\n`);
  process.exit(78);
}
require('../dist/main.js');
