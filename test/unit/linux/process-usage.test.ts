import assert from 'node:assert/strict';
import { test } from 'node:test';
import { descriptorsOf, parseUsage, usageOf, usageOfApp } from '../../../src/linux/process-usage.ts';

const STATUS = 'Name:\tnode\nVmRSS:\t    2048 kB\nRssAnon:\t    1024 kB\n';
/** A program may have any name; the fields of proc_pid_stat(5) follow it: state 3, utime 14 … */
const STAT = '7 (a) b (1 2) S 1 7 7 0 -1 4194560 1 2 3 4 150 50 100 25 20 0 11 0 900 1 2';

test('the time of exited children, the threads and the memory are read', () => {
  assert.deepEqual(parseUsage(STAT, STATUS), {
    processes: 1,
    threads: 11,
    userSeconds: 2.5,
    systemSeconds: 0.75,
    residentBytes: 2_097_152,
    anonymousBytes: 1_048_576,
  });
});

test('a zombie has its time and no memory; a process that is gone has neither', () => {
  const zombie = parseUsage(STAT.replace(' S ', ' Z '), 'Name:\tnode\nState:\tZ (zombie)\n');
  assert.deepEqual([zombie.userSeconds, zombie.residentBytes, zombie.anonymousBytes], [2.5, 0, 0]);
  const gone = parseUsage('', '');
  assert.deepEqual([gone.processes, gone.userSeconds, gone.threads], [0, 0, 0]);
});

test('for a pid without a process nothing is read, and nothing throws', () => {
  const unusedPid = 2 ** 22 + 1;
  assert.equal(usageOfApp(unusedPid), null);
  assert.equal(usageOf(unusedPid).processes, 0);
  assert.deepEqual(descriptorsOf(unusedPid), { open: null, max: null });
});

test('the usage of this process is read', () => {
  assert.equal(usageOf('self').processes, 1);
  assert.ok((usageOfApp(process.pid)?.residentBytes ?? 0) > 1e6);
  const { open, max } = descriptorsOf('self');
  assert.ok((open ?? 0) > 3 && (max ?? 0) >= (open ?? 0), `${open} of ${max}`);
});
