import { readdirSync, readlinkSync } from 'node:fs';

/** The sockets that a process has open, by inode, each with its descriptor; null: they may not be read. */
export function socketsOf(pid: number): ReadonlyMap<string, number> | null {
  let descriptors: string[];
  try {
    descriptors = readdirSync(`/proc/${pid}/fd`);
  } catch (error) {
    return isGone(error) ? new Map() : null;
  }
  const inodes = new Map<string, number>();
  for (const descriptor of descriptors) {
    const target = readDescriptor(pid, Number(descriptor));
    if (target === 'forbidden') return null;
    if (target?.startsWith('socket:[')) inodes.set(target.slice(8, -1), Number(descriptor));
  }
  return inodes;
}

/** Whether a descriptor still is the same socket. */
export function holdsSocket(pid: number, descriptor: number, inode: string): boolean {
  return readDescriptor(pid, descriptor) === `socket:[${inode}]`;
}

/** null: the process or the descriptor is gone. */
function readDescriptor(pid: number, descriptor: number): string | 'forbidden' | null {
  try {
    return readlinkSync(`/proc/${pid}/fd/${descriptor}`);
  } catch (error) {
    return isGone(error) ? null : 'forbidden';
  }
}

function isGone(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'ENOENT' || code === 'ESRCH';
}
