import { chmodSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { removeAbandoned } from './put-in-place.ts';

/**
 * Returns `folder`, which `fill` has filled once. It appears when it is complete. Of several processes that fill it at the same time the
 * first one's is kept.
 */
export function keptFolder(folder: string, fill: (making: string) => void): string {
  if (existsSync(folder)) return folder;
  mkdirSync(dirname(folder), { recursive: true });
  removeAbandoned(folder);
  const making = mkdtempSync(`${folder}.making-`);
  try {
    fill(making);
    chmodSync(making, 0o755);
    renameSync(making, folder);
  } catch (error) {
    // rename(2) does not replace a folder that has files.
    if (!existsSync(folder)) throw error;
  } finally {
    rmSync(making, { recursive: true, force: true });
  }
  return folder;
}
