// `npm run demo`: a server that dies at once on SIGTERM, updated under load, first as it is and then with k8s-run in front.
import { constants } from 'node:os';
import type { Pod } from './demo/pod.ts';
import { LAG_MS, RATE, type Result, rollOut, type Stage } from './demo/rollout.ts';
import { type Screen, screen, wrap } from './demo/screen.ts';
import { failed } from './demo/service.ts';

const WIDTH = 96;
const started = new Set<Pod>();
const stopping = new AbortController();
const stage: Stage = { started, stopped: stopping.signal };
const to = screen();

/** Ends every pod that was started. */
async function endAll(): Promise<void> {
  await Promise.all([...started].map((pod) => pod.end()));
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    to.status('');
    to.line('Stopped; ending what was started.');
    stopping.abort();
    const leave = (): never => process.exit(128 + constants.signals[signal]);
    endAll().then(leave, leave);
  });
}

try {
  introduce(to);
  heading(to, '1  The app as it is');
  const plain = await rollOut('plain', to, stage);
  heading(to, '2  The same app, with `k8s-run --` in front');
  const wrapped = await rollOut('k8s-run', to, stage);
  conclude(to, plain, wrapped);
} catch (error) {
  // Whoever stopped it knows, and the handler above sets the exit code.
  if (!stopping.signal.aborted) throw error;
} finally {
  await endAll();
}

function introduce({ line, paint }: Screen): void {
  line('');
  line(paint('k8s-run: one rolling update under load, twice', 'bold'));
  line('');
  line('  The app      examples/node-abrupt/server.js: no signal handler, dies at once on SIGTERM');
  line('               (as behind a shell or tini; alone as PID 1 it would ignore it, and be killed 30 s later)');
  line(`  The load     ${RATE} requests a second, each on a new connection; the app takes 50 ms for one`);
  line(`  The Service  a stand-in: two pods, and it hears ${LAG_MS / 1_000} s late that one is leaving`);
}

function heading({ line, paint }: Screen, text: string): void {
  line('');
  line(paint(`── ${text} ${'─'.repeat(Math.max(0, WIDTH - text.length - 4))}`, 'bold'));
}

function conclude({ line, paint }: Screen, plain: Result, wrapped: Result): void {
  heading(to, 'Result');
  line('');
  line(`  as it is      ${paint(summary(plain), failed(plain.tally) > 0 ? 'red' : 'green')}`);
  line(`  with k8s-run  ${paint(summary(wrapped), failed(wrapped.tally) > 0 ? 'red' : 'green')}`);
  line('');
  const text =
    `The app was not changed. As it is, it was gone the moment SIGTERM came, and for ${LAG_MS / 1_000} s the Service went on ` +
    `sending requests to it: ${failed(plain.tally)} failed. With k8s-run the signal was held back: readiness failed at once, and ` +
    `the old pod served ${wrapped.servedAfterTerm} more requests until the Service had heard; ${failed(wrapped.tally)} failed. ` +
    `Exit codes: ${plain.code} and ${wrapped.code}.`;
  for (const each of wrap(text, WIDTH)) line(each);
  line('');
}

function summary({ tally }: Result): string {
  const total = tally.served + failed(tally);
  const kinds = [...tally.failures].map(([kind, count]) => `${count} ${kind}`).join(', ');
  return `${failed(tally)} of ${total} requests failed${kinds === '' ? '' : ` (${kinds})`}`;
}
