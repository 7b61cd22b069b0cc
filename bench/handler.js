#!/usr/bin/env node
// The least that catches TERM on Node: a handler on the first line, nothing imported. HUP is there to be seen from outside.
process.on('SIGTERM', () => process.exit(0));
process.on('SIGHUP', () => process.exit(0));
setInterval(() => {}, 1 << 30);
