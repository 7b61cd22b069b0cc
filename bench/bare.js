#!/usr/bin/env node
// The yardstick: the least that a supervisor on Node can be. It starts the app and hands on its exit code.
import { spawn } from 'node:child_process';

const [command, ...args] = process.argv.slice(2);
spawn(command, args, { stdio: 'inherit' }).on('exit', (code) => process.exit(code ?? 1));
