#!/usr/bin/env node
// The yardstick of the health server: the smallest server on Node that answers /readyz. It starts the app like bare.js.
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';

const [port, command, ...args] = process.argv.slice(2);
createServer((_request, response) => {
  response.writeHead(200, {
    'content-type': 'text/plain; charset=utf-8',
    'content-length': 2,
    'cache-control': 'no-store',
  });
  response.end('ok');
}).listen(Number(port));
spawn(command, args, { stdio: 'inherit' }).on('exit', (code) => process.exit(code ?? 1));
