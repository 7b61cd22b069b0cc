import { clock } from '../clock.ts';
import { openConnection } from './load/request.ts';
import { AppFailed, exitedByItself, neverReady, notStarted } from './pod/app-failure.ts';
import { type Pod, startPod } from './pod/pod.ts';
import { findProbeFailure } from './pod/probe-failure.ts';
import type { PreflightResult } from './results.ts';
import { sleep } from './sleep.ts';
import type { System } from './system.ts';

/** Times in milliseconds. */
export type PreflightPlan = {
  readonly command: (port: number) => readonly string[];
  readonly environment: (port: number) => NodeJS.ProcessEnv;
  readonly port: number;
  readonly path: string;
  readonly readyWithin: number;
};

const LOOK_EVERY = 50;
/** An app whose readiness does not depend on its port may open the port a little later. */
const PORT_WITHIN = 2_000;
const ANSWER_WITHIN = 5_000;

/**
 * Runs the app once under k8s-run, to learn whether it becomes ready, takes its port from the environment and answers HTTP;
 * then kills it. Rejects with AppFailed when the app cannot be rehearsed.
 */
export async function runPreflight(
  plan: PreflightPlan,
  system: System,
  cancelled: AbortSignal,
): Promise<PreflightResult> {
  const begun = clock.now();
  const now = (): number => clock.now() - begun;
  const pod = await startPod(
    {
      ...{ variant: 'k8s-run', name: 'the app', port: plan.port, command: plan.command(plan.port) },
      ...{ environment: plan.environment(plan.port), now, inPidNamespace: false, happened: () => {} },
    },
    system,
  );
  if ('detail' in pod) throw new AppFailed(notStarted(pod.detail));
  try {
    await untilReady(pod, { plan, now }, system, cancelled);
    const timeToReady = now();
    const ports = await untilListening(pod, now, system, cancelled);
    if (pod.hasExited()) throw new AppFailed(exitedByItself(pod, now()));
    if (ports?.length === 0) return { port: { kind: 'none' }, speaksHttp: false, timeToReady };
    // Where its ports cannot be seen the app is taken to follow the convention.
    const takesPort = ports === null || ports.includes(plan.port);
    const port = takesPort ? plan.port : Math.min(...ports);
    const speaksHttp = await answersHttp(port, plan.path, `k8s-run-rehearse/${system.version}`);
    if (pod.hasExited()) throw new AppFailed(exitedByItself(pod, now()));
    return { port: takesPort ? { kind: 'variable' } : { kind: 'fixed', port }, speaksHttp, timeToReady };
  } finally {
    pod.kill();
    await pod.exited;
  }
}

async function untilReady(
  pod: Pod,
  { plan, now }: { readonly plan: PreflightPlan; readonly now: () => number },
  system: System,
  cancelled: AbortSignal,
): Promise<void> {
  for (;;) {
    if (cancelled.aborted) throw new Error('cancelled');
    if (pod.hasExited()) throw new AppFailed(exitedByItself(pod, now()));
    const port = pod.healthPort();
    if (port !== null) {
      const url = new URL(`http://127.0.0.1:${port}/readyz`);
      const environment = plan.environment(plan.port);
      const probe = system.probe({ kind: 'http', url, host: 'loopback', headers: [] }, pod.pid, environment);
      if ((await probe(AbortSignal.any([cancelled]))) === null) return;
    }
    if (now() > plan.readyWithin) {
      const failure = await findProbeFailure(pod, system);
      throw new AppFailed(neverReady(pod, plan.readyWithin, portsOf(pod, system), failure));
    }
    await sleep(LOOK_EVERY, cancelled);
  }
}

/** The ports that the app listens on; null: not known. */
async function untilListening(
  pod: Pod,
  now: () => number,
  system: System,
  cancelled: AbortSignal,
): Promise<readonly number[] | null> {
  let ports = portsOf(pod, system);
  for (const end = now() + PORT_WITHIN; ports?.length === 0 && now() < end && !pod.hasExited(); ) {
    await sleep(LOOK_EVERY, cancelled);
    ports = portsOf(pod, system);
  }
  return ports;
}

function portsOf(pod: Pod, system: System): readonly number[] | null {
  const app = pod.appPid();
  return app === null ? null : system.listeningPorts(app);
}

async function answersHttp(port: number, path: string, agent: string): Promise<boolean> {
  const connection = await openConnection({ port, keepAlive: false, timeout: ANSWER_WITHIN, agent });
  const { status } = await connection.get(path);
  connection.close();
  return status !== null;
}
