import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A temporary folder for the contenders' files, removed when the bench exits. */
let root: string | null = null;

/** A new empty folder. */
export function folder(name: string): string {
  if (root === null) {
    const made = mkdtempSync(join(tmpdir(), 'k8s-run-bench-'));
    root = made;
    process.on('exit', () => rmSync(made, { recursive: true, force: true }));
  }
  return mkdtempSync(join(root, `${name}-`));
}

/** Writes an executable shell script and returns its path. */
export function script(path: string, ...lines: readonly string[]): string {
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, ['#!/bin/sh', ...lines, ''].join('\n'));
  chmodSync(path, 0o755);
  return path;
}

export function quoted(words: readonly string[]): string {
  return words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
}
