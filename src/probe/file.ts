import { access } from 'node:fs';
import type { Probe } from './answer.ts';

/** Passes when the file exists. A folder of its path that may not be searched is an error of the prober. */
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
