#!/usr/bin/env node
// bare.js as CommonJS, which Node loads a little faster: the lower bound.
const { spawn } = require('node:child_process');

const [command, ...args] = process.argv.slice(2);
spawn(command, args, { stdio: 'inherit' }).on('exit', (code) => process.exit(code ?? 1));
