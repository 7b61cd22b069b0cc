import {
  accessSync,
  chmodSync,
  closeSync,
  constants,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join, sep } from 'node:path';
import { type InstallFailure, reasonOf, refused } from './failure.ts';
import { contentsOf, digestOf, type FolderEntry, LAUNCHER } from './folder-contents.ts';
import { besides, lookAt, STAGING } from './look-at.ts';
import { put, REPLACED } from './put.ts';

export type InstallRequest = {
  /** The portable folder to copy. */
  readonly source: string;
  /** An absolute path. */
  readonly target: string;
  /** Replace another version. */
  readonly force: boolean;
};

export type InstallResult =
  /** `mended`: of a copy of this version, the path that was not as it should be, and is now; null: there was none. */
  | {
      readonly kind: 'copied' | 'same';
      readonly files: number;
      readonly bytes: number;
      readonly mended: string | null;
    }
  | InstallFailure;

const EVERYONE = { folder: 0o755, executable: 0o755, file: 0o644 };

/**
 * Copies the portable folder so that it is there as a whole or not at all: into a temporary folder of the same file system,
 * which is compared with the source and then renamed; in a folder that exists, such as a mounted volume, part by part, with
 * the launcher last.
 */
export function installFolder(request: InstallRequest): InstallResult {
  const { source, target } = request;
  try {
    const [from, to] = [realPathOf(source), realPathOf(target)];
    if (`${to}${sep}`.startsWith(`${from}${sep}`) || `${from}${sep}`.startsWith(`${to}${sep}`))
      return refused(`it is in ${source}, or around it, which is the folder to copy; name another one`);
    const entries = contentsOf(source);
    const sizes = entries.flatMap((entry) => (entry.kind === 'file' ? [entry.size] : []));
    const facts = { files: sizes.length, bytes: sizes.reduce((sum, size) => sum + size, 0), mended: null };
    const present = lookAt(source, target);
    if ('problem' in present) return refused(present.problem);
    const { exists, left, unknown } = present;
    const damage = present.hasLauncher || present.isThisVersion ? differenceIn(source, target, entries) : null;
    if (present.hasLauncher && damage === null) {
      removeQuietly(left);
      return { kind: 'same', ...facts };
    }
    if (!present.isThisVersion && !request.force) {
      if (present.hasLauncher)
        return refused(`it has ${present.version}; give --force to replace it, or name another folder`);
      if (unknown !== null)
        return refused(
          `it has ${unknown}, but no launcher of k8s-run; give --force to replace it, or name another folder`,
        );
    }
    const staging = stagingIn(target, exists);
    for (const folder of left) emptyStaging(folder);
    let problem: InstallFailure | null = null;
    try {
      problem = copy(source, staging, entries) ?? put(staging, target, exists);
    } finally {
      // What could not be put back is in it.
      if (problem?.kind !== 'torn') rmSync(staging, { recursive: true, force: true });
    }
    if (problem !== null) return problem;
    removeQuietly(left);
    return { kind: 'copied', ...facts, mended: present.isThisVersion ? damage : null };
  } catch (error) {
    return refused(reasonOf(error));
  }
}

/**
 * Removes the unfinished copy of an attempt that was killed. The folder itself, with what was there before, goes only when another
 * copy is in its place: without it, parts without a launcher would look like someone else's.
 */
function emptyStaging(folder: string): void {
  for (const name of readdirSync(folder))
    if (name !== REPLACED) rmSync(join(folder, name), { recursive: true, force: true });
}

/** For a folder that is good without: this user may have no right to remove it. */
function removeQuietly(folders: readonly string[]): void {
  for (const folder of folders) {
    try {
      rmSync(folder, { recursive: true, force: true });
    } catch {
      // It takes space, and harms nothing else.
    }
  }
}

/** The path without symbolic links, as far as it exists. */
function realPathOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(realPathOf(parent), basename(path));
  }
}

/** The first path that is not there as it should be, with its contents and for every user, or should not be there; null: there is none. */
function differenceIn(source: string, target: string, entries: readonly FolderEntry[]): string | null {
  const found = new Map(contentsOf(target).map((entry) => [entry.path, entry]));
  const wanted = new Set(entries.map(({ path }) => path));
  const different = entries.find((entry) => {
    const { path } = entry;
    if (JSON.stringify(found.get(path)) !== JSON.stringify(entry)) return true;
    if (entry.kind === 'link') return false;
    const file = join(target, path);
    if ((lstatSync(file).mode & 0o777) !== modeOf(entry)) return true;
    return entry.kind === 'file' && digestOf(file) !== digestOf(join(source, path));
  });
  return different?.path ?? [...found.keys()].find((path) => !wanted.has(path)) ?? null;
}

/** Beside a target that does not exist yet; inside one that does, because a mount point cannot be renamed. */
function stagingIn(target: string, exists: boolean): string {
  if (exists) return mkdtempSync(join(target, STAGING));
  const parent = dirname(target);
  const first = mkdirSync(parent, { recursive: true });
  // Explicitly, because of the umask.
  for (let made = parent; first !== undefined && made.length >= first.length; made = dirname(made))
    chmodSync(made, EVERYONE.folder);
  return mkdtempSync(join(parent, besides(target)));
}

function copy(source: string, staging: string, entries: readonly FolderEntry[]): InstallFailure | null {
  for (const entry of entries) {
    const [from, to] = [join(source, entry.path), join(staging, entry.path)];
    if (entry.kind === 'folder') mkdirSync(to);
    else if (entry.kind === 'link') symlinkSync(entry.target, to);
    else if (copyFile(from, to) !== digestOf(to))
      return { kind: 'damaged', problem: `${entry.path} is not what was written; look at the disk and the memory` };
    if (entry.kind === 'link') continue;
    // Explicitly, because of the umask.
    chmodSync(to, modeOf(entry));
    if (entry.kind === 'file') utimesSync(to, 0, 0);
  }
  chmodSync(staging, EVERYONE.folder);
  return isExecutable(join(staging, LAUNCHER)) ? null : refused(NOEXEC);
}

const NOEXEC =
  'k8s-run could not be executed there: the file system is mounted noexec, or a security profile forbids it; use a volume without noexec, such as an emptyDir';

/** access(2) refuses X_OK, to root too, where the file system is mounted noexec. */
function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Returns the digest of what was read. */
function copyFile(from: string, to: string): string {
  const fd = openSync(to, 'wx');
  try {
    return digestOf(from, (chunk) => {
      for (let done = 0; done < chunk.length; ) done += writeSync(fd, chunk, done);
    });
  } finally {
    closeSync(fd);
  }
}

function modeOf(entry: Exclude<FolderEntry, { readonly kind: 'link' }>): number {
  return entry.kind === 'folder' ? EVERYONE.folder : entry.executable ? EVERYONE.executable : EVERYONE.file;
}
