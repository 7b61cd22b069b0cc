import { chmodSync, copyFileSync, cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { BIN } from './supervised.ts';

/** Node and the package, as a start takes them. Disposing removes them. */
export type ReadableCopy = Disposable & { readonly node: string; readonly bin: string; readonly cwd: string };

/** For a k8s-run of another user: the checkout, and the node in it, may be in a folder that is closed to others. */
export function readableCopy(): ReadableCopy {
  const cwd = mkdtempSync(join(tmpdir(), 'readable-'));
  const node = join(cwd, 'node');
  copyFileSync(process.execPath, node);
  for (const part of ['package.json', 'bin', 'dist'])
    cpSync(join(dirname(BIN), '..', part), join(cwd, part), { recursive: true });
  chmodSync(cwd, 0o755);
  return { node, bin: join(cwd, 'bin/k8s-run.js'), cwd, [Symbol.dispose]: () => rmSync(cwd, { recursive: true }) };
}
