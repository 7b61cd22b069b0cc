import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Where a program is, or null. */
export function whereIs(program: string): string | null {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return join(folder, program);
    } catch {
      // The next one.
    }
  }
  return null;
}

export const isInstalled = (program: string): boolean => whereIs(program) !== null;

/** What dpkg knows of a package, field by field; null where it is not installed, or there is no dpkg. */
export function debianPackage(name: string): ((field: string) => string) | null {
  const { status, stdout } = spawnSync('dpkg-query', ['--status', name], { encoding: 'utf8' });
  if (status !== 0 || !/^Status: .* installed$/m.test(stdout)) return null;
  return (field) => new RegExp(`^${field}: (.*)$`, 'm').exec(stdout)?.[1] ?? '';
}

/** As upstream counts them; empty where Debian does not have it. */
export function packagedVersion(debian: string): string {
  const version = debianPackage(debian)?.('Version') ?? '';
  return version.replace(/^\d+:/, '').replace(/-[^-]*$/, '');
}
