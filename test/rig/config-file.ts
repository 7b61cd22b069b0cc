import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config, GivenOption, ResolvedConfig } from '../../src/config/config.ts';
import { readConfig } from '../../src/config/resolve.ts';

export type TemporaryFile = AsyncDisposable & { readonly path: string };

/** A temporary file in a new folder. Disposing removes both. */
export async function temporaryFile(text: string | Uint8Array, name = 'k8s-run.yaml'): Promise<TemporaryFile> {
  const folder = await mkdtemp(join(tmpdir(), 'k8s-run-file-'));
  const path = join(folder, name);
  await writeFile(path, text);
  return { path, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}

/** The configuration from a file with this text. In mistakes and warnings its path is replaced by F. */
export async function parse(
  text: string | Uint8Array,
  flags: readonly GivenOption[] = [],
  environment: Readonly<Record<string, string>> = {},
): Promise<ResolvedConfig> {
  await using file = await temporaryFile(text);
  const parsed = await readConfig([...flags, { key: 'config', source: '--config', text: file.path }], environment);
  return renamed(parsed, file.path);
}

function renamed(parsed: ResolvedConfig, path: string): ResolvedConfig {
  const plain = (text: string): string => text.replaceAll(path, 'F');
  const warnings = parsed.warnings.map(plain);
  if ('ok' in parsed) return { ...parsed, warnings };
  return { ...parsed, mistakes: parsed.mistakes.map(({ kind, text }) => ({ kind, text: plain(text) })), warnings };
}

export async function configOf(...given: Parameters<typeof parse>): Promise<Config> {
  const parsed = await parse(...given);
  assert.ok('ok' in parsed, JSON.stringify(parsed));
  return parsed.ok;
}

export async function mistakesOf(...given: Parameters<typeof parse>): Promise<readonly string[]> {
  const parsed = await parse(...given);
  assert.ok('mistakes' in parsed, 'there are no mistakes');
  return parsed.mistakes.map(({ text }) => text);
}
