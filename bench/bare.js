#!/usr/bin/env node
// The yardstick: the smallest possible supervisor on Node. It starts the app and passes its exit code on.
import { spawn } from 'node:child_process';

const [command, ...args] = process.argv.slice(2);
spawn(command, args, { stdio: 'inherit' }).on('exit', (code) => process.exit(code ?? 1));
