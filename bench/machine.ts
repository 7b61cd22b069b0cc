import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os';
import { ABSENT, versions } from './peers.ts';

/** Facts of the machine that a reader needs to compare figures. */
export function machine(): Readonly<Record<string, string>> {
  return {
    processor: `${cpus()[0]?.model.trim() ?? 'unknown'}, ${availableParallelism()} cores`,
    memory: `${(totalmem() / 2 ** 30).toFixed(1)} GiB`,
    kernel: `Linux ${/^\d+(\.\d+)*/.exec(release())?.[0] ?? release()}, ${process.arch}`,
    system: /^PRETTY_NAME="?(.*?)"?$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'unknown',
    node: process.version,
    others: versions().join(', '),
    'not measured': ABSENT.map(({ name, reason }) => `${name}: ${reason}`).join('; ') || 'none',
    'load average at the start': loadavg()[0]?.toFixed(2) ?? 'unknown',
  };
}
