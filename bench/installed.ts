import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The path of a program in PATH, or null. */
export function whereIs(program: string): string | null {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return join(folder, program);
    } catch {
      // Not here; try the next folder.
    }
  }
  return null;
}

export const isInstalled = (program: string): boolean => whereIs(program) !== null;

/** Reads fields of an installed Debian package from dpkg-query(1); null when it is not installed or dpkg is missing. */
export function debianPackage(name: string): ((field: string) => string) | null {
  const { status, stdout } = spawnSync('dpkg-query', ['--status', name], { encoding: 'utf8' });
  if (status !== 0 || !/^Status: .* installed$/m.test(stdout)) return null;
  return (field) => new RegExp(`^${field}: (.*)$`, 'm').exec(stdout)?.[1] ?? '';
}

/** The upstream version, without epoch and Debian revision; empty when the package is not installed. */
export function packagedVersion(debian: string): string {
  const version = debianPackage(debian)?.('Version') ?? '';
  return version.replace(/^\d+:/, '').replace(/-[^-]*$/, '');
}
