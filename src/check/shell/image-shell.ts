import type { ShellName } from '../shell-script.ts';

/** What `sh` is in the images of distributions, as their names and tags show it. */
const SHELLS: readonly (readonly [image: RegExp, shell: ShellName])[] = [
  [/alpine|busybox/, 'busybox'],
  [/debian|ubuntu|-slim|trixie|bookworm|bullseye|buster|stretch|noble|jammy|focal|bionic|xenial/, 'dash'],
  [
    /\bubi\d|\bubi-|centos|rockylinux|almalinux|fedora|oraclelinux|amazonlinux|photon|suse|archlinux|rhel|-ol\d/,
    'bash',
  ],
];
/** Where the image does not show it. */
const ANY: readonly ShellName[] = ['dash', 'busybox', 'bash'];

/** Which shells a shell of this name may be in a container of this image. */
export function shellsNamed(shell: ShellName, image: string): readonly ShellName[] {
  if (shell !== 'sh') return [shell];
  // Not the registry, nor the digest.
  const name = image.replace(/@.*$/s, '').replace(/^[^/]*[.:][^/]*\//, '');
  const found = SHELLS.find(([pattern]) => pattern.test(name));
  return found === undefined ? ANY : [found[1]];
}
