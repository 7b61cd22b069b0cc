import type { Circumstances, Load, Rehearsal, Sample, Side, Story } from '../../src/rehearse/facts.ts';
import { newStory } from '../../src/rehearse/facts.ts';

/** Facts of rehearsals that nobody has played, for what is made of them. Times in milliseconds. */
export const CIRCUMSTANCES: Circumstances = {
  replicas: 2,
  rollouts: 1,
  rate: 50,
  keptAlive: 0.3,
  paths: ['/'],
  lag: 3_000,
  nodes: 3,
  seed: '1',
  shutdownDelay: 5_000,
  drainConnections: 0,
  grace: 20_000,
  terminationGracePeriod: 30_000,
  preStop: false,
  readinessProbe: true,
};

export function story(name: string, known: Partial<Story> = {}): Story {
  return { ...newStory(name, 11_000), started: 0, ready: 1_000, ...known };
}

/** One that was deleted at 5 s and signalled after its pause. */
export function deleted(name: string, known: Partial<Story> = {}): Story {
  const times = {
    deleted: 5_000,
    forgotten: 7_500,
    draining: 5_000,
    signalled: 10_000,
    appEnded: 10_050,
    ended: 10_060,
  };
  return story(name, { ...times, signal: 'SIGTERM', exitCode: 0, ...known });
}

export function sample(at: number, known: Partial<Sample> = {}): Sample {
  return { at, took: 50, connection: 'new', path: '/', failure: null, pod: 'web-1', ...known };
}

export function load(samples: readonly Sample[], known: Partial<Load> = {}): Load {
  return { samples, unmade: 0, paused: [], ...known };
}

export function side(pods: readonly Story[], known: Partial<Side> = {}): Side {
  const rollouts = [{ from: 4_000, to: 11_000 }];
  return { way: 'k8s-run', took: 13_000, pods, load: load([]), rollouts, broken: null, ...known };
}

export function rehearsal(sides: readonly Side[], known: Partial<Rehearsal> = {}): Rehearsal {
  return {
    version: '0.0.0',
    command: 'node server.js',
    circumstances: CIRCUMSTANCES,
    scouted: { port: { kind: 'variable' }, speaksHttp: true, untilReady: 400 },
    sides,
    trouble: null,
    remarks: [],
    ...known,
  };
}

/** A comparison with everything that a report can show. */
export function eventful(): Rehearsal {
  const served = (from: number, to: number, pod: string): readonly Sample[] =>
    Array.from({ length: Math.floor((to - from) / 100) }, (_, index) =>
      sample(from + index * 100, { pod, took: 20 + (index % 9) * 15 }),
    );
  const late = Array.from({ length: 12 }, (_, index) =>
    sample(5_100 + index * 150, { failure: 'connection refused', took: 2 }),
  );
  const alone = side(
    [
      deleted('web-1', { signalled: 5_000, appEnded: 5_050, ended: 5_060, draining: null, exitCode: 143 }),
      story('web-2', { started: 4_000, ready: 5_000 }),
    ],
    { way: 'init', load: load([...served(2_000, 5_000, 'web-1'), ...late, ...served(5_000, 12_900, 'web-2')]) },
  );
  const ours = side(
    [
      deleted('web-1', { killed: { at: 10_050, by: 'k8s-run' }, deaf: true, exitCode: 137, leftovers: ['helper'] }),
      story('web-2', { started: 4_000, ready: 5_000 }),
    ],
    {
      load: load([
        ...served(2_000, 12_900, 'web-1'),
        sample(10_010, { connection: 'kept-alive', failure: 'connection closed', took: 40 }),
      ]),
    },
  );
  return rehearsal([alone, ours], { remarks: ['This machine was <busy> & slow.'] });
}
