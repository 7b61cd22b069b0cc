import { access } from 'node:fs';
import type { Probe } from './answer.ts';

/** Passes when the file exists; a folder on its way that may not be searched is the prober's own trouble. */
export function fileProbe(path: string): Probe {
  return () =>
    new Promise((resolve) => {
      access(path, (error) => {
        if (error === null) resolve({ kind: 'passed' });
        else if (error.code === 'ENOENT' || error.code === 'ENOTDIR') {
          resolve({ kind: 'failed', reason: `${path} does not exist` });
        } else resolve({ kind: 'broken', reason: `cannot look for ${path}: ${error.code}` });
      });
    });
}
