#!/usr/bin/env node
// The smallest script on Node that catches TERM: a handler on the first line, no imports. The bench looks at HUP.
process.on('SIGTERM', () => process.exit(0));
process.on('SIGHUP', () => process.exit(0));
setInterval(() => {}, 1 << 30);
