import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunPlan } from '../../../../src/rehearse/run/run-plan.ts';
import { runVariant } from '../../../../src/rehearse/run/run-variant.ts';
import type { StartedProcess, System } from '../../../../src/rehearse/system.ts';
import { SETTINGS } from '../../../rig/rehearsal-results.ts';

type FakeSystem = {
  readonly system: System;
  readonly running: ReadonlySet<number>;
  /** How many processes were started. */
  readonly started: () => number;
};

/** A system whose processes run until they are killed. */
function fakeSystem(): FakeSystem {
  const running = new Set<number>();
  let count = 0;
  const startProcess = async (): Promise<StartedProcess> => {
    count += 1;
    const pid = count;
    running.add(pid);
    const exit = Promise.withResolvers<{ readonly kind: 'signal'; readonly signal: number }>();
    const kill = (): void => {
      running.delete(pid);
      exit.resolve({ kind: 'signal', signal: 9 });
    };
    return { pid, exited: exit.promise, signal: () => {}, kill };
  };
  const killGuard = { add: () => {}, remove: () => {} };
  const system = {
    startProcess,
    killGuard,
    firstChildOf: () => null,
    listeningPorts: () => [],
    isListening: () => true,
    killGroup: () => {},
  };
  return { system: system as unknown as System, running, started: () => count };
}

const PLAN: RunPlan = {
  ...{ variant: 'init', command: () => ['app'], inPidNamespace: false, environment: () => ({}) },
  ...{ nextPort: async () => 11_000, settings: SETTINGS, surge: 1, loaded: false },
  probes: { stanzas: {}, appPort: null, healthPort: null, listens: false },
  ...{ preStop: async () => {}, readyWithin: 1_000, settle: 0, duration: 0 },
};
const OBSERVER = { runStarted: () => {}, happened: () => {} };

test('no replica is started after a rehearsal was cancelled, even if its port is found only then', async () => {
  const { system, started } = fakeSystem();
  const port = Promise.withResolvers<number>();
  const cancelled = new AbortController();
  const run = runVariant({ ...PLAN, nextPort: () => port.promise }, system, OBSERVER, cancelled.signal);
  cancelled.abort();
  await assert.rejects(run, /cancelled/);
  port.resolve(11_000);
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(started(), 0);
});

test('a replica that is being started when a rehearsal is cancelled is killed before the rehearsal ends', async () => {
  const { system, running, started } = fakeSystem();
  const isStarting = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  const startProcess: System['startProcess'] = async (...words) => {
    isStarting.resolve();
    await goOn.promise;
    return system.startProcess(...words);
  };
  const cancelled = new AbortController();
  const run = runVariant(PLAN, { ...system, startProcess }, OBSERVER, cancelled.signal);
  await isStarting.promise;
  cancelled.abort();
  setImmediate(goOn.resolve);
  await assert.rejects(run, /cancelled/);
  assert.deepEqual([started(), running.size], [SETTINGS.replicas, 0]);
});
