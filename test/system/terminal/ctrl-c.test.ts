import assert from 'node:assert/strict';
import { test } from 'node:test';
import { needs } from '../../rig/needs.ts';
import { BIN } from '../../rig/supervised.ts';
import { openTerminal } from '../../rig/terminal.ts';

const skip = needs('tmux', 'python3');

const K8S_RUN = [process.execPath, BIN, '--health-port', 'off'];
/** It listens, so that there is a delay, and ignores every TERM and INT. */
const STUBBORN = `import os, signal, socket, time
for name in ("SIGINT", "SIGTERM"):
    signal.signal(getattr(signal, name), lambda number, frame: os.write(1, f"app got {signal.Signals(number).name}\\n".encode()))
s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen()
while True: time.sleep(1)
`;

test('without --interactive Ctrl-C starts the shutdown, a second one skips the delay, a third one kills', {
  skip,
}, async () => {
  const options = ['--shutdown-delay', '1h', '--grace', '1h'];
  await using terminal = await openTerminal([...K8S_RUN, ...options, '--', 'python3', '-c', STUBBORN]);
  await terminal.shows(/ ready +/);
  await terminal.press('C-c');
  await terminal.shows(/terminating .*Ctrl-C again/);
  assert.doesNotMatch(await terminal.screen(), /app got/, 'the app is in a session of its own');
  await terminal.press('C-c');
  await terminal.shows('app got SIGINT');
  await terminal.shows(/stopping .*Ctrl-C was pressed/);
  assert.doesNotMatch(await terminal.screen(), /killing/);
  await terminal.press('C-c');
  assert.equal(await terminal.ended(), 137);
  const screen = await terminal.screen();
  assert.match(screen, /killing .*Ctrl-C was pressed again/);
  assert.match(screen, /exited +python3 was ended by SIGKILL; exit code 137/);
  assert.equal(screen.split('app got SIGINT').length, 2, 'it got one');
});

test('a repeated TERM on a terminal does not count as a second Ctrl-C', { skip }, async () => {
  const options = ['--shutdown-delay', '1h', '--grace', '1h'];
  await using terminal = await openTerminal([...K8S_RUN, ...options, '--', 'python3', '-c', STUBBORN]);
  await terminal.shows(/ ready +/);
  process.kill(terminal.pid, 'SIGTERM');
  await terminal.shows(/terminating .*press Ctrl-C to skip/);
  process.kill(terminal.pid, 'SIGTERM');
  await terminal.shows(/Received SIGTERM: already shutting down/);
  process.kill(terminal.pid, 'SIGTERM');
  await terminal.shows(/already shutting down.*already shutting down/s);
  assert.doesNotMatch(await terminal.screen(), /stopping|killing|app got/);
});
