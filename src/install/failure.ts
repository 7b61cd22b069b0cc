/** Why a folder is not installed. */
export type InstallFailure = {
  /** `damaged`: what was written is not what was read. `torn`: what was there could not be put back. */
  readonly kind: 'refused' | 'damaged' | 'torn';
  readonly problem: string;
};

export function refused(problem: string): InstallFailure {
  return { kind: 'refused', problem };
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'this user may not write it; mount a volume that it may write, such as an emptyDir',
  EPERM: 'this user may not write it; mount a volume that it may write, such as an emptyDir',
  EROFS: 'its file system is read-only; mount a volume there, such as an emptyDir',
  ENOSPC: 'there is no space left; the folder takes about 124 MB, in an emptyDir of medium Memory as memory',
  EDQUOT: 'the quota is used up; the folder takes about 124 MB',
  ENOTDIR: 'a part of its path is no folder',
  ENOENT: 'a symbolic link in its path leads nowhere, or something else has removed it meanwhile',
  EBUSY: 'something is mounted there; unmount it, or name another folder',
  EXDEV:
    'it is in a layer of an image, where folders cannot be renamed, or something is mounted there; name another folder',
};

export function reasonOf(error: unknown): string {
  const { code = '', path = '', message } = error as NodeJS.ErrnoException;
  const reason = REASONS[code];
  return reason === undefined ? message : path === '' ? reason : `${path}: ${reason}`;
}
