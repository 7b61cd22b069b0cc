// A server with a cache of a quarter of the container's memory. After an in-place resize k8s-run sends it SIGHUP, and it reads the
// limit again: the cache gives memory back before the kernel would take it, or may grow.
import { createServer } from 'node:http';
import { totalmem } from 'node:os';

const MIB = 2 ** 20;
const ENTRY = MIB;
const port = Number(process.env.PORT ?? 8080);

/** Buffers lie outside of the heap of V8, whose size is fixed at the start. The eldest entry comes first. */
const cache = new Map();
let budget = readBudget();

function readBudget() {
  // Node reads the control group at each call; a number above the machine's memory, or 0, is no limit.
  const limit = process.constrainedMemory();
  return Math.floor((limit > 0 ? Math.min(limit, totalmem()) : totalmem()) / 4);
}

function say() {
  process.stdout.write(`cache: ${Math.floor(budget / MIB)} MiB\n`);
}

function trim() {
  for (const key of cache.keys()) {
    if (cache.size * ENTRY <= budget) return;
    cache.delete(key);
  }
}

process.on('SIGHUP', () => {
  budget = readBudget();
  trim();
  say();
});

const server = createServer(({ url }, response) => {
  if (!cache.has(url)) cache.set(url, Buffer.alloc(ENTRY));
  trim();
  response.setHeader('cache-mib', (cache.size * ENTRY) / MIB);
  response.end('hello\n');
}).listen(port, say);

process.on('SIGTERM', () => server.close(() => process.exit(0)));
