// A server that drains by itself: on SIGTERM it takes no new connection, finishes its requests in flight, and exits with 0.
import { createServer } from 'node:http';

const WORK_MS = 50;
const port = Number(process.env.PORT ?? 8080);

const server = createServer((_request, response) => {
  setTimeout(() => response.end('hello\n'), WORK_MS);
}).listen(port);

process.on('SIGTERM', () => {
  // Idle kept-alive connections are closed too (Node 19 and later).
  server.close(() => process.exit(0));
});
