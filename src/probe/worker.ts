import type { Standing } from '../lifecycle/state.ts';
import type { Probe, ProbeAnswer, ProbeResult } from './answer.ts';
import type { ProbeSchedule } from './schedule.ts';

/** What a worker runs. `initial`: the standing before its first result. */
export type ProbeJob = { readonly probe: Probe; readonly schedule: ProbeSchedule; readonly initial: Standing };

export type ProbeWorkerDeps = {
  readonly now: () => number;
  readonly after: (delay: number, call: () => void) => () => void;
  readonly changed: (standing: Standing) => void;
  /** The result of each probe, before any threshold, and the milliseconds that it took. */
  /** `reason`: why it has not passed. */
  readonly probed: (result: ProbeResult, milliseconds: number, reason: string | null) => void;
  /** A sentence for the log; the same one comes once. */
  readonly remarked: (remark: string) => void;
  /** The probe itself threw: a fault of this room. */
  readonly faulted: (error: Error) => void;
};

export type ProbeWorker = {
  /** Cancels the probe in flight. No callback is called after it. */
  readonly stop: () => void;
};

/** Milliseconds. Until its first success a probe runs this often, so that an app that starts at once is soon ready … */
const STARTUP_PERIOD = 50;
/** … after SLOW_STARTUP_AFTER this often, which is soon enough for an app that starts slowly … */
const SLOW_STARTUP_PERIOD = 100;
const SLOW_STARTUP_AFTER = 1_000;
/** … and after this long at its period, because a standby, or a worker without a port, may never pass. */
const STARTUP_IS_OVER = 10_000;
/** A command that has not passed yet rests this many times what it took, so that it cannot slow the start that it waits for. */
const COMMAND_REST = 10;

/** Probes until it is stopped, with one probe in flight at a time. */
export function startProbeWorker({ probe, schedule, initial }: ProbeJob, deps: ProbeWorkerDeps): ProbeWorker {
  const startedAt = deps.now();
  let standing = initial;
  let successes = 0;
  let failures = 0;
  let everPassed = false;
  let proberError = '';
  let stopped = false;
  let cancelTimer = (): void => {};
  let abort = (): void => {};
  const remarks = new Set<string>();

  const remark = (text: string): void => {
    if (remarks.has(text)) return;
    remarks.add(text);
    deps.remarked(text);
  };

  const setStanding = (next: Standing): void => {
    const same =
      next.kind === standing.kind && (next.kind === 'passing' || (standing as typeof next).reason === next.reason);
    if (same) return;
    standing = next;
    deps.changed(next);
  };

  const apply = (answer: ProbeAnswer | { readonly kind: 'timeout'; readonly reason: string }): void => {
    if (answer.kind === 'broken') {
      if (answer.reason !== proberError) remark(answer.reason);
      proberError = answer.reason;
      if (standing.kind === 'pending') setStanding({ kind: 'pending', cause: 'broken', reason: answer.reason });
      return;
    }
    if ('remark' in answer && answer.remark !== undefined) remark(answer.remark);
    if (answer.kind === 'passed') {
      failures = 0;
      successes += 1;
      everPassed = true;
      if (successes >= schedule.successThreshold)
        setStanding({ kind: 'passing', ...(answer.ports && { ports: answer.ports }) });
      return;
    }
    successes = 0;
    failures += 1;
    const { kind: cause, reason } = answer;
    if (standing.kind === 'pending') setStanding({ kind: 'pending', cause, reason });
    else if (failures >= schedule.failureThreshold) setStanding({ kind: 'failing', cause, reason });
  };

  const probeOnce = async (): Promise<void> => {
    const controller = new AbortController();
    abort = () => controller.abort();
    const begunAt = deps.now();
    let timedOut = false;
    const giveUp = (): void => {
      timedOut = true;
      controller.abort();
      if (stopped) return;
      const reason = `no answer within ${schedule.timeout} ms`;
      deps.probed('timeout', schedule.timeout, reason);
      apply({ kind: 'timeout', reason });
      // A probe that hangs in the kernel (a dead network disk) cannot be cancelled. It fails again at each period; else it would
      // pass forever.
      cancelTimer = deps.after(interval(), giveUp);
    };
    cancelTimer = deps.after(schedule.timeout, giveUp);
    try {
      const answer = await probe(controller.signal);
      if (!stopped && !timedOut) {
        deps.probed(answer.kind, deps.now() - begunAt, 'reason' in answer ? answer.reason : null);
        apply(answer);
      }
    } catch (error) {
      if (!stopped) deps.faulted(error as Error);
    }
    cancelTimer();
    if (stopped) return;
    const took = deps.now() - begunAt;
    const rest = schedule.runsCommand && isStarting() ? COMMAND_REST * took : 0;
    cancelTimer = deps.after(Math.max(rest, interval() - took, 0), next);
  };

  const isStarting = (): boolean => !everPassed && standing.kind !== 'passing';

  const interval = (): number => {
    const age = deps.now() - startedAt;
    if (!isStarting() || schedule.runsCommand || age >= STARTUP_IS_OVER) return schedule.period;
    return Math.min(schedule.period, age < SLOW_STARTUP_AFTER ? STARTUP_PERIOD : SLOW_STARTUP_PERIOD);
  };

  const next = (): void => {
    probeOnce().catch((error: Error) => deps.faulted(error));
  };
  next();

  return {
    stop() {
      stopped = true;
      cancelTimer();
      abort();
    },
  };
}
