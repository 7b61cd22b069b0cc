import { posix } from 'node:path';
import type { Config } from '../config/config.ts';
import type { MountedFolder } from './manifest-input.ts';
import { isInside } from './volumes.ts';

/**
 * The folders that --env-dir and --watch read, each once. `programs`: what the container starts. A folder that cannot be a mount, or
 * whose mount would hide what the image has there, is a mistake.
 */
export function mountsOf(
  { envDir, watch }: Pick<Config, 'envDir' | 'watch'>,
  programs: readonly string[],
): { readonly mounts: readonly MountedFolder[]; readonly mistakes: readonly string[] } {
  const options = new Map<string, string[]>();
  const mistakes: string[] = [];
  const wanted = [
    ...envDir.map((path) => ({ option: `--env-dir ${path}`, path })),
    ...watch.map((path) => ({ option: `--watch ${path}`, path: folderOf(path) })),
  ];
  for (const { option, path: written } of wanted) {
    const path = posix.normalize(written).replace(/(?<=.)\/$/, '');
    const problem = problemOf(path, programs);
    if (problem === null) options.set(path, [...(options.get(path) ?? []), option]);
    else mistakes.push(`cannot use ${option} in a manifest: ${problem}`);
  }
  const paths = [...options.keys()];
  // What is inside of another folder comes with it.
  const mounts = paths
    .filter((path) => !paths.some((other) => other !== path && isInside(path, other)))
    .map((path) => ({
      path,
      options: paths.filter((other) => isInside(other, path)).flatMap((other) => options.get(other) ?? []),
    }));
  return { mounts, mistakes };
}

/** A file is watched in the folder that is mounted, because the kubelet never updates a file that is mounted by itself (subPath). */
function folderOf(path: string): string {
  return /\.[^./]+$/.test(path) ? posix.dirname(path) : path;
}

/** Folders of every image. Under the last three everything is the kernel's. */
const OF_THE_IMAGE =
  /^\/((bin|boot|etc|home|lib\w*|opt|root|run|sbin|srv|usr|var)?|usr\/\w+|var\/\w+|(dev|proc|sys)(\/.*)?)$/;

function problemOf(path: string, programs: readonly string[]): string | null {
  if (!path.startsWith('/')) return 'a mount needs an absolute path; write /etc/config';
  if (path.includes(':') || /\p{Cc}/u.test(path)) return 'a mount takes no ":" and no control characters in its path';
  if (OF_THE_IMAGE.test(path) && path !== '/var/run')
    return `a mount would hide what the image has in ${path}; use a folder of its own, such as /etc/config`;
  const hidden = programs.find((program) => isInside(program, path));
  return hidden === undefined ? null : `a mount would hide ${hidden}; use a folder of its own, such as /etc/config`;
}
