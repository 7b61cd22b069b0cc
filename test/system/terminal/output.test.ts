import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { finish } from '../../rig/finished.ts';
import { needs } from '../../rig/needs.ts';
import { BIN } from '../../rig/supervised.ts';
import { openTerminal } from '../../rig/terminal.ts';

const skip = needs('tmux');

const K8S_RUN = [process.execPath, BIN, '--health-port', 'off'];
const ESCAPE = '\u001b';
/** Time of day, event, sentence. */
const PRETTY = /^\d\d:\d\d:\d\d\.\d{3} (starting {3}|spawned {4}|exited {5}) {2}\S/;

test('on a terminal the log is pretty and coloured', { skip }, async () => {
  await using terminal = await openTerminal([...K8S_RUN, '--', 'sh', '-c', 'exit 3']);
  assert.equal(await terminal.ended(), 3);
  await terminal.shows('sh exited with 3');
  const lines = (await terminal.screen()).split('\n').slice(0, 3);
  for (const line of lines) assert.match(line, PRETTY);
  assert.ok((await terminal.coloured()).includes(`${ESCAPE}[36mexited`));
});

for (const [variable, value] of [
  ['NO_COLOR', '1'],
  ['TERM', 'dumb'],
] as const) {
  test(`on a terminal with ${variable}=${value} the log is pretty and has no escape sequence`, { skip }, async () => {
    // tmux sets TERM itself, so env sets it for the command.
    const command = ['env', `${variable}=${value}`, ...K8S_RUN, '--', 'sh', '-c', 'exit 3'];
    await using terminal = await openTerminal(command);
    assert.equal(await terminal.ended(), 3);
    await terminal.shows('sh exited with 3');
    const text = await terminal.coloured();
    assert.match(text.split('\n')[0] ?? '', PRETTY);
    // tmux itself paints the line that says the pane is dead.
    assert.ok(!text.slice(0, text.indexOf('sh exited with 3')).includes(ESCAPE), text);
  });
}

test('without a terminal the log has no escape sequence, in either format', async () => {
  const pretty = await finish(['--log-format', 'pretty'], ['true']);
  assert.match(pretty.stderr, PRETTY);
  assert.ok(!pretty.stderr.includes(ESCAPE));
  const json = await finish([], ['true']);
  assert.ok(!json.stderr.includes(ESCAPE));
  assert.ok(json.lines.length >= 3);
});

test('with --log-format json the log is JSON on a terminal too', { skip }, async () => {
  await using terminal = await openTerminal([...K8S_RUN, '--log-format', 'json', '--', 'true']);
  assert.equal(await terminal.ended(), 0);
  await terminal.shows(/^\{"level":"info".*"event":"exited"/m);
});

test('the app’s terminal keeps its flags while k8s-run logs', { skip: needs('tmux', 'bash') }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'k8s-run-'));
  try {
    const file = join(folder, 'flags');
    // cat in a subshell, whose own streams are the terminal but for the one that is written to.
    const told = `grep -h flags /proc/$$/fdinfo/[012] > "${file}"`;
    const app = `trap '${told}; exit 0' USR1; echo waits; while :; do sleep 0.05; done`;
    await using terminal = await openTerminal([...K8S_RUN, '--', 'bash', '-c', app]);
    await terminal.shows('waits');
    await terminal.shows(/spawned/);
    process.kill(terminal.pid, 'SIGUSR1');
    assert.equal(await terminal.ended(), 0);
    const O_NONBLOCK = 0o4000;
    const flags = [...(await readFile(file, 'utf8')).matchAll(/^flags:\s*([0-7]+)$/gm)].map((match) =>
      Number.parseInt(match[1] ?? '', 8),
    );
    assert.deepEqual(
      flags.map((each) => each & O_NONBLOCK),
      [0, 0, 0],
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
