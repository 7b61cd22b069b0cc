// An ordinary server of the kind that is deployed every day: it has never heard of SIGTERM, so the kernel ends it at once,
// and with it every request that it has in hand.
import { createServer } from 'node:http';

const WORK_MS = 50;
const port = Number(process.env.PORT ?? 8080);

createServer((_request, response) => {
  setTimeout(() => response.end('hello\n'), WORK_MS);
}).listen(port);
