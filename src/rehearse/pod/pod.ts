import { constants } from 'node:os';
import { clock } from '../../clock.ts';
import type { KubeletProbe } from '../container-health.ts';
import type { Variant } from '../results.ts';
import { sleep } from '../sleep.ts';
import type { System } from '../system.ts';
import { readLine } from './log-line.ts';
import { newPodTimeline, type PodTimeline, type SignalHandling } from './pod-timeline.ts';
import type { ProbeFailure } from './probe-failure.ts';
import { followSupervisorLog } from './supervisor-log.ts';

/** The processes that stand for a pod: the app, and k8s-run in front of it. */
export type Pod = {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly pid: number;
  readonly timeline: PodTimeline;
  /** The app's own process; null: there is none yet. */
  readonly appPid: () => number | null;
  /** The port of the health server of its k8s-run; null: not known yet. */
  readonly healthPort: () => number | null;
  readonly exited: Promise<void>;
  readonly hasExited: () => boolean;
  /** SIGTERM to the container's first process, as the kubelet sends it. */
  readonly terminate: () => void;
  readonly kill: () => void;
  /** Why its k8s-run could not start the app; null: it could. */
  readonly startError: () => string | null;
  /** The kubelet's probes that failed the last time. */
  readonly probeFailures: Map<KubeletProbe, ProbeFailure>;
  /** The last lines that the app printed. */
  readonly lastOutput: () => readonly string[];
};

export type PodPlan = {
  readonly variant: Variant;
  readonly name: string;
  readonly port: number;
  readonly command: readonly string[];
  /** Whether the command starts the app as PID 1 of a new namespace: then the app is a child of the started process. */
  readonly inPidNamespace: boolean;
  readonly environment: NodeJS.ProcessEnv;
  /** Milliseconds since the run began. */
  readonly now: () => number;
  /** Something worth showing happened to the pod. */
  readonly happened: (pod: string, what: string) => void;
};

const { SIGTERM } = constants.signals;
/** The share of its time after which an app that still listens is taken to go on. */
const MOST_OF_GRACE = 0.8;
/** Enough of the output to see why an app exited. */
const LAST_LINES = 12;
const LONGEST_LINE = 300;
/** Milliseconds between two looks for the first process of a namespace. */
const LOOK_EVERY = 20;

type Handling = ReturnType<System['signalHandling']>;

/** In milliseconds: how often to look for the open port, as a share of the time so far, and the limits of that. */
const LOOK_SHARE = 0.1;
const [LOOK_LEAST, LOOK_MOST] = [4, 100];

/** Calls once when the port is open. Returns how to stop looking. */
function whenListening(isListening: () => boolean | null, call: () => void): () => void {
  const begun = clock.now();
  let cancel = (): void => {};
  const look = (): void => {
    if (isListening() === true) call();
    else cancel = clock.after(Math.min(LOOK_MOST, Math.max(LOOK_LEAST, (clock.now() - begun) * LOOK_SHARE)), look);
  };
  look();
  return () => cancel();
}

/** Starts a pod, or says why it cannot be started. */
export async function startPod(plan: PodPlan, system: System): Promise<Pod | { readonly detail: string }> {
  const { variant, now } = plan;
  const timeline = newPodTimeline(plan.name, plan.port);
  const output: string[] = [];
  let hasExited = false;
  const happened = (what: string): void => plan.happened(plan.name, what);

  let handlingBefore: Handling = null;
  const numberOf = (signal: string): number => (constants.signals as Readonly<Record<string, number>>)[signal] ?? 0;
  const handlingOf = (signal: string): SignalHandling | null => {
    const app = appPid();
    return app === null ? null : (system.signalHandling(app)?.(numberOf(signal)) ?? null);
  };
  const stopping = (signal: string, timeLeft: number): void => {
    // When k8s-run says so the handler may be gone, because the signal was the first one, or be there only since the deletion.
    const found = [handlingBefore?.(numberOf(signal)) ?? null, handlingOf(signal)];
    timeline.handling = found.includes('caught') ? 'caught' : (found[0] ?? found[1] ?? null);
    clock.after(timeLeft * MOST_OF_GRACE, noteWhetherItGoesOn);
  };
  const noteWhetherItGoesOn = (): void => {
    if (timeline.signal === null || timeline.appExited !== null) return;
    timeline.keptListening = system.isListening(plan.port);
    if (timeline.handling === 'caught' && handlingOf(timeline.signal) === 'default') timeline.handling = 'caught once';
  };
  const log = followSupervisorLog(timeline, { now, stopping }, system.killGuard);
  const printed = (line: string): void => {
    const { logged, own } = variant === 'k8s-run' ? readLine(line) : { logged: null, own: line };
    const news = logged === null ? null : log.read(logged);
    if (news !== null) happened(news);
    if (own.trim() === '') return;
    output.push(own.slice(0, LONGEST_LINE));
    if (output.length > LAST_LINES) output.shift();
  };

  const started = await system.startProcess(plan.command, plan.environment, printed);
  if ('detail' in started) return started;
  const { pid } = started;
  timeline.started = now();
  if (variant !== 'k8s-run') timeline.appStarted = timeline.started;
  const stopLooking = whenListening(
    () => system.isListening(plan.port),
    () => {
      timeline.listening = now();
    },
  );
  system.killGuard.add(pid);
  const appPid = (): number | null => {
    if (variant === 'k8s-run') return log.appPid();
    return plan.inPidNamespace ? system.firstChildOf(pid) : pid;
  };
  const exited = started.exited.then((exit) => {
    hasExited = true;
    stopLooking();
    system.killGuard.remove(pid);
    timeline.exited = now();
    timeline.appExited ??= timeline.exited;
    timeline.exitCode = exit.kind === 'code' ? exit.code : 128 + exit.signal;
    happened(`exited with code ${timeline.exitCode}`);
  });
  // A signal before the first process of the namespace is there would end the one that makes the namespace.
  while (plan.inPidNamespace && !hasExited && appPid() === null) await sleep(LOOK_EVERY);
  return {
    ...{ name: plan.name, host: '127.0.0.1', port: plan.port, pid, timeline, appPid, exited },
    ...{ healthPort: log.healthPort, startError: log.startError },
    hasExited: () => hasExited,
    probeFailures: new Map(),
    lastOutput: () => output,
    terminate() {
      if (hasExited) return;
      const app = appPid();
      handlingBefore = app === null ? null : system.signalHandling(app);
      if (variant === 'k8s-run') {
        started.signal(SIGTERM);
        return;
      }
      timeline.signalled = now();
      timeline.signal = 'SIGTERM';
      timeline.handling = handlingBefore?.(SIGTERM) ?? null;
      happened('the app gets SIGTERM');
      // PID 1 gets only the signals that it has a handler for (pid_namespaces(7)); without a namespace that is imitated.
      if (plan.inPidNamespace && app !== null) system.sendSignal(app, SIGTERM);
      else if (variant !== 'alone' || timeline.handling !== 'default') started.signal(SIGTERM);
    },
    kill() {
      noteWhetherItGoesOn();
      started.kill();
      const app = log.appPid();
      if (variant === 'k8s-run' && app !== null && timeline.appExited === null) system.killGroup(app);
    },
  };
}
