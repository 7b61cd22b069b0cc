// An app that serves: it answers 200 on the port given. It is never measured. GET /allow?<n> says how many it shall have
// answered; what comes beyond is held until more is allowed, so that one who asks without a pause can be given one. The
// answer is how many it has answered so far.
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
