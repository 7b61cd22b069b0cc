import type { Exit } from '../lifecycle/state.ts';
import { loadFfi } from '../linux/ffi.ts';
import { adoptChildren, endAdopted, isAdopted } from './adopted-children.ts';

/**
 * Waits for orphans that were reparented to k8s-run: as PID 1 all orphans of the container, elsewhere those of the app, by
 * PR_SET_CHILD_SUBREAPER (prctl(2)). libuv waits only for processes that it spawned, so without this they stay zombies.
 *
 * The system calls are made through node:ffi. They are tested before they are used.
 */
export type WaitidReaper = {
  /** Waits for every orphan and every adopted child that has exited. To be called at each SIGCHLD. */
  readonly reap: () => void;
};

export type WaitidReaperDeps = {
  /** Whether libuv spawned this process. It waits for it itself, and would lose the exit status otherwise. */
  readonly isOurs: (pid: number) => boolean;
  readonly reaped: (pid: number, exit: Exit) => void;
  readonly after: (delay: number, call: () => void) => void;
};

/** linux/prctl.h, linux/wait.h, asm-generic/siginfo.h: the same numbers on every architecture that Node runs on. */
const PR_SET_CHILD_SUBREAPER = 36;
const P_ALL = 0;
const P_PID = 1;
const WNOHANG = 1;
const WEXITED = 4;
const WNOWAIT = 0x0100_0000;
const CLD_EXITED = 1;
/** Byte offsets in siginfo_t of a SIGCHLD on 64-bit Linux: si_code, si_pid and si_status. */
const SI_CODE = 8;
const SI_PID = 16;
const SI_STATUS = 24;
const SIGINFO_SIZE = 128;

/** Orphans per turn of the event loop, so that signals and probes are handled while thousands exit. */
const BATCH = 256;
/** Milliseconds. By then libuv has waited for its own child, which hid the orphans behind it. */
const LOOK_AGAIN = 1;

/** Opens the reaper, which from now on waits for the children of Node as well; `missing`: why there is none. */
export function openWaitidReaper(deps: WaitidReaperDeps): WaitidReaper | { readonly missing: string } {
  const ffi = loadFfi();
  if ('missing' in ffi) return ffi;
  const siginfo = Buffer.alloc(SIGINFO_SIZE);
  let waitid: (type: number, id: number, info: bigint, options: number) => number;
  try {
    const pointer = ffi.getRawPointer(siginfo);
    const { functions } = ffi.dlopen(null, {
      prctl: { arguments: ['i32', 'u64', 'u64', 'u64', 'u64'], return: 'i32' },
      waitid: { arguments: ['i32', 'i32', 'pointer', 'i32'], return: 'i32' },
    });
    waitid = functions.waitid;
    // A process is not its own child, so this must fail with -1; else the function is not waitid(2).
    if (waitid(P_PID, process.pid, pointer, WEXITED | WNOHANG | WNOWAIT) !== -1)
      return { missing: 'waitid failed its test' };
    if (process.pid !== 1 && functions.prctl(PR_SET_CHILD_SUBREAPER, 1n, 0n, 0n, 0n) !== 0) {
      return { missing: 'prctl(PR_SET_CHILD_SUBREAPER) is not allowed' };
    }
    adoptChildren();
    return { reap: () => reap(pointer) };
  } catch (error) {
    return { missing: `node:ffi does not work: ${(error as Error).message}` };
  }

  function reap(pointer: bigint): void {
    for (let count = 0; count < BATCH; count += 1) {
      siginfo.fill(0);
      if (waitid(P_ALL, 0, pointer, WEXITED | WNOHANG | WNOWAIT) !== 0) return;
      const pid = siginfo.readInt32LE(SI_PID);
      if (pid === 0) return;
      if (!isAdopted(pid) && deps.isOurs(pid)) {
        deps.after(LOOK_AGAIN, () => reap(pointer));
        return;
      }
      // It is an orphan or was adopted, so now it is waited for, by its pid.
      siginfo.fill(0);
      if (waitid(P_PID, pid, pointer, WEXITED | WNOHANG) !== 0) return;
      const status = siginfo.readInt32LE(SI_STATUS);
      const exited = siginfo.readInt32LE(SI_CODE) === CLD_EXITED;
      const exit: Exit = exited ? { kind: 'code', code: status } : { kind: 'signal', signal: status };
      if (!endAdopted(pid, exit)) deps.reaped(pid, exit);
    }
    deps.after(0, () => reap(pointer));
  }
}
