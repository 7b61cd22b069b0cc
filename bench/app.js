// An app that serves: it answers 200 on the port given. It is never measured.
import { createServer } from 'node:http';

createServer((_request, response) => response.end('ok\n')).listen(Number(process.argv[2]), '127.0.0.1');
