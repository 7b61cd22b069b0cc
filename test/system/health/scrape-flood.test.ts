import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { test } from 'node:test';
import { soon } from '../../rig/deadline.ts';
import { parseExposition, sampleOf } from '../../rig/exposition.ts';
import { probed } from '../../rig/probed.ts';
import { start } from '../../rig/supervised.ts';

const SCRAPERS = 1_000;
/** What a flood may cost at most. */
const SLACK_KIB = 16 * 1024;

/** What a client reads until its connection ends, in whatever way. */
function scrapeOnce(port: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    let text = '';
    socket.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
    socket.on('error', () => {});
    socket.once('close', () => resolve(text));
    socket.write('GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  });
}

async function anonymousMemory(pid: number): Promise<number> {
  return Number(/^RssAnon:\s+(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]);
}

test('a thousand scrapes at once are answered in full or cut off, memory stays bounded, and the kubelet is served', async () => {
  await using run = start(['--ready', 'none'], ['sleep', '300']);
  await run.line('ready');
  const port = Number(new URL(String((await run.line('starting'))['health'])).port);
  // The first one loads what makes the answer.
  assert.equal((await run.get('/metrics')).status, 200);
  const before = await anonymousMemory(run.pid);
  const all = Promise.all(Array.from({ length: SCRAPERS }, () => scrapeOnce(port)));
  assert.equal(await probed(run), 200);
  const answers = await soon('the end of every connection', all, run.stderr);
  const served = answers.filter((text) => text.startsWith('HTTP/1.1 200 OK\r\n'));
  assert.ok(served.length > 0, 'somebody was served');
  for (const text of served) {
    const [head = '', body = ''] = text.split('\r\n\r\n');
    const length = Number(/^content-length: (\d+)$/im.exec(head)?.[1]);
    // One that was hung up on to make room may have had a part.
    if (Buffer.byteLength(body) === length) parseExposition(body, 'text');
  }
  const grown = (await anonymousMemory(run.pid)) - before;
  assert.ok(grown < SLACK_KIB, `${grown} KiB more`);
  assert.ok(!run.events().includes('fault'), run.stderr());
  const after = parseExposition((await run.get('/metrics')).body, 'text');
  assert.equal(sampleOf(after, 'k8s_run_faults_total', { room: 'health' }), 0);
});

test('a hundred scrapes one after another are all answered', async () => {
  await using run = start(['--ready', 'none'], ['sleep', '300']);
  const port = Number(new URL(String((await run.line('starting'))['health'])).port);
  const statuses: number[] = [];
  for (let round = 0; round < 100; round += 1) {
    const text = await soon('an answer', scrapeOnce(port), run.stderr);
    statuses.push(Number(text.slice(9, 12)));
  }
  assert.deepEqual([...new Set(statuses)], [200]);
});
