import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os';
import { ABSENT, INSTALLED } from './contenders.ts';

/** What a reader must know of the machine to compare it with another. */
export function machine(): Readonly<Record<string, string>> {
  return {
    processor: `${cpus()[0]?.model.trim() ?? 'unknown'}, ${availableParallelism()} cores`,
    memory: `${(totalmem() / 2 ** 30).toFixed(1)} GiB`,
    kernel: `Linux ${/^\d+(\.\d+)*/.exec(release())?.[0] ?? release()}, ${process.arch}`,
    system: /^PRETTY_NAME="?(.*?)"?$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'unknown',
    node: process.version,
    inits: [...INSTALLED.map(({ name }) => versionOf(name)), ...ABSENT.map((name) => `${name} not installed`)].join(
      ', ',
    ),
    'load when it began': loadavg()[0]?.toFixed(2) ?? 'unknown',
  };
}

function versionOf(program: string): string {
  const { stdout, stderr } = spawnSync(program, ['--version'], { encoding: 'utf8' });
  const version = /\d+\.\d+(\.\d+)?/.exec(stdout + stderr)?.[0] ?? '';
  return `${program} ${version}`.trim();
}
