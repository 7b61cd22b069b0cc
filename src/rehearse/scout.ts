import { clock } from '../clock.ts';
import type { Scouted } from './facts.ts';
import { openLine } from './load/request.ts';
import type { Environment, Outside } from './outside.ts';
import { type Pod, startPod } from './pod.ts';
import { refusalOf } from './refusal.ts';
import { sleep } from './sleep.ts';
import { Broken, endedEarly, neverReady, notStarted } from './trouble.ts';

export type ScoutPlan = {
  readonly words: (port: number) => readonly string[];
  readonly environment: (port: number) => Environment;
  readonly port: number;
  readonly path: string;
  readonly readyWithin: number;
};

const LOOK_EVERY = 50;
/** One that is ready by another probe than its port may open that a little later. */
const PORT_WITHIN = 2_000;
const ANSWER_WITHIN = 5_000;

/**
 * Runs the app once under k8s-run, to see whether it becomes ready, takes its port from the environment, and speaks HTTP. Rejects
 * with Broken when it cannot be rehearsed at all. It is killed when it has shown that.
 */
export async function scout(plan: ScoutPlan, outside: Outside, cancelled: AbortSignal): Promise<Scouted> {
  const { port, readyWithin } = plan;
  const begun = clock.now();
  const now = (): number => clock.now() - begun;
  const environment = plan.environment(port);
  const pod = await startPod(
    {
      ...{ way: 'k8s-run', name: 'the app', port, words: plan.words(port), environment, now },
      ...{ isFirst: false, told: () => {} },
    },
    outside,
  );
  if ('detail' in pod) throw new Broken(notStarted(pod.detail));
  try {
    const listening = (): readonly number[] | null => {
      const app = pod.app();
      return app === null ? null : outside.listening(app);
    };
    await ready(pod);
    const untilReady = now();
    let ports = listening();
    for (const end = now() + PORT_WITHIN; ports?.length === 0 && now() < end && !pod.isOver(); ports = listening())
      await sleep(LOOK_EVERY, cancelled);
    if (pod.isOver()) throw new Broken(endedEarly(pod, now()));
    // Where it cannot be seen it is believed to do as the convention is.
    const kind = ports === null || ports.includes(port) ? 'variable' : ports.length === 0 ? 'none' : 'fixed';
    if (kind === 'none') return { port: { kind }, speaksHttp: false, untilReady };
    const at = kind === 'variable' ? port : (ports?.toSorted((one, other) => one - other)[0] ?? port);
    const line = await openLine(at, false, ANSWER_WITHIN, `k8s-run-rehearse/${outside.version}`);
    const reply = await line.ask(plan.path);
    line.close();
    if (pod.isOver()) throw new Broken(endedEarly(pod, now()));
    return { port: kind === 'fixed' ? { kind, port: at } : { kind }, speaksHttp: reply.status !== null, untilReady };
  } finally {
    pod.kill();
    await pod.exited;
  }

  async function ready(of: Pod): Promise<void> {
    for (;;) {
      if (cancelled.aborted) throw new Error('cancelled');
      if (of.isOver()) throw new Broken(endedEarly(of, now()));
      const health = of.health();
      if (health !== null) {
        const url = new URL(`http://127.0.0.1:${health}/readyz`);
        const question = outside.question({ kind: 'http', url, host: 'loopback', headers: [] }, of.pid, environment);
        if ((await question(AbortSignal.any([cancelled]))) === null) return;
      }
      const app = of.app();
      if (now() > readyWithin)
        throw new Broken(
          neverReady(of, readyWithin, app === null ? null : outside.listening(app), await refusalOf(of, outside)),
        );
      await sleep(LOOK_EVERY, cancelled);
    }
  }
}
