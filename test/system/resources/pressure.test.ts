import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { makeControlGroup, noControlGroup } from '../../rig/control-group.ts';
import { start } from '../../rig/supervised.ts';

const MIB = 2 ** 20;

/** Takes memory, touching each page, until its control group counts 94 % of its limit, and keeps it. */
const FILL = `
  const { existsSync, readFileSync } = require('node:fs');
  const [folder, limit] = process.argv.slice(1);
  const file = ['memory.current', 'memory.usage_in_bytes'].map((name) => folder + '/' + name).find(existsSync);
  const held = [];
  while (Number(readFileSync(file, 'utf8')) < 0.94 * limit) held.push(Buffer.alloc(2 ** 20, 1));
  setInterval(() => held.length, 1e6);`;
/** Takes what it gets, and more than there is. */
const BURST = `
  require('node:fs').writeFileSync('/proc/self/oom_score_adj', '1000');
  const held = [];
  for (;;) held.push(Buffer.alloc(2 ** 20, 1));`;
/** Where the memory of the app is freed slowly, the kernel would kill k8s-run as well. Without CAP_SYS_RESOURCE it may not be spared. */
const SPARED = ['sh', '-c', 'echo -1000 2>/dev/null >/proc/self/oom_score_adj; exec "$@"', 'sh'];

describe('pressure on memory', { skip: noControlGroup }, () => {
  test('memory above 90 % of its limit is warned of once', async () => {
    await using group = makeControlGroup({ mebibytes: 256 });
    const options = ['--ready', 'process', '--grace', '1s'];
    const app = [process.execPath, '-e', FILL, group.memoryFolder, String(256 * MIB)];
    await using run = start(options, app, group);
    const warning = await run.line('warning', ({ reason }) => reason === 'memory');
    assert.equal(warning.level, 'warn');
    assert.equal(warning['memoryLimitBytes'], 256 * MIB);
    assert.ok(Number(warning['memoryBytes']) >= 0.9 * 256 * MIB);
    assert.match(warning.msg, /^Memory is at 9\d % of its limit, \d+ MiB of 256 MiB; at the limit the kernel kills/);
    run.kill('SIGTERM');
    await run.ended();
    assert.equal(run.lines().filter(({ reason }) => reason === 'memory').length, 1);
  });

  test('exited tells an out-of-memory kill with its figures', async () => {
    await using group = makeControlGroup({ mebibytes: 128 });
    const prefix = [...group.prefix, ...SPARED];
    await using run = start(['--ready', 'process'], [process.execPath, '-e', BURST], { prefix });
    assert.equal((await run.ended()).code, 137, run.stderr());
    const last = await run.line('exited');
    assert.deepEqual(
      [last['oomKilled'], last['oomKills'], last['sender'], last['signal'], last['memoryLimitBytes']],
      [true, 1, 'kernel', 'SIGKILL', 128 * MIB],
    );
    assert.ok(Number(last['memoryPeakBytes']) > 120 * MIB);
  });
});
