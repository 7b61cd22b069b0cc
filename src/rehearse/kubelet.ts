import { clock } from '../clock.ts';
import { type Check, counted, type Health, isAsked, newHealth, type Rule } from './container-health.ts';
import { sleep } from './sleep.ts';

/** Asks once; resolves with whether it passed. When `cancelled` fires it must settle soon. */
export type Question = (cancelled: AbortSignal) => Promise<boolean>;
export type Probes = Readonly<Partial<Record<Check, { readonly rule: Rule; readonly ask: Question }>>>;

/**
 * Probes one container until `over` fires, and tells of each change of its health, the first state included. Every probe has a
 * ticker of its own, as the kubelet's workers have; one that may ask from now on does so at once.
 */
export function watch(probes: Probes, over: AbortSignal, told: (health: Health) => void): void {
  const checks = new Set(Object.keys(probes) as Check[]);
  let health = newHealth(checks);
  told(health);
  let started = Promise.withResolvers<boolean>();
  const begun = clock.now();
  over.addEventListener('abort', () => started.resolve(false), { once: true });

  for (const check of checks) {
    const probe = probes[check];
    if (probe !== undefined) work(check, probe.rule, probe.ask).catch(() => {});
  }

  async function work(check: Check, rule: Rule, ask: Question): Promise<void> {
    if (check !== 'startup' && !health.started) await started.promise;
    await sleep(Math.max(0, begun + rule.initialDelay - clock.now()), over);
    for (let next = clock.now(); !over.aborted && (check !== 'startup' || isAsked(check, health)); ) {
      const passed = await within(ask, rule.timeout, over);
      if (over.aborted) return;
      const before = health;
      health = counted(health, check, passed, rule, checks);
      if (before.started !== health.started) {
        started.resolve(true);
        started = Promise.withResolvers<boolean>();
      }
      if (before.started !== health.started || before.ready !== health.ready || before.live !== health.live)
        told(health);
      next = Math.max(next + rule.period, clock.now());
      await sleep(next - clock.now(), over);
    }
  }
}

/** No answer in time is a failure. */
async function within(ask: Question, timeout: number, over: AbortSignal): Promise<boolean> {
  const cancelled = new AbortController();
  const cancel = (): void => cancelled.abort();
  over.addEventListener('abort', cancel, { once: true });
  const cancelTimer = clock.after(timeout, cancel);
  try {
    return (await ask(cancelled.signal)) && !cancelled.signal.aborted;
  } catch {
    return false;
  } finally {
    cancelTimer();
    over.removeEventListener('abort', cancel);
  }
}

/** What the kubelet does to a container that is to end. Times in milliseconds. */
export type Ending = {
  readonly grace: number;
  /** Runs the preStop hook; it is part of the grace, and cut off with it. */
  readonly preStop: (cancelled: AbortSignal) => Promise<unknown>;
  readonly terminate: () => void;
  readonly kill: () => void;
  readonly exited: Promise<unknown>;
};

/** However long the hook took, a container has this long after its signal: minimumGracePeriodInSeconds of pkg/kubelet/kuberuntime. */
const LEAST_GRACE = 2_000;

/** The hook, SIGTERM to the first process, and SIGKILL to all of it when the time is over (kuberuntime_container.go, killContainer). */
export async function terminate({ grace, preStop, terminate, kill, exited }: Ending): Promise<'exited' | 'killed'> {
  const begun = clock.now();
  const over = new AbortController();
  const gone = exited.then(() => over.abort());
  const hook = new AbortController();
  await Promise.race([preStop(hook.signal).catch(() => {}), sleep(grace, over.signal)]);
  hook.abort();
  terminate();
  const left = Math.max(begun + grace - clock.now(), Math.min(grace, LEAST_GRACE));
  const late = await sleep(left, over.signal);
  if (late) kill();
  await gone;
  return late ? 'killed' : 'exited';
}
