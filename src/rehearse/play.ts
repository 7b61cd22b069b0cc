import { clock } from '../clock.ts';
import { openBalancer } from './balancer.ts';
import { deploy, type Staff } from './deployment.ts';
import type { Circumstances, Load, Sample, Side, Story, Trouble, Way } from './facts.ts';
import { terminate } from './kubelet.ts';
import { type Load as Running, startLoad } from './load/load.ts';
import type { Environment, Outside } from './outside.ts';
import { type Pod, startPod } from './pod.ts';
import { type ProbePlan, probesOf } from './probes.ts';
import { randomOf } from './random.ts';
import { routes } from './routes.ts';
import { serving } from './serving.ts';
import { sleep } from './sleep.ts';
import { Broken, notStarted } from './trouble.ts';

/** One way to run the app, and how it is to be played. Times in milliseconds. */
export type SidePlan = {
  readonly way: Way;
  readonly words: (port: number) => readonly string[];
  /** Whether those words put the app into a namespace of its own. */
  readonly isFirst: boolean;
  readonly environment: (port: number) => Environment;
  readonly nextPort: () => Promise<number>;
  readonly circumstances: Circumstances;
  /** With 0 an old pod is gone before its successor starts: two cannot live on one machine. */
  readonly surge: 0 | 1;
  readonly loaded: boolean;
  readonly probes: Omit<ProbePlan, 'way'>;
  readonly preStop: (pod: Pod, cancelled: AbortSignal) => Promise<unknown>;
  /** A pod that is not ready by then never will be. */
  readonly readyWithin: number;
  /** The load is on for so long before the first rollout and after each, and at least for `duration` altogether. */
  readonly settle: number;
  readonly duration: number;
};

/** A side while it is played, for whoever watches. */
export type Playing = {
  readonly way: Way;
  /** Stands still once it has been played, as the stories do. */
  readonly now: () => number;
  readonly stories: () => readonly Story[];
  readonly samples: () => readonly Sample[];
  readonly phase: () => string;
};

export type Watcher = {
  readonly begun: (playing: Playing) => void;
  /** `about` is a pod's name, or the side's. */
  readonly happened: (way: Way, at: number, about: string, what: string) => void;
};

/** Plays one side to its end. When `cancelled` fires it rejects; whatever happens, none of its pods is left when it settles. */
export async function play(plan: SidePlan, outside: Outside, watcher: Watcher, cancelled: AbortSignal): Promise<Side> {
  const { way, circumstances, surge } = plan;
  const { lag, nodes, seed, keptAlive, rate, paths, replicas } = circumstances;
  const begun = clock.now();
  const now = (): number => clock.now() - begun;
  let count = 0;
  const stories: Story[] = [];
  let kept: readonly Story[] = stories;
  const pods: Pod[] = [];
  const starts: Promise<unknown>[] = [];
  const rollouts: { from: number; to: number }[] = [];
  const paused: { from: number; to: number }[] = [];
  let ended = false;
  let phase = 'starting';
  let load: Running | null = null;
  const samples: Sample[] = [];
  const broken = Promise.withResolvers<never>();
  broken.promise.catch(() => {});
  const stop = (): void => broken.reject(new Error('cancelled'));
  if (cancelled.aborted) stop();
  cancelled.addEventListener('abort', stop, { once: true });
  const happened = (about: string, what: string): void => {
    if (!ended) watcher.happened(way, now(), about, what);
  };
  let took: number | null = null;
  watcher.begun({ way, now: () => took ?? now(), stories: () => kept, samples: () => samples, phase: () => phase });

  const known = routes<Pod>({ nodes: surge === 1 ? nodes : 1, lag: [0, lag], random: randomOf(`${seed} routes`) });
  const carried = new Map<number, { pod: string | null; accepted: boolean }>();
  const balancer = await openBalancer<Pod>(
    () => known.pick(clock.now()),
    ({ client, endpoint, accepted }) => void carried.set(client, { pod: endpoint?.name ?? null, accepted }),
  );

  const staff: Staff<Pod, void> = {
    async start() {
      if (ended) throw new Error('cancelled');
      count += 1;
      const name = `web-${count}`;
      const port = await plan.nextPort();
      if (ended) throw new Error('cancelled');
      const told = (story: Story, what: string): void => happened(story.name, what);
      const environment = plan.environment(port);
      const start = startPod(
        { way, name, port, words: plan.words(port), isFirst: plan.isFirst, environment, now, told },
        outside,
      );
      starts.push(start);
      const pod = await start;
      if ('detail' in pod) throw new Broken(notStarted(pod.detail));
      pods.push(pod);
      if (ended) pod.kill();
      stories.push(pod.story);
      happened(name, 'starting');
      return pod;
    },
    serve(pod, told) {
      const probes = probesOf(pod, { ...plan.probes, way }, plan.environment(pod.port), outside);
      const fail = (trouble: Trouble): void => broken.reject(new Broken(trouble));
      return serving(pod, { probes, within: plan.readyWithin, now, isOver: () => ended, told, fail }, outside);
    },
    async terminate(pod) {
      pod.story.deleted = now();
      happened(pod.name, 'deleted: the kubelet and the Service are told');
      const preStop = (unwanted: AbortSignal): Promise<unknown> => plan.preStop(pod, unwanted);
      const grace = circumstances.terminationGracePeriod;
      const kill = (): void => {
        pod.story.killed = { at: now(), by: 'the kubelet' };
        happened(pod.name, 'killed by the kubelet: its grace period is over');
        pod.kill();
      };
      await terminate({ grace, preStop, terminate: pod.terminate, kill, exited: pod.exited });
    },
    known: (pod, at) => {
      if (surge === 0) clock.after(Math.max(0, at - clock.now()), () => resume());
      happened(pod.name, 'ready');
    },
    forgotten(pod, at) {
      pod.story.forgotten = at - begun;
      // The last one takes the load with it, a little early, so that nothing is sent to nobody.
      if (surge === 0) clock.after(Math.max(0, at - clock.now() - MARGIN), pause);
    },
    async end() {
      // A pod that is being started is not in the list of pods yet.
      await Promise.allSettled(starts);
      for (const pod of pods) pod.kill();
      await Promise.all(pods.map(({ exited }) => exited));
    },
  };
  const pause = (): void => {
    load?.pause();
    paused.push({ from: now(), to: now() });
  };
  const resume = (): void => {
    load?.resume();
    const last = paused.at(-1);
    if (last !== undefined) last.to = now();
  };

  const script = async (): Promise<void> => {
    await using deployment = await deploy(known, { replicas, surge }, staff);
    const loadBegun = now();
    if (plan.loaded) {
      happened('load', `begins, ${rate} requests a second`);
      load = startLoad({
        ...{ port: balancer.port, rate, keptAlive, paths, now, random: randomOf(`${seed} load`) },
        agent: `k8s-run-rehearse/${outside.version}`,
        carrier: (via) => carried.get(via),
        told: (sample) => {
          if (surge === 1 || sample.pod !== null) samples.push(sample);
        },
      });
    }
    phase = 'steady';
    await sleep(plan.settle);
    for (let turn = 1; turn <= circumstances.rollouts; turn += 1) {
      const from = now();
      phase = `rollout ${turn} of ${circumstances.rollouts}`;
      happened('rollout', `${turn} of ${circumstances.rollouts} begins`);
      await deployment.rollOut();
      rollouts.push({ from, to: now() });
      phase = 'steady';
      happened('rollout', 'done: every old pod is gone, and every node knows');
      await sleep(plan.settle);
    }
    await sleep(Math.max(0, plan.duration - (now() - loadBegun)));
    phase = 'ending';
    await load?.stop();
    ended = true;
    // That those who still serve are ended from here on is no part of it.
    kept = structuredClone(stories);
  };

  let trouble: Trouble | null = null;
  try {
    const played = script();
    played.catch(() => {});
    await Promise.race([played, broken.promise]);
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    trouble = error.trouble;
  } finally {
    took = now();
    ended = true;
    cancelled.removeEventListener('abort', stop);
    const running: Running | null = load as Running | null;
    running?.abandon();
    if (kept === stories) kept = structuredClone(stories);
    await staff.end();
    await balancer[Symbol.asyncDispose]();
  }
  const measured: Load | null = load === null ? null : { samples, unmade: (load as Running).unmade(), paused };
  return { way, took, pods: kept, load: measured, rollouts, broken: trouble };
}

/** Milliseconds by which the load stops before the last node has heard. */
const MARGIN = 30;
