// An ordinary server: it has no handler for SIGTERM, so the signal ends it at once and cuts every request in flight.
import { createServer } from 'node:http';

const WORK_MS = 50;
const port = Number(process.env.PORT ?? 8080);

createServer((_request, response) => {
  setTimeout(() => response.end('hello\n'), WORK_MS);
}).listen(port);
