// An app that answers 200 on the port in argv[2]; it is never measured itself. GET /allow?<n> limits the number of requests
// that it answers in total and returns the number answered so far. It holds further requests until more are allowed, which
// stops a client that sends requests as fast as it can.
import { createServer } from 'node:http';

let answered = 0;
let allowed = Number.POSITIVE_INFINITY;
const held = [];

createServer((request, response) => {
  const [path = '', count = ''] = (request.url ?? '').split('?');
  if (path !== '/allow') {
    serve(response);
    return;
  }
  allowed = Number(count);
  for (const each of held.splice(0)) serve(each);
  response.end(String(answered));
}).listen(Number(process.argv[2]), '127.0.0.1');

function serve(response) {
  if (answered >= allowed) {
    held.push(response);
    return;
  }
  answered += 1;
  response.end('ok\n');
}
