// It drains on SIGTERM and says so, if the signal ever reaches it through npm and its shell.
import { createServer } from 'node:http';

const server = createServer((_request, response) => response.end('hello\n'));
server.listen(Number(process.env.PORT ?? 8080));

process.on('SIGTERM', () => {
  server.close(() => {
    process.stdout.write('server drained\n');
    process.exit(0);
  });
});
