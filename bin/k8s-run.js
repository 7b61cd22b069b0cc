#!/usr/bin/env node
// CommonJS, by the package.json beside it: the shorter way to the first line that catches signals.
require('../dist/main.js');
