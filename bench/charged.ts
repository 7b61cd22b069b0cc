import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { chargedTo, makeGroup, memoryLimit } from './cgroup.ts';
import { APP, freePort } from './contenders.ts';
import { DEFAULT, HTTP, IDLERS } from './idle.ts';
import type { Comparison, Measure, Samples } from './measure.ts';
import { start, wait } from './processes.ts';

const TITLE = 'Memory as a cgroup counts it';
const CACHE = new URL('../node_modules/.cache/k8s-run-bench/', import.meta.url).pathname;
const SETTLE = 14_000;
const MIB = 2 ** 20;

/** `cold`: the runtime's file is not in the page cache yet. `limit` is in bytes. */
type Setting = { readonly name: string; readonly cold: boolean; readonly limit: number | null };
const SETTINGS: readonly Setting[] = [
  { name: 'one more of the same image layer', cold: false, limit: null },
  { name: 'first of its image layer', cold: true, limit: null },
  { name: 'first, limit 64 MiB', cold: true, limit: 64 * MIB },
  { name: 'first, limit 32 MiB', cold: true, limit: 32 * MIB },
];
const KINDS: readonly string[] = ['bare node', DEFAULT, HTTP, 'tini'];

/** The memory that a pod is charged for its supervisor. */
export const charged: Measure = {
  name: 'charged',
  async run(effort, progress) {
    const rounds = effort === 'full' ? 3 : 1;
    const usage = new Map<string, number[]>();
    const workingSet = new Map<string, number[]>();
    for (let round = 1; round <= rounds; round += 1) {
      for (const setting of SETTINGS) {
        for (const kind of KINDS) {
          const seen = await once(kind, setting);
          if ('missing' in seen) return [{ kind: 'omission', title: TITLE, reason: seen.missing }];
          const row = `${kind}: ${setting.name}`;
          usage.set(row, [...(usage.get(row) ?? []), seen.usage]);
          workingSet.set(row, [...(workingSet.get(row) ?? []), seen.workingSet]);
          progress(`${round} of ${rounds}, ${row}`);
        }
      }
    }
    return [
      result(
        'usage',
        'All memory charged: private memory, kernel memory, and the pages of files that the group read first, even if others ' +
          'use them later. One more pod of the same image layer therefore costs the node the rows "one more"; the first ' +
          'of a layer is also charged the page cache of the runtime, which the kernel reclaims when memory is short, as ' +
          'under the limits.',
        usage,
      ),
      result(
        'working set',
        'The same without the inactive page cache: the figure that `kubectl top` shows and by which the kubelet evicts.',
        workingSet,
      ),
    ];
  },
};

function result(what: string, meaning: string, rows: ReadonlyMap<string, readonly number[]>): Comparison {
  const method =
    `The supervisor runs in its own memory cgroup, its app in another; read ${SETTLE / 1000} s after the start. "One ` +
    'more": the runtime is already in the page cache. "First": the runtime is a copy that has not been read yet.';
  return {
    kind: 'comparison',
    title: `${TITLE}: ${what}`,
    method: `${method} ${meaning}`,
    unit: 'MiB',
    yardstick: null,
    rows: [...rows].map(([name, values]): Samples => ({ name, values })),
    targets: [],
  };
}

async function once(
  kind: string,
  { cold, limit }: Setting,
): Promise<ReturnType<typeof chargedTo> | { missing: string }> {
  const idler = IDLERS.find(({ name }) => name === kind);
  if (idler === undefined) return { usage: Number.NaN, workingSet: Number.NaN };
  const group = makeGroup('memory', memoryLimit(limit));
  if ('missing' in group) return group;
  await using _group = group;
  using runtime = cold ? unreadCopy() : null;
  const port = await freePort();
  const app = group.outside([process.execPath, APP, String(port)]);
  const command = idler.contender(port).starting(app);
  // `env node` in the shebangs then finds the copy.
  const path = runtime === null ? [] : ['env', `PATH=${runtime.folder}:${process.env['PATH'] ?? ''}`];
  await using started = start(group.inside([...path, ...command]), 'ignore');
  await wait(SETTLE);
  const { exitCode, signalCode } = started.child;
  if (exitCode !== null || signalCode !== null) throw new Error(`${kind} ended early with a limit of ${limit} bytes`);
  return chargedTo(group);
}

/** A copy of Node on disk, dropped from the page cache, like a layer that was just pulled. */
function unreadCopy(): Disposable & { readonly folder: string } {
  mkdirSync(CACHE, { recursive: true });
  const folder = mkdtempSync(join(CACHE, 'layer-'));
  const file = join(folder, 'node');
  copyFileSync(process.execPath, file);
  // posix_fadvise(2) with POSIX_FADV_DONTNEED; it keeps pages that are not written to disk yet, hence fdatasync.
  spawnSync('dd', [`of=${file}`, 'oflag=nocache', 'conv=notrunc,fdatasync', 'count=0'], { stdio: 'ignore' });
  spawnSync('dd', [`if=${file}`, 'iflag=nocache', 'count=0'], { stdio: 'ignore' });
  return { folder, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}
