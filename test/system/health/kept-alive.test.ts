import assert from 'node:assert/strict';
import { Agent, request } from 'node:http';
import { test } from 'node:test';
import { start } from '../../rig/supervised.ts';

/** The status of one request over the agent's connection, and the local port that names that connection. */
function askOver(agent: Agent, url: string): Promise<readonly [status: number, connection: number | undefined]> {
  return new Promise((resolve, reject) => {
    const call = request(url, { agent }, (response) => {
      const connection = response.socket.localPort;
      response.resume().once('end', () => resolve([response.statusCode ?? 0, connection]));
    });
    call.on('error', reject).end();
  });
}

test('a kept-alive connection to the health server sees readiness fail from the first instant of the shutdown', async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  try {
    await using run = start(['--ready', 'none', '--shutdown-delay', '1h'], ['sleep', '300']);
    await run.line('ready');
    const url = `${String((await run.line('starting'))['health']).replace('[::]', '127.0.0.1')}/readyz`;
    const [before, first] = await askOver(agent, url);
    run.kill('SIGTERM');
    await run.line('terminating');
    const [after, second] = await askOver(agent, url);
    assert.deepEqual([before, after], [200, 503]);
    assert.equal(first, second);
  } finally {
    agent.destroy();
  }
});
