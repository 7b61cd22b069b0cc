import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { makeControlGroup, noControlGroup } from '../../rig/control-group.ts';
import { BIN, cleanEnvironment } from '../../rig/supervised.ts';
import { makeTree } from '../../rig/tree.ts';

type Example = { readonly command: string; readonly output: string };

/** The `console` blocks of a page: what is typed behind `$ `, and what is printed. */
function examplesIn(page: string): readonly Example[] {
  const text = readFileSync(new URL(`../../../docs/how-to/${page}`, import.meta.url), 'utf8');
  return [...text.matchAll(/^( *)```console\n([\s\S]*?)^ *```$/gm)].map(([, indent = '', block = '']) => {
    const [first = '', ...output] = block.split('\n').map((line) => line.slice(indent.length));
    return { command: first.replace(/^\$ /, ''), output: output.join('\n') };
  });
}

/** What a command line prints in an empty folder, with k8s-run on the PATH. Its log is not looked at. */
function printed(command: string, prefix: readonly string[] = []): string {
  using tree = makeTree({});
  const bin = join(tree.root, 'bin');
  const cwd = join(tree.root, 'work');
  for (const folder of [bin, cwd]) mkdirSync(folder);
  writeFileSync(join(bin, 'k8s-run'), `#!/bin/sh\nexec "${process.execPath}" "${BIN}" "$@"\n`);
  chmodSync(join(bin, 'k8s-run'), 0o755);
  const env = { ...cleanEnvironment(), PATH: `${bin}:${process.env['PATH']}`, K8S_RUN_HEALTH_PORT: '0' };
  const [program = '', ...args] = [...prefix, 'sh', '-c', command];
  return spawnSync(program, args, { cwd, env, encoding: 'utf8', timeout: 60_000, killSignal: 'SIGKILL' }).stdout;
}

/** Without what differs from machine to machine: times, sizes that were measured, where control groups are. */
function general(text: string): string {
  return text
    .replace(/ *\/sys\/\S+/g, ' FILE')
    .replace(/peak [\d.]+ MiB(, limit [\d.]+ MiB)?/g, 'peak N MiB')
    .replace(/\b(preparing|running|leftovers) [\d.hms]+/g, '$1 T');
}

describe('limits.md', { skip: noControlGroup }, () => {
  for (const { command, output } of examplesIn('limits.md')) {
    test(command, async () => {
      await using group = makeControlGroup({ processors: 1.5, mebibytes: 512 });
      assert.equal(general(printed(command, group.prefix)), general(output));
    });
  }
});

describe('termination-message.md', () => {
  for (const { command, output } of examplesIn('termination-message.md')) {
    test(command, async () => {
      // On cgroup v2 the root of the hierarchy, where this may run, has no peak of memory to tell.
      await using group = noControlGroup === false ? makeControlGroup({}) : null;
      assert.equal(general(printed(command, group?.prefix)), general(output));
    });
  }
});

test('limits.md and termination-message.md have examples', () => {
  assert.ok(examplesIn('limits.md').length >= 2 && examplesIn('termination-message.md').length >= 3);
});
