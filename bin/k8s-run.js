#!/usr/bin/env node
// CommonJS, by the package.json beside it: the shorter way to the first line that catches signals.
if (Number.parseInt(process.versions.node, 10) < 24) {
  require('node:fs').writeSync(2, `k8s-run: cannot run on Node ${process.versions.node}; it needs Node 24 or newer\n`);
  process.exit(78);
}
if (process.argv[2] === 'probe') {
  // Asked every few seconds, and gone at once: it needs nothing of what keeps an app.
  const { run } = require('../dist/later/cli-probe.js');
  run({ words: process.argv.slice(3), environment: process.env }).then(
    (code) => process.exit(code),
    (error) => {
      require('node:fs').writeSync(2, `k8s-run: internal error: ${error.message}\n`);
      process.exit(70);
    },
  );
} else {
  require('../dist/main.js');
}
