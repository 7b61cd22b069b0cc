// Asks one URL over kept-alive connections, each for the next answer when it has the last; a process of its own, so that the
// bench does not time itself. Arguments: url, connections, requests (0: until the time is over), milliseconds (0: no limit).
// Prints JSON: answers, milliseconds, and the time of each answer that was not 200 or that took longest, by percentile.
import { Agent, get } from 'node:http';

const [url = '', connections = '1', requests = '0', duration = '0'] = process.argv.slice(2);
const agent = new Agent({ keepAlive: true, maxSockets: Number(connections) });
const limit = Number(requests) || Number.POSITIVE_INFINITY;
const from = performance.now();
const end = Number(duration) > 0 ? from + Number(duration) : Number.POSITIVE_INFINITY;
const times = [];
let sent = 0;
let failed = 0;

await Promise.all(Array.from({ length: Number(connections) }, askOn));
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

async function askOn() {
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
