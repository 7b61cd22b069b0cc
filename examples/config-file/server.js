// A shop that tells how its parts are: /ready, /orders and /cache answer 200, or 503 for those that DOWN names.
import { createServer } from 'node:http';

const down = (process.env.DOWN ?? '').split(',');

createServer(({ url }, response) => {
  response.statusCode = down.includes(url?.slice(1)) ? 503 : 200;
  response.end('hello\n');
}).listen(Number(process.env.PORT ?? 8080));
