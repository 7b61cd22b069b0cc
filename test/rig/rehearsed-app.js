// An app to be rehearsed: argv[2] says what is the matter with it. It listens on PORT unless it has one of its own.
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { createServer as createTcpServer } from 'node:net';

const [, , matter = 'nothing', detail = ''] = process.argv;
const port = Number(process.env.PORT);
let served = 0;

const server = createServer((request, response) => {
  served += 1;
  if (matter === 'fails') response.statusCode = 500;
  if (matter === 'knows no' && request.url === detail) response.statusCode = 404;
  if (matter === 'dies' && served > Number(detail)) throw new Error('too much for it');
  setTimeout(() => response.end(`${request.url}\n`), matter === 'slow' ? Number(detail) : 5);
});

switch (matter) {
  case 'nothing':
  case 'fails':
  case 'knows no':
  case 'dies':
  case 'slow':
    server.listen(port);
    break;
  case 'drains':
    server.listen(port);
    process.on('SIGTERM', () => server.close(() => process.exit(0)));
    break;
  case 'ignores':
    server.listen(port);
    process.on('SIGTERM', () => {});
    spawn('sleep', ['300'], { detached: true, stdio: 'ignore' }).unref();
    break;
  case 'fixed':
    server.listen(Number(detail));
    break;
  case 'two ports':
    server.listen(port);
    createServer((_request, response) => response.end()).listen(Number(detail));
    break;
  case 'prints': {
    server.listen(port);
    const line = `${'y'.repeat(1_000)}\n`;
    let left = Number(detail) * 1_000;
    const print = () => {
      while (left > 0) {
        left -= 1;
        if (!process.stdout.write(line)) return process.stdout.once('drain', print);
      }
    };
    print();
    break;
  }
  case 'not http':
    createTcpServer((socket) => socket.on('error', () => {}).end('hello')).listen(port);
    break;
  case 'worker':
  case 'never ready':
    process.stderr.write('waiting for the database\n');
    setInterval(() => {}, 1_000);
    break;
  case 'needs':
    if (process.env[detail] === undefined) throw new Error(`${detail} is not set`);
    server.listen(port);
    break;
  case 'background':
    spawn('sleep', ['300'], { stdio: 'ignore' }).unref();
    process.exit(0);
    break;
  default:
    throw new Error(`nothing is known of "${matter}"`);
}
