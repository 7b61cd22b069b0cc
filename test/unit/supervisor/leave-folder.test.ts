import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readConfig } from '../../../src/config/resolve.ts';
import { needsFolder } from '../../../src/supervisor/leave-folder.ts';

async function needs(
  ...flags: readonly (readonly [
    key:
      | 'preStop'
      | 'ready'
      | 'live'
      | 'startup'
      | 'restart'
      | 'watch'
      | 'onChange'
      | 'onResize'
      | 'onUnlive'
      | 'beforeKill'
      | 'onMemory'
      | 'terminationLog'
      | 'postExit'
      | 'preStart'
      | 'waitFor',
    text: string,
  ])[]
): Promise<boolean> {
  const given = flags.map(([key, text]) => ({ key, text, source: `--${key}` }));
  const read = await readConfig(given, {});
  assert.ok('ok' in read, JSON.stringify(read));
  return needsFolder(read.ok);
}

test('the working directory is kept where a command, a restart or a relative path needs it', async () => {
  assert.equal(await needs(), false);
  for (const [key, text] of [
    ['ready', 'http://:8080/'],
    ['ready', 'file:/run/ready'],
    ['live', 'process'],
    ['preStop', 'http://:8080/quit'],
    ['watch', '/etc/config'],
    ['terminationLog', '/dev/null'],
    ['terminationLog', 'off'],
    ['onResize', 'HUP'],
    ['onUnlive', 'signal:QUIT'],
    // They are over when the app runs.
    ['preStart', './migrate'],
    ['waitFor', 'exec:./check'],
  ] as const)
    assert.equal(await needs([key, text]), false, `${key} ${text}`);
  for (const [key, text] of [
    ['ready', 'exec:./check'],
    ['live', 'exec:/bin/true'],
    ['startup', 'exec:./check'],
    ['preStop', './leave'],
    ['postExit', '/bin/true'],
    ['restart', 'always'],
    ['onResize', 'restart'],
    ['onResize', 'exec:./resize'],
    ['onUnlive', './dump'],
    ['beforeKill', './dump'],
    ['onMemory', './dump'],
    ['watch', 'config'],
    ['terminationLog', 'log'],
  ] as const)
    assert.equal(await needs([key, text]), true, `${key} ${text}`);
  assert.equal(await needs(['watch', '/etc/config'], ['onChange', 'restart']), true);
  assert.equal(await needs(['watch', '/etc/config'], ['onChange', 'exec:./reload']), true);
  assert.equal(await needs(['watch', '/etc/config'], ['onChange', 'HUP']), false);
});
