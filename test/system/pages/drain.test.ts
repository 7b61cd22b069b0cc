import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { until } from '../../rig/deadline.ts';
import { blocksOf, commandWith, typed } from '../../rig/how-to.ts';
import { needs } from '../../rig/needs.ts';
import { start } from '../../rig/supervised.ts';

const PAGE = 'drain.md';

for (const [language, program, file, skip] of [
  ['js', process.execPath, 'events.mjs', false],
  ['python', 'python3', 'events.py', needs('python3')],
] as const) {
  test(`drain.md: the reader of --events in ${language} hears of the shutdown`, { skip }, async () => {
    const [block = ''] = blocksOf(PAGE, language);
    const folder = mkdtempSync(join(tmpdir(), 'events-'));
    try {
      writeFileSync(join(folder, file), block);
      await using run = start(['--events', '--ready', 'none', '--shutdown-delay', '1h'], [program, join(folder, file)]);
      await run.line('ready');
      run.kill('SIGTERM');
      await until('what the reader prints', () => run.stdout().includes('asking clients to leave'), run.stderr);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}

test('drain.md: a Node server behind --node-drain answers with Connection: close while terminating', async () => {
  const server = `require('node:http').createServer((_, response) => response.end()).listen(0, '127.0.0.1', function () {
    console.log('port', this.address().port);
  });`;
  await using run = typed(commandWith(PAGE, '--node-drain -- node server.js'), { 'server.js': server });
  const port = await until('the port', () => /^port (\d+)$/m.exec(run.stdout())?.[1], run.stderr);
  await run.line('ready');
  run.kill('SIGTERM');
  await run.line('terminating');
  const connection = async (): Promise<string | null> =>
    (await fetch(`http://127.0.0.1:${port}/`)).headers.get('connection');
  await until('Connection: close', async () => (await connection()) === 'close', run.stderr);
});

test('drain.md: --drain-signal reaches the app when the shutdown begins', async () => {
  const app = `#!/bin/sh
trap 'echo leaving' USR1
trap 'exit 0' TERM
echo up
while :; do sleep 0.05; done
`;
  await using run = typed(commandWith(PAGE, '--drain-signal'), { app }, {}, { K8S_RUN_READY: 'none' });
  await until('the app is up', () => run.stdout().includes('up'), run.stderr);
  await run.line('ready');
  run.kill('SIGTERM');
  await until('the signal', () => run.stdout().includes('leaving'), run.stderr);
  await run.line('terminating');
});
