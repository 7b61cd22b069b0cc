import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { finish, lastLine } from '../../rig/finished.ts';
import { noNamespace } from '../../rig/namespace.ts';

/** POSIX, Shell Command Language 2.8.2: 127 for a command not found, 126 for one that cannot be executed. */
describe('a command that cannot be started', () => {
  let folder = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'k8s-run-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const file = async (name: string, text: string, mode: number): Promise<string> => {
    const path = join(folder, name);
    await writeFile(path, text);
    await chmod(path, mode);
    return path;
  };

  const refused = async (command: readonly string[], exitCode: number, error: string, sentence: RegExp) => {
    const run = await finish([], command);
    const { event, code, cause, error: reason, msg, level } = lastLine(run);
    assert.deepEqual(
      { exit: run.code, event, code, cause, error: reason, level },
      { exit: exitCode, event: 'exited', code: exitCode, cause: 'not started', error, level: 'error' },
    );
    assert.match(msg, sentence);
    assert.ok(!run.events.includes('spawned'));
  };

  test('a command that is not on the PATH exits with 127', () =>
    refused(['no-such-program-here'], 127, 'ENOENT', /cannot start no-such-program-here: no such file/));
  test('a command at a path that does not exist exits with 127', () =>
    refused(['/no/such/program'], 127, 'ENOENT', /no such file/));
  test('a command with an empty name exits with 127', () => refused([''], 127, 'ENOENT', /cannot start/));
  test('a command at a path through a regular file exits with 127', () =>
    refused(['/etc/passwd/x'], 127, 'ENOTDIR', /not a folder/));
  test('a script whose interpreter is missing exits with 127', async () =>
    refused([await file('orphan', '#!/no/such/interpreter\n', 0o755)], 127, 'ENOENT', /interpreter/));
  test('a command that is not executable exits with 126', async () =>
    refused([await file('plain', '#!/bin/sh\n', 0o644)], 126, 'EACCES', /not executable/));
  test('a command that is a folder exits with 126', () => refused([folder], 126, 'EACCES', /folder/));
  test('a command that is a loop of symbolic links exits with 126', async () => {
    const { symlink } = await import('node:fs/promises');
    await symlink(join(folder, 'b'), join(folder, 'a'));
    await symlink(join(folder, 'a'), join(folder, 'b'));
    await refused([join(folder, 'a')], 126, 'ELOOP', /symbolic links/);
  });

  test('a command on a file system mounted noexec exits with 126', {
    skip: noNamespace,
  }, async () => {
    const script = `mount -t tmpfs -o noexec none "${folder}" && printf '#!/bin/sh\\n' > "${folder}/x" && chmod 755 "${folder}/x" && exec "$@"`;
    const prefix = ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', script, 'sh'];
    const run = await finish([], [join(folder, 'x')], { prefix });
    assert.deepEqual([run.code, lastLine(run)['error']], [126, 'EACCES']);
  });

  test('a script without #! is run by the shell, as execvp(3) does', async () => {
    const run = await finish([], [await file('bare', 'echo "run by $0"; exit 5\n', 0o755)]);
    assert.deepEqual([run.code, run.stdout], [5, `run by ${join(folder, 'bare')}\n`]);
  });
});
