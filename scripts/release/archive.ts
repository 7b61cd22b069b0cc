import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { arch as here } from 'node:process';
import { runtimeCommand } from '../../bundle/program.ts';
import type { Arch } from '../../bundle/runtime.ts';
import { type Artefact, type Plan, run } from './plan.ts';

/** zstd's output does not depend on the number of threads, as long as it is not --single-thread. */
const ZSTD = { best: ['-19', '-T0'], fast: ['-3', '-T0'] } as const;
const GZIP = { best: ['-9', '-n'], fast: ['-1', '-n'] } as const;

/** Packs `path` as tar, so that the same content gives the same bytes: sorted, owned by 0, as old as the commit. */
export function tarOf(path: string, into: string, epoch: number, members: readonly string[] = [basename(path)]): void {
  const words = ['--format=gnu', '--sort=name', `--mtime=@${epoch}`, '--owner=0', '--group=0', '--numeric-owner'];
  const folder = members.includes(basename(path)) ? dirname(path) : path;
  run('tar', [...words, '-C', folder, '-cf', into, ...members]);
}

/** The portable folder as .tar.zst, which is smaller, and as .tar.gz, which every tar and krew can read. */
export function makeArchives(plan: Plan, arch: Arch): readonly Artefact[] {
  const level = plan.fast ? 'fast' : 'best';
  const tar = `${plan.scratch}/k8s-run-${plan.version}-linux-${arch}.tar`;
  tarOf(plan.folders[arch], tar, plan.epoch);
  const names = [`${basename(tar)}.zst`, `${basename(tar)}.gz`] as const;
  run('zstd', [...ZSTD[level], '--quiet', '--force', tar, '-o', `${plan.out}/${names[0]}`]);
  run('sh', [
    '-c',
    'out=$1; shift; exec gzip "$@" >"$out"',
    'sh',
    `${plan.out}/${names[1]}`,
    ...GZIP[level],
    '-c',
    tar,
  ]);
  rmSync(tar);
  return names.map((name) => ({ name, check: () => checkArchive(plan, arch, name) }));
}

function checkArchive(plan: Plan, arch: Arch, name: string): string {
  const folder = unpack(plan, `${plan.out}/${name}`);
  try {
    return checkFolder(`${folder}/k8s-run`, arch, plan.version);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Unpacks an archive by tar alone into a folder of its own. */
export function unpack(plan: Plan, archive: string): string {
  const folder = `${plan.scratch}/unpacked-${basename(archive)}`;
  rmSync(folder, { recursive: true, force: true });
  run('mkdir', ['-p', folder]);
  run('tar', ['-C', folder, '-xf', archive]);
  return folder;
}

/** Runs the k8s-run of a folder; one for another architecture by qemu, without its launcher, which qemu alone cannot go on from. */
export function checkFolder(folder: string, arch: Arch, version: string): string {
  for (const part of ['licenses/README.txt', 'sbom.cdx.json'])
    if (!existsSync(`${folder}/${part}`)) throw new Error(`${folder} has no ${part}`);
  const [program = '', ...words] =
    arch === here
      ? [`${folder}/bin/k8s-run`]
      : [...runtimeCommand(folder, arch), `${folder}/lib/program/bin/k8s-run.js`];
  return saysVersion(program, words, version) + (arch === here ? '' : ' by qemu');
}

/** Runs `--version`, and compares. */
export function saysVersion(program: string, words: readonly string[], version: string): string {
  const said = run(program, [...words, '--version'], { env: { PATH: process.env['PATH'] } }).trim();
  if (said !== version) throw new Error(`${basename(program)} --version says ${said}, not ${version}`);
  return 'unpacked, runs';
}

/** Writes a file whose text is given. */
export function writeText(plan: Plan, name: string, text: string): void {
  writeFileSync(`${plan.out}/${name}`, text);
}
