import type { ChildProcess } from 'node:child_process';
import { constants } from 'node:os';
import { type Cancel, clock } from '../clock.ts';
import { presentDomain } from '../fault-domain.ts';
import type { Exit } from '../lifecycle/state.ts';

/** What node:child_process keeps of a process (lib/internal/child_process.js), as far as it is needed here. */
type Handle = { readonly onexit?: (code: number, signal: string) => void; readonly close?: () => void };

/** `inDomain` runs a call in the fault domain in which the child was spawned. */
type Noted = { readonly child: ChildProcess; readonly inDomain: (call: () => void) => void };

/** Children that libuv waits for, by pid. */
const waitedForByLibuv = new Map<number, Noted>();
const adopted = new Map<number, (exit: Exit) => void>();
let adopts = false;
let stopWaiting: Cancel | null = null;

/**
 * A child was spawned. Node reports a death by a real-time signal as exit code 0, because it has no name for it. So where
 * k8s-run can wait for its children itself, libuv is made to forget them, and `exit` is emitted with what waitid(2) says.
 */
export function noteChild(child: ChildProcess): void {
  const { pid } = child;
  if (pid === undefined) return;
  const noted: Noted = { child, inDomain: presentDomain() };
  waitedForByLibuv.set(pid, noted);
  child.once('exit', () => waitedForByLibuv.delete(pid));
  if (adopts) adopt(pid, noted);
}

/** From now on `endAdopted` is called with each child that has exited. */
export function adoptChildren(): void {
  adopts = true;
  for (const [pid, noted] of waitedForByLibuv) adopt(pid, noted);
}

export const isAdopted = (pid: number): boolean => adopted.has(pid);

/** Emits the `exit` of an adopted child that was waited for. False: it is none. */
export function endAdopted(pid: number, exit: Exit): boolean {
  const ended = adopted.get(pid);
  if (ended === undefined) return false;
  adopted.delete(pid);
  if (adopted.size === 0) {
    stopWaiting?.();
    stopWaiting = null;
  }
  ended(exit);
  return true;
}

function adopt(pid: number, { child, inDomain }: Noted): void {
  const handle = (child as unknown as { readonly _handle?: Handle | null })._handle;
  const { onexit, close } = handle ?? {};
  // A Node whose internals are different keeps waiting for its children.
  if (handle === null || handle === undefined || typeof onexit !== 'function' || typeof close !== 'function') return;
  close.call(handle);
  waitedForByLibuv.delete(pid);
  // The handle kept the event loop alive.
  stopWaiting ??= clock.after(Number.POSITIVE_INFINITY, () => {});
  adopted.set(pid, (exit) =>
    inDomain(() =>
      onexit.call(handle, exit.kind === 'code' ? exit.code : 0, exit.kind === 'code' ? '' : nameOf(exit.signal)),
    ),
  );
}

/** The name that Node gives it; `SIG35` for a real-time signal. */
function nameOf(signal: number): string {
  for (const [name, number] of Object.entries(constants.signals)) if (number === signal) return name;
  return `SIG${signal}`;
}
