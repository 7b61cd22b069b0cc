import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type TemporaryFile = AsyncDisposable & { readonly path: string };

/** A file of the test's own, in a folder of its own. */
export async function temporaryFile(text: string | Uint8Array, name = 'k8s-run.yaml'): Promise<TemporaryFile> {
  const folder = await mkdtemp(join(tmpdir(), 'k8s-run-file-'));
  const path = join(folder, name);
  await writeFile(path, text);
  return { path, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}
