// Opens argv[3] connections to port argv[2] of this machine, sends the beginning of a request on each, and prints `open` once
// all are connected.
import { connect } from 'node:net';

const [port, count] = process.argv.slice(2).map(Number);
const AT_A_TIME = 200;
let begun = 0;
let open = 0;

function next() {
  if (begun === count) return;
  begun += 1;
  const socket = connect(port, '127.0.0.1');
  socket.on('error', (error) => {
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  });
  socket.on('connect', () => {
    socket.write('GET / HTTP/1.1\r\n');
    open += 1;
    if (open === count) process.stdout.write('open\n');
    next();
  });
}

for (let index = 0; index < AT_A_TIME; index += 1) next();
