import { closeSync, openSync, readSync } from 'node:fs';

/** A listening TCP socket of /proc/net/tcp or /proc/net/tcp6 (proc_pid_net(5)). */
export type Listener = {
  /** As bound: `0.0.0.0` and `::` are all addresses. */
  readonly address: string;
  readonly port: number;
  readonly inode: string;
  readonly uid: number;
  /** The process that has it open; null when only the uid is known. */
  readonly holder: { readonly pid: number; readonly descriptor: number } | null;
};

/** TCP_LISTEN of the kernel's include/net/tcp_states.h, as the tables print it. */
const LISTEN = '0A';
const CHUNK = 65_536;

/** Every listening TCP socket of a process's network namespace, or of ours where that may not be read; null: neither may. */
export function readListeners(pid: number): readonly Listener[] | null {
  const texts = ['tcp', 'tcp6'].map(
    (table) => readUntilConnections(`/proc/${pid}/net/${table}`) ?? readUntilConnections(`/proc/net/${table}`),
  );
  return texts.every((text) => text === null) ? null : texts.flatMap((text) => parseListeners(text ?? ''));
}

/** The kernel prints listening sockets first (net/ipv4/tcp_ipv4.c, tcp_seq_start), so thousands of connections are not read. */
function readUntilConnections(path: string): string | null {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    return null;
  }
  try {
    const buffer = Buffer.allocUnsafe(CHUNK);
    let text = '';
    for (;;) {
      const length = readSync(file, buffer);
      if (length === 0) return text;
      const chunk = buffer.toString('latin1', 0, length);
      text += chunk;
      if (/^ *\d+: \S+ \S+ (?!0A)/m.test(chunk)) return text;
    }
  } catch {
    return null;
  } finally {
    closeSync(file);
  }
}

/** Reads the text of /proc/net/tcp or tcp6; lines of any other form are skipped. */
export function parseListeners(text: string): readonly Listener[] {
  const listeners: Listener[] = [];
  for (const line of text.split('\n')) {
    const [, local, , state, , , , uid, , inode] = line.trim().split(/\s+/);
    if (state !== LISTEN || local === undefined || inode === undefined) continue;
    const [hex, port] = local.split(':');
    if (hex === undefined || port === undefined) continue;
    const address = parseAddress(hex);
    listeners.push({ address, port: Number.parseInt(port, 16), inode, uid: Number(uid), holder: null });
  }
  return listeners;
}

/**
 * Addresses are printed as 32-bit words in the machine's byte order. Of the machines that Node runs on only s390x is
 * big-endian.
 */
export function parseAddress(hex: string, littleEndian: boolean = isLittleEndian()): string {
  const bytes = Buffer.from(hex, 'hex');
  if (littleEndian) bytes.swap32();
  if (bytes.length === 4) return bytes.join('.');
  const mapped = bytes.subarray(0, 12).toString('hex') === '00000000000000000000ffff';
  if (mapped) return `::ffff:${bytes.subarray(12).join('.')}`;
  const words = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(index * 2).toString(16));
  return compress(words.join(':'));
}

/** RFC 5952: the longest run of zeros, the first of equal ones, becomes `::`. */
function compress(address: string): string {
  const runs = [...address.matchAll(/(?<![^:])0(?::0)+(?![^:])/g)].sort((a, b) => b[0].length - a[0].length);
  const longest = runs[0];
  if (longest === undefined) return address;
  const before = address.slice(0, longest.index).replace(/:$/, '');
  const after = address.slice(longest.index + longest[0].length).replace(/^:/, '');
  return `${before}::${after}`;
}

function isLittleEndian(): boolean {
  return new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
}
