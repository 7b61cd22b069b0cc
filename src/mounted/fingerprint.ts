import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { keysIn } from './folder.ts';

/** Larger files are told apart by size, time and inode; to read them at every change would not be small any more. */
const READ_UP_TO = 4 * 1024 * 1024;

/**
 * What a path holds, in a few bytes: equal as long as the content is. A folder counts with the files in it (a mounted
 * ConfigMap or Secret), not with folders below. null: it is not there, or may not be read, which is no change by itself.
 */
export function fingerprint(path: string): string | null {
  try {
    const hash = createHash('sha256');
    if (!statSync(path).isDirectory()) return hash.update(contentOf(path)).digest('base64');
    for (const key of keysIn(path)) {
      const content = 'problem' in key ? key.problem : key.bytes;
      hash.update(`${Buffer.byteLength(key.name)}:${key.name}${content.length}:`).update(content);
    }
    return hash.digest('base64');
  } catch {
    return null;
  }
}

function contentOf(path: string): Buffer | string {
  const { size, mtimeMs, ino } = statSync(path);
  return size > READ_UP_TO ? `${size} ${mtimeMs} ${ino}` : readFileSync(path);
}
