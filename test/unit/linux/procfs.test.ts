import assert from 'node:assert/strict';
import { test } from 'node:test';
import { descendantsOf, type ProcessStat, parseStat, readStat } from '../../../src/linux/procfs.ts';

/** A line of /proc/pid/stat as Linux 6.1 prints it, with the given name. */
const lineOf = (program: string): string =>
  `4242 (${program}) S 17 4240 4200 34816 4240 4194304 1181 0 0 0 3 1 0 0 20 0 11 0 987654 1094340608 11723 18446744073709551615 1 1 0 0 0 0 0 4096 17922 0 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 0\n`;

test('the fields of a process are read whatever its name contains', () => {
  for (const program of ['node', 'my app', 'a) S 1 (b', ')', '(sd-pam)', '((', '', 'R 1 1']) {
    assert.deepEqual(parseStat(lineOf(program)), {
      pid: 4242,
      program,
      state: 'S',
      parent: 17,
      group: 4240,
      session: 4200,
      terminal: 34816,
    });
  }
});

test('text that does not have the form of /proc/<pid>/stat is no process', () => {
  for (const text of ['', '1 (a', '1 (a)', '1 (a) S 1 1', ')1 (', 'no such thing']) {
    assert.equal(parseStat(text), null, JSON.stringify(text));
  }
});

test('the /proc/<pid>/stat of this process is read', () => {
  const own = readStat('self');
  assert.equal(own?.pid, process.pid);
  assert.equal(own.parent, process.ppid);
  assert.equal(readStat(2 ** 30), null);
});

const stat = (pid: number, parent: number): ProcessStat => ({
  pid,
  parent,
  program: 'x',
  state: 'S',
  group: pid,
  session: pid,
  terminal: 0,
});

test('descendants are found at any depth, each once, after the root', () => {
  const processes = [stat(1, 0), stat(30, 20), stat(10, 1), stat(20, 10), stat(21, 10), stat(99, 1), stat(31, 30)];
  assert.deepEqual(
    descendantsOf(10, processes).map(({ pid }) => pid),
    [10, 20, 21, 30, 31],
  );
  assert.deepEqual(descendantsOf(5, processes), []);
});

test('a list that was read while pids were reused, with a cycle in it, does not loop forever', () => {
  const processes = [stat(10, 20), stat(20, 10)];
  assert.deepEqual(
    descendantsOf(10, processes).map(({ pid }) => pid),
    [10, 20],
  );
});
