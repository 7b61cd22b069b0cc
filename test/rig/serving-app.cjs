// A Node app that serves HTTP/1.1, HTTP/2 without TLS, and WebSockets, in every Node from 12 on. It prints the ports as JSON.
// Words: `cluster` serves from a worker of node:cluster, `thread` from a worker thread.
// Without `node:`, which Node knows from 14.18 on.
const [cluster, http, http2, threads] = ['cluster', 'http', 'http2', 'worker_threads'].map((name) => require(name));
const { Worker, isMainThread, parentPort } = threads;

const how = process.argv[2];
const held = [];
/** Milliseconds in which the event loop stands still: longer than it takes to close what is idle. */
const BUSY = 1_500;

function answer(request, response) {
  if (request.url === '/held') held.push(response);
  else if (request.url === '/release') {
    for (const each of held.splice(0)) each.end('held');
    response.end('released');
  } else if (request.url === '/busy') {
    process.stdout.write('busy\n');
    for (const end = Date.now() + BUSY; Date.now() < end; );
    response.end('was busy');
  } else if (request.url === '/options') response.end(process.env.NODE_OPTIONS);
  else response.end('served');
}

function serve() {
  const plain = http.createServer(answer);
  // Longer than any test: the server closes no idle connection by itself.
  plain.keepAliveTimeout = 600_000;
  const h2c = http2.createServer(answer);
  const { WebSocketServer } = require('ws');
  new WebSocketServer({ server: plain }).on('connection', (socket) =>
    socket.on('message', (data) => socket.send(data)),
  );
  plain.listen(0, '127.0.0.1', () =>
    h2c.listen(0, '127.0.0.1', () => tell({ http: plain.address().port, h2c: h2c.address().port })),
  );
}

function tell(ports) {
  if (!isMainThread) parentPort.postMessage(ports);
  else if (cluster.isWorker) process.send(ports);
  else process.stdout.write(`${JSON.stringify(ports)}\n`);
}

if (!isMainThread || cluster.isWorker || how === undefined) serve();
else if (how === 'thread') new Worker(__filename).on('message', tell);
else cluster.fork().on('message', tell);
