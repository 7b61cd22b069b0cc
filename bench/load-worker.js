// Sends requests to one URL over kept-alive connections, one at a time on each. It is its own process, so that the bench does
// not time itself. Arguments: url, connections, requests (0: until the time is over), milliseconds (0: no limit).
// Prints the type Load of load.ts as JSON.
import { Agent, get } from 'node:http';

const [url = '', connections = '1', requests = '0', duration = '0'] = process.argv.slice(2);
const agent = new Agent({ keepAlive: true, maxSockets: Number(connections) });
const limit = Number(requests) || Number.POSITIVE_INFINITY;
const from = performance.now();
const end = Number(duration) > 0 ? from + Number(duration) : Number.POSITIVE_INFINITY;
const times = [];
let sent = 0;
let failed = 0;

await Promise.all(Array.from({ length: Number(connections) }, sendRequests));
agent.destroy();
times.sort((a, b) => a - b);
const at = (share) => times[Math.min(times.length - 1, Math.floor(times.length * share))];
process.stdout.write(
  JSON.stringify({
    answers: times.length,
    failed,
    took: performance.now() - from,
    p50: at(0.5),
    p99: at(0.99),
    max: times.at(-1),
  }),
);

async function sendRequests() {
  while (sent < limit && performance.now() < end) {
    sent += 1;
    const began = performance.now();
    const status = await new Promise((resolve) => {
      get(url, { agent }, (response) => response.resume().on('end', () => resolve(response.statusCode))).on(
        'error',
        () => resolve(0),
      );
    });
    if (status !== 200) failed += 1;
    times.push(performance.now() - began);
  }
}
