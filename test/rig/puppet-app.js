// The app of test/rig/puppet.ts. argv[2]: the Unix socket to connect to.
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import { connect, createServer } from 'node:net';

const socket = connect(process.argv[2]);
const send = (message) => socket.write(`${JSON.stringify(message)}\n`);
const children = [];
let server = null;
let status = 200;
let accepted = 0;
let held = [];

const commands = {
  catch: ({ signals }) => {
    for (const signal of signals) process.on(signal, () => send({ signal }));
  },
  exitOn: ({ signal, code }) => {
    process.on(signal, () => process.exit(code));
  },
  listen: ({ port, host, backlog }) => listenWith(createServer(), port, host, backlog),
  accepted: () => accepted,
  become: ({ uid }) => {
    process.setgroups([]);
    process.setgid(uid);
    process.setuid(uid);
  },
  serve: ({ port, host, status: first = 200, tls, isHttp2 = false }) => {
    status = first;
    const create = isHttp2 ? createHttp2Server : tls === undefined ? createHttpServer : createHttpsServer;
    const http = create(tls ?? {}, (request, response) => {
      if (request.url === '/held') held.push(response);
      else if (request.url === '/upload') upload(request, response);
      else response.writeHead(status).end('puppet\n');
    });
    // No idle timeout, because on a busy machine a kept connection would be closed.
    http.keepAliveTimeout = 0;
    return listenWith(http, port, host);
  },
  answer: (command) => {
    status = command.status;
  },
  held: () => held.length,
  release: () => {
    const released = held;
    held = [];
    for (const response of released) response.end('released\n');
    return released.length;
  },
  unlisten: () => void server.close(),
  describe: () => ({
    pid: process.pid,
    ppid: process.ppid,
    cwd: process.cwd(),
    env: process.env,
    argv: process.argv,
    stat: readFileSync('/proc/self/stat', 'utf8'),
    status: readFileSync('/proc/self/status', 'utf8'),
    descriptors: Object.fromEntries(
      readdirSync('/proc/self/fd').flatMap((fd) => {
        try {
          return [[fd, readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8')]];
        } catch {
          return [];
        }
      }),
    ),
  }),
  exit: ({ code }) => process.exit(code),
  killSelf: ({ signal }) => process.kill(process.pid, signal),
  spawn: ({ command: [program, ...args], detached }) => {
    const child = spawn(program, args, { stdio: 'ignore', detached });
    children.push(child);
    return child.pid;
  },
};

function upload(request, response) {
  let size = 0;
  request.on('data', (part) => {
    size += part.length;
  });
  request.on('end', () => response.end(`${size}\n`));
}

function listenWith(made, port, host, backlog) {
  server = made;
  made.on('connection', () => {
    accepted += 1;
  });
  const where = { port, ...(host ? { host } : {}), ...(backlog ? { backlog } : {}) };
  return new Promise((resolve) => made.listen(where, () => resolve(made.address().port)));
}

let text = '';
socket.setEncoding('utf8').on('data', async (part) => {
  text += part;
  for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n')) {
    const { id, ...command } = JSON.parse(text.slice(0, end));
    text = text.slice(end + 1);
    send({ id, value: (await commands[command.do](command)) ?? null });
  }
});
// The test has ended, so this must too.
socket.on('close', () => process.exit(99));
socket.on('error', () => process.exit(99));
send({ hello: process.pid });
