import { chmodSync, copyFileSync, cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { BIN } from './supervised.ts';

/** A copy of Node and the package. Disposing removes it. */
export type ReadableCopy = Disposable & { readonly node: string; readonly bin: string; readonly cwd: string };

/** For a k8s-run with another uid, which may not be able to read the checkout and the node in it. */
export function readableCopy(): ReadableCopy {
  const cwd = mkdtempSync(join(tmpdir(), 'readable-'));
  const node = join(cwd, 'node');
  copyFileSync(process.execPath, node);
  for (const part of ['package.json', 'bin', 'dist'])
    cpSync(join(dirname(BIN), '..', part), join(cwd, part), { recursive: true });
  chmodSync(cwd, 0o755);
  return { node, bin: join(cwd, 'bin/k8s-run.js'), cwd, [Symbol.dispose]: () => rmSync(cwd, { recursive: true }) };
}
