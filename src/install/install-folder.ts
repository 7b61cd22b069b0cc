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
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join, sep } from 'node:path';
import { contentsOf, digestOf, type FolderEntry, LAUNCHER, PARTS } from './folder-contents.ts';

export type InstallRequest = {
  /** The portable folder to copy. */
  readonly source: string;
  /** An absolute path. */
  readonly target: string;
  /** Replace another version. */
  readonly force: boolean;
};

export type InstallResult =
  | { readonly kind: 'copied' | 'same'; readonly files: number; readonly bytes: number }
  /** `damaged`: what was written is not what was read. */
  | { readonly kind: 'refused' | 'damaged'; readonly problem: string };

/** Before the names of temporary folders. Those of an attempt that was killed are removed by the next one. */
const STAGING = '.k8s-run-installing-';
/** The root of a file system of its own has it. */
const OF_FILE_SYSTEM = 'lost+found';
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
    const facts = { files: sizes.length, bytes: sizes.reduce((sum, size) => sum + size, 0) };
    const present = lookAt(target);
    if ('problem' in present) return refused(present.problem);
    if (present.hasLauncher) {
      if (isCopy(source, target, entries)) return { kind: 'same', ...facts };
      if (!request.force)
        return refused(`it has ${present.version}; give --force to replace it, or name another folder`);
    } else if (present.unknown !== null && !request.force)
      return refused(
        `it has ${present.unknown}, but no launcher of k8s-run; give --force to replace it, or name another folder`,
      );
    const staging = stagingIn(target, present.exists);
    // Only now: without any, parts without a launcher would look like someone else's.
    for (const name of present.left) rmSync(join(target, name), { recursive: true, force: true });
    try {
      const problem = copy(source, staging, entries);
      if (problem !== null) return problem;
      put(staging, target, present.exists);
    } finally {
      rmSync(staging, { recursive: true, force: true });
    }
    return { kind: 'copied', ...facts };
  } catch (error) {
    return refused(reasonOf(error));
  }
}

type Present =
  | {
      readonly exists: boolean;
      readonly hasLauncher: boolean;
      readonly version: string;
      /** A part that no attempt of ours is known to have left; null: there is none. */
      readonly unknown: string | null;
      /** The temporary folders of attempts that were killed. */
      readonly left: readonly string[];
    }
  | { readonly problem: string };

/** What is at the target: nothing, an empty folder, or a folder of ours. Anything else is left alone. */
function lookAt(target: string): Present {
  const stat = lstatSync(target, { throwIfNoEntry: false });
  if (stat === undefined) return { exists: false, hasLauncher: false, version: '', unknown: null, left: [] };
  const names = readdirSync(target);
  const foreign = names.find((name) => !PARTS.includes(name) && name !== OF_FILE_SYSTEM && !name.startsWith(STAGING));
  const inBin = names.includes('bin') ? readdirSync(join(target, 'bin')) : [];
  const stranger = foreign ?? inBin.map((name) => `bin/${name}`).find((path) => path !== LAUNCHER);
  if (stranger !== undefined)
    return { problem: `it has ${stranger}, which is no part of k8s-run; name an empty folder or a new one` };
  // An attempt that was killed while it put the parts there has left its temporary folder too.
  const left = names.filter((name) => name.startsWith(STAGING));
  const unknown = names.find((name) => PARTS.includes(name) && !isEmptyFolder(join(target, name)));
  return {
    exists: true,
    hasLauncher: inBin.length > 0,
    version: versionIn(target),
    unknown: left.length > 0 ? null : (unknown ?? null),
    left,
  };
}

function isEmptyFolder(path: string): boolean {
  return lstatSync(path).isDirectory() && readdirSync(path).length === 0;
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

/** The version that the bill of materials of a folder names. */
function versionIn(folder: string): string {
  try {
    const { metadata } = JSON.parse(readFileSync(join(folder, 'sbom.cdx.json'), 'utf8'));
    return `another build, of k8s-run ${metadata.component.version}`;
  } catch {
    return 'another build of k8s-run';
  }
}

/** Whether all files are there with these contents, for every user. */
function isCopy(source: string, target: string, entries: readonly FolderEntry[]): boolean {
  const wanted = new Map(entries.map((entry) => [entry.path, entry]));
  const found = contentsOf(target);
  return (
    found.length === entries.length &&
    found.every((entry) => {
      const other = wanted.get(entry.path);
      if (JSON.stringify(other) !== JSON.stringify(entry)) return false;
      const file = join(target, entry.path);
      if (entry.kind === 'link') return true;
      if ((lstatSync(file).mode & 0o777) !== modeOf(entry)) return false;
      return entry.kind === 'folder' || digestOf(file) === digestOf(join(source, entry.path));
    })
  );
}

/** Beside a target that does not exist yet; inside one that does, because a mount point cannot be renamed. */
function stagingIn(target: string, exists: boolean): string {
  if (exists) return mkdtempSync(join(target, STAGING));
  const parent = dirname(target);
  const first = mkdirSync(parent, { recursive: true });
  // Explicitly, because of the umask.
  for (let made = parent; first !== undefined && made.length >= first.length; made = dirname(made))
    chmodSync(made, EVERYONE.folder);
  return mkdtempSync(join(parent, `${STAGING}${basename(target)}-`));
}

function copy(source: string, staging: string, entries: readonly FolderEntry[]): InstallResult | null {
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

function put(staging: string, target: string, exists: boolean): void {
  if (!exists) {
    renameSync(staging, target);
    return;
  }
  const old = join(staging, 'old');
  mkdirSync(old);
  // The launcher leaves first and comes last, so that nothing starts from a mixture.
  for (const part of PARTS.toReversed()) {
    if (lstatSync(join(target, part), { throwIfNoEntry: false }) !== undefined)
      renameSync(join(target, part), join(old, part));
  }
  for (const part of PARTS) {
    if (lstatSync(join(staging, part), { throwIfNoEntry: false }) !== undefined)
      renameSync(join(staging, part), join(target, part));
  }
}

function refused(problem: string): InstallResult {
  return { kind: 'refused', problem };
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'this user may not write it; mount a volume that it may write, such as an emptyDir',
  EPERM: 'this user may not write it; mount a volume that it may write, such as an emptyDir',
  EROFS: 'its file system is read-only; mount a volume there, such as an emptyDir',
  ENOSPC: 'there is no space left; the folder takes about 124 MB, in an emptyDir of medium Memory as memory',
  EDQUOT: 'the quota is used up; the folder takes about 124 MB',
  ENOTDIR: 'a part of its path is no folder',
};

function reasonOf(error: unknown): string {
  const { code = '', path = '', message } = error as NodeJS.ErrnoException;
  const reason = REASONS[code];
  return reason === undefined ? message : path === '' ? reason : `${path}: ${reason}`;
}
