import { clock } from '../clock.ts';
import {
  type ContainerHealth,
  initialHealth,
  isProbed,
  type KubeletProbe,
  type ProbeRule,
  withResult,
} from './container-health.ts';
import { sleep } from './sleep.ts';

/** Probes once; resolves with whether it passed. Settles soon after `cancelled` fires. */
export type ProbeOnce = (cancelled: AbortSignal) => Promise<boolean>;
export type ContainerProbes = Readonly<
  Partial<Record<KubeletProbe, { readonly rule: ProbeRule; readonly probe: ProbeOnce }>>
>;

/**
 * Probes one container until `over` fires, and calls `changed` for each change of its health, the initial one included. Each
 * probe has a ticker of its own, as each has a worker in the kubelet, and begins at once when it may.
 */
export function probeContainer(
  probes: ContainerProbes,
  over: AbortSignal,
  changed: (health: ContainerHealth) => void,
): void {
  const names = new Set(Object.keys(probes) as KubeletProbe[]);
  let health = initialHealth(names);
  changed(health);
  let started = Promise.withResolvers<boolean>();
  const begun = clock.now();
  over.addEventListener('abort', () => started.resolve(false), { once: true });

  for (const name of names) {
    const probe = probes[name];
    if (probe !== undefined) work(name, probe.rule, probe.probe).catch(() => {});
  }

  async function work(name: KubeletProbe, rule: ProbeRule, probe: ProbeOnce): Promise<void> {
    if (name !== 'startup' && !health.started) await started.promise;
    await sleep(Math.max(0, begun + rule.initialDelay - clock.now()), over);
    for (let next = clock.now(); !over.aborted && (name !== 'startup' || isProbed(name, health)); ) {
      const passed = await passesWithin(rule.timeout, probe, over);
      if (over.aborted) return;
      const before = health;
      health = withResult(health, { probe: name, passed, rule }, names);
      if (before.started !== health.started) {
        started.resolve(true);
        started = Promise.withResolvers<boolean>();
      }
      if (before.started !== health.started || before.ready !== health.ready || before.live !== health.live)
        changed(health);
      next = Math.max(next + rule.period, clock.now());
      await sleep(next - clock.now(), over);
    }
  }
}

/** A time-out is a failure. */
async function passesWithin(timeout: number, probe: ProbeOnce, over: AbortSignal): Promise<boolean> {
  const cancelled = new AbortController();
  const cancel = (): void => cancelled.abort();
  over.addEventListener('abort', cancel, { once: true });
  const cancelTimer = clock.after(timeout, cancel);
  try {
    return (await probe(cancelled.signal)) && !cancelled.signal.aborted;
  } catch {
    return false;
  } finally {
    cancelTimer();
    over.removeEventListener('abort', cancel);
  }
}

/** How the kubelet terminates one container. Times in milliseconds. */
export type ContainerTermination = {
  readonly grace: number;
  /** Runs the preStop hook. Its time is part of the grace, and it is cut off at the end of the grace. */
  readonly preStop: (cancelled: AbortSignal) => Promise<unknown>;
  readonly terminate: () => void;
  readonly kill: () => void;
  readonly exited: Promise<unknown>;
};

/** However long the hook took, the container has this long after SIGTERM: minimumGracePeriodInSeconds of pkg/kubelet/kuberuntime. */
const LEAST_GRACE = 2_000;

/** The hook, SIGTERM to the first process, and SIGKILL at the end of the grace (kuberuntime_container.go, killContainer). */
export async function terminateContainer({
  grace,
  preStop,
  terminate,
  kill,
  exited,
}: ContainerTermination): Promise<'exited' | 'killed'> {
  const begun = clock.now();
  const over = new AbortController();
  const gone = exited.then(() => over.abort());
  const hook = new AbortController();
  await Promise.race([preStop(hook.signal).catch(() => {}), sleep(grace, over.signal)]);
  hook.abort();
  terminate();
  const left = Math.max(begun + grace - clock.now(), Math.min(grace, LEAST_GRACE));
  const isLate = await sleep(left, over.signal);
  if (isLate) kill();
  await gone;
  return isLate ? 'killed' : 'exited';
}
