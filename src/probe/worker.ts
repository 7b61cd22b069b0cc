import type { Standing } from '../lifecycle/state.ts';
import type { Probe, ProbeAnswer } from './answer.ts';

/** When and how often a question is asked, and how many equal answers change the verdict. Times are milliseconds. */
export type ProbeSchedule = {
  readonly period: number;
  readonly timeout: number;
  readonly successThreshold: number;
  readonly failureThreshold: number;
};

export type ProbeWorkerDeps = {
  readonly now: () => number;
  readonly after: (delay: number, call: () => void) => () => void;
  readonly changed: (standing: Standing) => void;
  /** Each question's end, before any threshold; milliseconds since it was asked. */
  readonly answered: (result: ProbeAnswer['kind'] | 'timeout', spent: number) => void;
  /** Something a person should hear; the same words come once. */
  readonly remarked: (remark: string) => void;
  /** The asking itself threw: a fault of this room, contained by whoever listens. */
  readonly faulted: (error: Error) => void;
};

export type ProbeWorker = {
  readonly stop: () => void;
};

/** Until it first passes the app is asked this often, so that a fast app is ready fast … */
const EAGER_PERIOD = 50;
/** … and after a while this often, which a slow app's start can afford. */
const PATIENT_PERIOD = 100;
const PATIENT_AFTER = 5_000;

/** Asks until stopped, one question at a time. Nothing is heard of it after `stop`. */
export function startProbeWorker(
  ask: Probe,
  rhythm: ProbeSchedule,
  initial: Standing,
  tools: ProbeWorkerDeps,
): ProbeWorker {
  const begunAt = tools.now();
  let standing = initial;
  let passes = 0;
  let failures = 0;
  let everPassed = false;
  let broken = '';
  let stopped = false;
  let cancelTimer = (): void => {};
  let abort = (): void => {};
  const remarks = new Set<string>();

  const remark = (text: string): void => {
    if (remarks.has(text)) return;
    remarks.add(text);
    tools.remarked(text);
  };

  const settle = (next: Standing): void => {
    const same =
      next.kind === standing.kind && (next.kind === 'passing' || (standing as typeof next).reason === next.reason);
    if (same) return;
    standing = next;
    tools.changed(next);
  };

  const count = (answer: ProbeAnswer | { readonly kind: 'timeout'; readonly reason: string }): void => {
    if (answer.kind === 'broken') {
      if (answer.reason !== broken) remark(answer.reason);
      broken = answer.reason;
      if (standing.kind === 'pending') settle({ kind: 'pending', cause: 'broken', reason: answer.reason });
      return;
    }
    if ('remark' in answer && answer.remark !== undefined) remark(answer.remark);
    if (answer.kind === 'passed') {
      failures = 0;
      passes += 1;
      everPassed = true;
      if (passes >= rhythm.successThreshold) settle({ kind: 'passing' });
      return;
    }
    passes = 0;
    failures += 1;
    const { kind: cause, reason } = answer;
    if (standing.kind === 'pending') settle({ kind: 'pending', cause, reason });
    else if (failures >= rhythm.failureThreshold) settle({ kind: 'failing', cause, reason });
  };

  const round = async (): Promise<void> => {
    const controller = new AbortController();
    abort = () => controller.abort();
    const startedAt = tools.now();
    let timedOut = false;
    const giveUp = (): void => {
      timedOut = true;
      controller.abort();
      if (stopped) return;
      tools.answered('timeout', rhythm.timeout);
      count({ kind: 'timeout', reason: `no answer within ${rhythm.timeout} ms` });
      // What hangs in the kernel (a dead network disk) cannot be cancelled: it goes on failing, or it would seem well for ever.
      cancelTimer = tools.after(interval(), giveUp);
    };
    cancelTimer = tools.after(rhythm.timeout, giveUp);
    try {
      const answer = await ask(controller.signal);
      if (!stopped && !timedOut) {
        tools.answered(answer.kind, tools.now() - startedAt);
        count(answer);
      }
    } catch (error) {
      if (!stopped) tools.faulted(error as Error);
    }
    cancelTimer();
    if (stopped) return;
    const spent = tools.now() - startedAt;
    cancelTimer = tools.after(Math.max(0, interval() - spent), next);
  };

  const interval = (): number => {
    if (everPassed || standing.kind === 'passing') return rhythm.period;
    const eager = tools.now() - begunAt < PATIENT_AFTER ? EAGER_PERIOD : PATIENT_PERIOD;
    return Math.min(rhythm.period, eager);
  };

  const next = (): void => {
    round().catch((error: Error) => tools.faulted(error));
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
