// One client of a flood: `flood-client.ts <port> <kind> <connections>` keeps that many connections to this machine busy until
// it is killed. It prints the number of connections that were closed for each hundred, or, for kinds that hold on, that are open.
import { connect } from 'node:net';
import { HOLD_ON, WORDS } from './flood-kinds.ts';

const [port, kind = '', connections] = process.argv.slice(2);
const words = WORDS[kind] ?? '';
if (!(kind in WORDS)) throw new Error(`unknown flood: ${kind}`);
const holdsOn = HOLD_ON.includes(kind);
let counted = 0;

function count(): void {
  counted += 1;
  if (counted % 100 === 0 || (holdsOn && counted === Number(connections))) process.stdout.write(`${counted}\n`);
}

function open(): void {
  const socket = connect({ host: '127.0.0.1', port: Number(port) });
  socket.on('error', () => {});
  socket.once('close', () => setImmediate(open));
  if (words !== '') socket.write(words, 'latin1');
  if (holdsOn) {
    socket.once('connect', count).pause();
    return;
  }
  socket.once('close', count).resume();
  // The server has closed, so nobody gets what is left to send.
  socket.once('end', () => socket.destroy());
}

for (let each = 0; each < Number(connections); each += 1) open();
