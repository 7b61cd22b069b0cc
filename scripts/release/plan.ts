import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Arch } from '../../bundle/runtime.ts';

export const ROOT: string = new URL('../../', import.meta.url).pathname;
export const ARCHES: readonly Arch[] = ['x64', 'arm64'];

/** What all parts of a release are made from. */
export type Plan = {
  readonly version: string;
  /** Of the commit, and of every file in the archives, in seconds since 1970: SOURCE_DATE_EPOCH. */
  readonly epoch: number;
  /** The commit, by its full hash. */
  readonly commit: string;
  /** The folder that gets the artefacts. */
  readonly out: string;
  /** A folder for what is in the making. */
  readonly scratch: string;
  /** The portable folder of each architecture. */
  readonly folders: Readonly<Record<Arch, string>>;
  /** Archives are made with the strongest compression, or with the fastest, for tests. */
  readonly fast: boolean;
  /** The image that the image over Node is made from. */
  readonly nodeImage: string;
};

/** One file of a release. `check` proves that it can be used, and returns how; it throws the reason if it cannot. */
export type Artefact = { readonly name: string; readonly check: () => string };

/** A part that cannot be made on this machine, with the reason as a sentence. */
export type Gap = { readonly missing: string };

/** Of package.json. */
export function currentVersion(): string {
  return (JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8')) as { version: string }).version;
}

/** Runs a program and returns its stdout. Throws with its stderr if it fails. */
export function run(
  program: string,
  words: readonly string[],
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {},
): string {
  return execFileSync(program, words, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 2 ** 28,
    ...options,
  });
}
