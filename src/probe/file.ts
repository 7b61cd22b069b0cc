import { access } from 'node:fs/promises';
import type { Ask } from './probe.ts';

/** Passes when the file exists; a folder it lies in that may not be searched is the prober's own trouble. */
export function askFile(path: string): Ask {
  return async () => {
    try {
      await access(path);
      return { kind: 'passed' };
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' || code === 'ENOTDIR') return { kind: 'failed', reason: `${path} does not exist` };
      return { kind: 'broken', reason: `cannot look for ${path}: ${code}` };
    }
  };
}
