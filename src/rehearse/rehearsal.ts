import { clock } from '../clock.ts';
import type { ProbeSpec } from '../config/probe-spec.ts';
import type { Circumstances, Rehearsal, Scouted, Side, Way } from './facts.ts';
import type { Environment, Outside } from './outside.ts';
import { type Playing, play, type SidePlan, type Watcher } from './play.ts';
import type { Pod } from './pod.ts';
import { firstPort, portsFrom } from './ports.ts';
import type { ProbePlan } from './probes.ts';
import { type GivenProbes, isMovable, movedTo, portsNamedBy } from './replica-words.ts';
import { scout } from './scout.ts';
import { sleep } from './sleep.ts';
import { Broken } from './trouble.ts';

export type { Playing, Watcher };

/** All that is asked of a rehearsal. Times in milliseconds. */
export type RehearsalPlan = {
  readonly command: readonly string[];
  /** The words that start k8s-run with these options and this command. */
  readonly supervised: (flags: readonly string[], command: readonly string[]) => readonly string[];
  readonly environment: Environment;
  readonly portVariable: string;
  readonly probes: GivenProbes;
  /** Named checks of a file, which are asked at the ports that they name. */
  readonly hasChecks: boolean;
  readonly manifest: Pick<ProbePlan, 'stanzas' | 'appPort' | 'healthPort'>;
  readonly preStop: (port: number, environment: Environment, cancelled: AbortSignal) => Promise<unknown>;
  readonly ways: readonly Way[];
  /** What is known of it before. */
  readonly remarks: readonly string[];
  readonly circumstances: Circumstances;
  readonly readyWithin: number;
  readonly settle: number;
  readonly duration: number;
};

/** A fixed port may be held for a moment after its app has gone. */
const FREE_WITHIN = 5_000;
const LOOK_EVERY = 50;
/** A timer that is so late says that the machine is too busy to judge by. */
const FALTERED = 1_000;

/** Rehearses. When `cancelled` fires it rejects; whatever happens, nothing that it started is left when it settles. */
export async function rehearse(
  plan: RehearsalPlan,
  outside: Outside,
  watcher: Watcher,
  cancelled: AbortSignal,
): Promise<Rehearsal> {
  const { circumstances, manifest, probes } = plan;
  const remarks = [...plan.remarks];
  const lateness = watchLateness();
  const named = manifest.appPort ?? Number(plan.environment[plan.portVariable] ?? ([...portsNamedBy(probes)][0] || 0));
  const movable =
    Object.values(probes).every((spec: ProbeSpec | null) => spec === null || isMovable(spec)) && !plan.hasChecks;
  const result = (scouted: Scouted | null, sides: readonly Side[], trouble: Rehearsal['trouble']): Rehearsal => {
    if (lateness.most() > FALTERED)
      remarks.push(
        `This machine was busy: for ${(lateness.most() / 1_000).toFixed(1)} s it did nothing for us. What failed then says little.`,
      );
    const command = plan.command.join(' ');
    return { version: outside.version, command, circumstances, scouted, sides, trouble, remarks };
  };
  let prefix: readonly string[] | null = null;
  const wordsFor = (way: Way, moved: boolean) => (port: number) => {
    const command = plan.command.map((word) => word.replaceAll('{PORT}', String(port)));
    if (way !== 'k8s-run') return way === 'alone' ? [...(prefix ?? []), ...command] : command;
    return plan.supervised(moved ? movedTo(port, named, probes) : [], command);
  };
  const environment = (port: number): Environment => ({ ...plan.environment, [plan.portVariable]: String(port) });

  try {
    const free = portsFrom(firstPort(0));
    const first = movable ? await free() : named;
    const scouted = await scout(
      {
        ...{ words: wordsFor('k8s-run', movable), environment, port: first, readyWithin: plan.readyWithin },
        path: circumstances.paths[0] ?? '/',
      },
      outside,
      cancelled,
    );
    if (plan.ways.includes('alone')) {
      prefix = await outside.asFirstProcess();
      if (prefix === null)
        remarks.push(
          'This machine lets nobody make a PID namespace, so that the app is PID 1 is only imitated: one that dies of SIGTERM here would ignore it there.',
        );
    }
    const kind = scouted.port.kind;
    const fixed = scouted.port.kind === 'fixed' ? scouted.port.port : movable ? null : named;
    const loaded = kind !== 'none' && scouted.speaksHttp && circumstances.rate > 0;
    if (kind === 'fixed')
      remarks.push(
        `The app listens on port ${fixed}, whatever ${plan.portVariable} says, so there is one replica, and the load waits while it is replaced. Another variable: --port-variable; in the command: {PORT}.`,
      );
    else if (fixed !== null)
      remarks.push(
        `Its probes name port ${fixed} in a file, so there is one replica, and the load waits while it is replaced.`,
      );
    if (kind === 'none') remarks.push('The app listens on no port: it is rehearsed without load.');
    else if (!scouted.speaksHttp)
      remarks.push(`The app does not answer HTTP at ${circumstances.paths[0]}: it is rehearsed without load.`);

    const side = (way: Way, single: number | 'other ports' | null): Promise<Side> => {
      const sidePlan: SidePlan = {
        ...{ way, words: wordsFor(way, typeof single !== 'number' || single !== named), environment, loaded },
        isFirst: way === 'alone' && prefix !== null,
        circumstances: single === null ? circumstances : { ...circumstances, replicas: 1 },
        surge: single === null ? 1 : 0,
        nextPort: typeof single === 'number' ? () => whenFree(single, outside, cancelled) : free,
        probes: { ...manifest, listens: kind !== 'none' },
        preStop: (pod: Pod, unwanted) => plan.preStop(pod.port, environment(pod.port), unwanted),
        ...{ readyWithin: plan.readyWithin, settle: plan.settle, duration: plan.duration },
      };
      return play(sidePlan, outside, watcher, cancelled);
    };
    const all = async (single: number | 'other ports' | null): Promise<readonly Side[]> => {
      if (single === null) return Promise.all(plan.ways.map((way) => side(way, null)));
      const sides: Side[] = [];
      for (const way of plan.ways) sides.push(await side(way, single));
      return sides;
    };
    let sides = await all(fixed);
    // One of its own ports moves and another does not: metrics, say.
    if (fixed === null && sides.some(({ broken }) => broken?.kind === 'port taken')) {
      remarks.push(
        'A second replica could not have all of its ports beside the first, so there is one, and the load waits while it is replaced.',
      );
      sides = await all('other ports');
    }
    return result(scouted, sides, null);
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    return result(null, [], error.trouble);
  } finally {
    lateness.stop();
    await outside.sweep();
  }
}

async function whenFree(port: number, outside: Outside, cancelled: AbortSignal): Promise<number> {
  for (const end = clock.now() + FREE_WITHIN; clock.now() < end && !cancelled.aborted; ) {
    if (await outside.isFree(port)) break;
    await sleep(LOOK_EVERY, cancelled);
  }
  return port;
}

function watchLateness(): { readonly most: () => number; readonly stop: () => void } {
  let most = 0;
  let due = clock.now();
  let cancel = (): void => {};
  const look = (): void => {
    most = Math.max(most, clock.now() - due);
    due = clock.now() + LOOK_EVERY;
    cancel = clock.after(LOOK_EVERY, look);
  };
  look();
  return { most: () => most, stop: () => cancel() };
}
