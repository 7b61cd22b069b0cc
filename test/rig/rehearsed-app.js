// An app to be rehearsed. argv[2] says how it behaves, argv[3] gives a detail. It listens on PORT, if at all.
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { createServer as createTcpServer } from 'node:net';

const [, , behaviour = 'plain', detail = ''] = process.argv;
const port = Number(process.env.PORT);
let answered = 0;

const server = createServer((request, response) => {
  answered += 1;
  if (behaviour === 'answers 404 to' && request.url === detail) response.statusCode = 404;
  if (behaviour === 'crashes after' && answered > Number(detail)) throw new Error('too many requests');
  setTimeout(() => response.end(`${request.url}\n`), behaviour === 'answers after ms' ? Number(detail) : 5);
});

switch (behaviour) {
  case 'plain':
  case 'answers 404 to':
  case 'answers after ms':
  case 'crashes after':
    server.listen(port);
    break;
  case 'drains':
    server.listen(port);
    process.on('SIGTERM', () => server.close(() => process.exit(0)));
    break;
  case 'reloads on SIGTERM':
    server.listen(port);
    process.on('SIGTERM', () => {});
    spawn('sleep', ['300'], { detached: true, stdio: 'ignore' }).unref();
    break;
  case 'exits once on SIGTERM':
    server.listen(port);
    process.once('SIGTERM', () => setTimeout(() => process.exit(0), Number(detail)));
    break;
  case 'fixed port':
    server.listen(Number(detail));
    break;
  case 'second fixed port':
    server.listen(port);
    createServer((_request, response) => response.end()).listen(Number(detail));
    break;
  case 'prints kilobytes': {
    server.listen(port);
    const line = `${'y'.repeat(1_000)}\n`;
    let left = Number(detail);
    const print = () => {
      while (left > 0) {
        left -= 1;
        if (!process.stdout.write(line)) return process.stdout.once('drain', print);
      }
    };
    print();
    break;
  }
  case 'not HTTP':
    createTcpServer((socket) => socket.on('error', () => {}).end('hello')).listen(port);
    break;
  case 'listens on nothing':
    process.stderr.write('waiting for the database\n');
    setInterval(() => {}, 1_000);
    break;
  case 'needs variable':
    if (process.env[detail] === undefined) throw new Error(`${detail} is not set`);
    server.listen(port);
    break;
  case 'daemonizes':
    spawn('sleep', ['300'], { stdio: 'ignore' }).unref();
    process.exit(0);
    break;
  default:
    throw new Error(`there is no behaviour "${behaviour}"`);
}
