/**
 * Serves one protocol and ends at once of SIGTERM. argv[2]: a Unix socket for `/held` (the number of held requests) and `/release`;
 * argv[3]: what to serve, as JSON.
 */
import { createServer } from 'node:http';
import { createServer as createHttp2Server, createSecureServer } from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';

const [, , control, json] = process.argv;
const { protocol, tls } = JSON.parse(json);
/** Ends what is held. */
const held = new Set();
const hold = (end) => held.add(end);

createServer((request, response) => {
  const count = held.size;
  if (request.url === '/release') {
    for (const end of held) end();
    held.clear();
  }
  response.end(String(count));
}).listen(control);

/** Messages until it is released: one at once, or one each half second. */
function stream(isSilent, write, end) {
  write('one\n');
  const timer = isSilent ? undefined : setInterval(() => write('one\n'), 500);
  hold(() => {
    clearInterval(timer);
    end('last\n');
  });
}

function answer(request, response) {
  if (request.url === '/held') hold(() => response.end('released\n'));
  else if (request.url === '/events' || request.url === '/silent') {
    response.setHeader('content-type', 'text/event-stream');
    stream(
      request.url === '/silent',
      (part) => response.write(part),
      (part) => response.end(part),
    );
  } else if (request.url === '/upload') {
    let size = 0;
    hold(() => {});
    request.on('data', (part) => {
      size += part.length;
    });
    request.on('end', () => response.end(`${size}\n`));
  } else if (request.url === '/large') {
    hold(() => {});
    response.end(Buffer.alloc(32 * 1024 * 1024, 'x'));
  } else response.end('answered\n');
}

async function serveGrpc() {
  const { Server, ServerCredentials } = await import('@grpc/grpc-js');
  const raw = (bytes) => bytes;
  const method = (path, requestStream, responseStream) => ({
    path,
    requestStream,
    responseStream,
    requestSerialize: raw,
    requestDeserialize: raw,
    responseSerialize: raw,
    responseDeserialize: raw,
  });
  const server = new Server();
  server.addService(
    {
      unary: method('/test.Test/Unary', false, false),
      events: method('/test.Test/Events', false, true),
      upload: method('/test.Test/Upload', true, false),
    },
    {
      unary: ({ request }, done) => {
        if (String(request) === 'held') hold(() => done(null, Buffer.from('released\n')));
        else done(null, Buffer.from('answered\n'));
      },
      events: (call) =>
        stream(
          String(call.request) === 'silent',
          (part) => call.write(Buffer.from(part)),
          (part) => {
            call.write(Buffer.from(part));
            call.end();
          },
        ),
      upload: (call, done) => {
        let size = 0;
        hold(() => {});
        call.on('data', (part) => {
          size += part.length;
        });
        call.on('end', () => done(null, Buffer.from(`${size}\n`)));
      },
    },
  );
  server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
    if (error) throw error;
    process.stdout.write(`port ${port}\n`);
  });
}

async function serveWebSocket(server) {
  const { WebSocketServer } = await import('ws');
  new WebSocketServer({ server }).on('connection', (socket) => {
    socket.on('message', (message) => {
      if (String(message) === 'held') hold(() => socket.send('released\n'));
      else socket.send('answered\n');
    });
  });
}

if (protocol === 'grpc') await serveGrpc();
else {
  const create =
    protocol === 'h2'
      ? tls === undefined
        ? createHttp2Server
        : createSecureServer
      : tls === undefined
        ? createServer
        : createHttpsServer;
  const server = create(tls ?? {}, answer);
  // No idle timeout, because on a busy machine a kept connection would be closed.
  server.keepAliveTimeout = 0;
  if (protocol === 'ws') await serveWebSocket(server);
  server.listen(0, '127.0.0.1', () => process.stdout.write(`port ${server.address().port}\n`));
}
