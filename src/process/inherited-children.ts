import { ownChildren } from '../linux/procfs.ts';

/**
 * Children that k8s-run was executed with, as `worker & exec k8s-run -- app` in a shell makes them: no descendants of the app
 * and no orphans that came to us, so they are left alone, with all they start. Each is reaped when it ends.
 */
const present = new Set<number>();
export const inheritedChildren: ReadonlySet<number> = present;

/** Before the first process of ours is started. */
export function noteInheritedChildren(): void {
  for (const pid of ownChildren()) present.add(pid);
}

/** It was waited for, so its number may be another's from now on. */
export function forgetInheritedChild(pid: number): void {
  present.delete(pid);
}
