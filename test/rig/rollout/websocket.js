// The server's part of RFC 6455 that an echo needs: text of up to 125 bytes in one frame, close, no extension.
import { createHash } from 'node:crypto';

/** Section 1.3. */
const MAGIC = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
/** Section 5.2: FIN and an opcode; MASK and a length below 126. */
const TEXT = 0x81;
const CLOSE = 0x88;
const MASKED = 0x80;

/** A listener for `upgrade`: echoes each text, and answers a close with a close. */
export function upgrade(request, socket, head) {
  const accept = createHash('sha1').update(`${request.headers['sec-websocket-key']}${MAGIC}`).digest('base64');
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  let unread = head;
  socket.on('error', () => {});
  socket.on('end', () => socket.end());
  socket.on('data', (part) => {
    unread = Buffer.concat([unread, part]);
    for (let frame = firstOf(unread); frame !== null; frame = firstOf(unread)) {
      unread = unread.subarray(frame.size);
      socket.write(Buffer.concat([Buffer.from([frame.kind, frame.payload.length]), frame.payload]));
      if (frame.kind === CLOSE) socket.end();
    }
  });
}

/** Null until a whole frame has come. A client masks its frames (section 5.3). */
function firstOf(bytes) {
  if (bytes.length < 6) return null;
  const kind = bytes[0];
  const length = bytes[1] - MASKED;
  if ((kind !== TEXT && kind !== CLOSE) || length < 0 || length > 125) throw new Error('unexpected kind of frame');
  if (bytes.length < 6 + length) return null;
  const mask = bytes.subarray(2, 6);
  const payload = Buffer.from(bytes.subarray(6, 6 + length), 0, length).map((byte, index) => byte ^ mask[index % 4]);
  return { kind, payload, size: 6 + length };
}
