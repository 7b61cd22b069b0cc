import { childrenOf } from '../linux/procfs.ts';

/**
 * Children that existed when k8s-run was executed, such as the worker of `worker & exec k8s-run -- app` in a shell. They are
 * neither descendants of the app nor orphans, so they and their descendants are left alone. Each is reaped when it exits.
 */
const present = new Set<number>();
export const inheritedChildren: ReadonlySet<number> = present;

/** Called before k8s-run starts its first process. */
export function noteInheritedChildren(): void {
  for (const pid of childrenOf(process.pid)) present.add(pid);
}

/** The child was reaped, so its pid may be reused. */
export function forgetInheritedChild(pid: number): void {
  present.delete(pid);
}
