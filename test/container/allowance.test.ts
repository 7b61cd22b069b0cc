import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Found, parseAllowance } from '../../src/container/allowance.ts';

/** A cgroup by its files, under the names of its version. */
function cgroup(version: 1 | 2, files: Readonly<Record<string, string>>): ReturnType<typeof parseAllowance> {
  return parseAllowance((file): Found | null => {
    const text = files[version === 2 ? file.v2 : file.v1];
    return text === undefined ? null : { version, text };
  });
}

const NOTHING = {
  memoryLimitBytes: null,
  memoryUsageBytes: null,
  memoryWorkingSetBytes: null,
  memoryPeakBytes: null,
  oomKills: null,
  cpuLimitCores: null,
  cpuUsageSeconds: null,
  cpuPeriods: null,
  cpuThrottledPeriods: null,
  cpuThrottledSeconds: null,
  pids: null,
  pidsLimit: null,
};

test('version 2', () => {
  const files = {
    'memory.max': '536870912\n',
    'memory.current': '300\n',
    'memory.peak': '400\n',
    'memory.stat': 'anon 100\ninactive_file 50\nactive_file 20\n',
    'memory.events': 'low 0\noom 3\noom_kill 2\noom_group_kill 0\n',
    'cpu.max': '150000 100000\n',
    'cpu.stat':
      'usage_usec 2500000\nuser_usec 1\nsystem_usec 1\nnr_periods 10\nnr_throttled 4\nthrottled_usec 1500000\n',
    'pids.current': '7\n',
    'pids.max': '100\n',
  };
  assert.deepEqual(cgroup(2, files), {
    memoryLimitBytes: 536_870_912,
    memoryUsageBytes: 300,
    memoryWorkingSetBytes: 250,
    memoryPeakBytes: 400,
    oomKills: 2,
    cpuLimitCores: 1.5,
    cpuUsageSeconds: 2.5,
    cpuPeriods: 10,
    cpuThrottledPeriods: 4,
    cpuThrottledSeconds: 1.5,
    pids: 7,
    pidsLimit: 100,
  });
});

test('version 1', () => {
  const files = {
    'memory.limit_in_bytes': '536870912\n',
    'memory.usage_in_bytes': '300\n',
    'memory.max_usage_in_bytes': '400\n',
    'memory.stat': 'inactive_file 1\ntotal_inactive_file 50\n',
    'memory.oom_control': 'oom_kill_disable 0\nunder_oom 0\noom_kill 2\n',
    'cpu.cfs_quota_us': '50000\n',
    'cpu.cfs_period_us': '100000\n',
    'cpuacct.usage': '2500000000\n',
    'cpu.stat': 'nr_periods 10\nnr_throttled 4\nthrottled_time 1500000000\n',
    'pids.current': '7\n',
    'pids.max': 'max\n',
  };
  assert.deepEqual(cgroup(1, files), {
    memoryLimitBytes: 536_870_912,
    memoryUsageBytes: 300,
    memoryWorkingSetBytes: 250,
    memoryPeakBytes: 400,
    oomKills: 2,
    cpuLimitCores: 0.5,
    cpuUsageSeconds: 2.5,
    cpuPeriods: 10,
    cpuThrottledPeriods: 4,
    cpuThrottledSeconds: 1.5,
    pids: 7,
    pidsLimit: null,
  });
});

test('without limits there are none, rather than an absurd number', () => {
  const two = cgroup(2, { 'memory.max': 'max\n', 'cpu.max': 'max 100000\n', 'pids.max': 'max\n' });
  assert.deepEqual(two, NOTHING);
  const one = cgroup(1, {
    'memory.limit_in_bytes': '9223372036854771712\n',
    'cpu.cfs_quota_us': '-1\n',
    'cpu.cfs_period_us': '100000\n',
  });
  assert.deepEqual(one, NOTHING);
});

test('a missing controller, an empty file and garbage are not told', () => {
  assert.deepEqual(cgroup(2, {}), NOTHING);
  for (const text of ['', '\n', 'garbage', '-5', '1e400', '\0\xff', '100000 0', 'nr_periods -1\nusage_usec x\n']) {
    const names = ['memory.max', 'memory.current', 'memory.peak', 'memory.stat', 'cpu.max', 'cpu.stat', 'pids.max'];
    assert.deepEqual(cgroup(2, Object.fromEntries(names.map((name) => [name, text]))), NOTHING, JSON.stringify(text));
  }
});
