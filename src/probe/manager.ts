import type { Clock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import type { ProbeSpec } from '../config/probe-spec.ts';
import { runInside } from '../fault-domain.ts';
import type { ProbeName, Standing } from '../lifecycle/state.ts';
import type { ProbeResult } from './answer.ts';
import { combineStandings, type ProbeMember } from './combine.ts';
import type { ProbeEnvironment } from './registry.ts';
import type { ProbeSchedule } from './worker.ts';

/** The probes that are being asked. Their room is loaded when the first one starts, after the app was spawned. */
export type ProbeManager = {
  readonly start: (probe: ProbeName) => void;
  readonly stop: (probe: ProbeName) => void;
  /** After a fault: each one that was being asked is asked anew, by a prober that remembers nothing. */
  readonly restart: () => void;
  /** How each named check of a probe stands; what was said last, of those that are no longer asked. */
  readonly checks: (probe: ProbeName) => readonly CheckStanding[];
};

export type CheckStanding = { readonly name: string; readonly degraded: boolean; readonly standing: Standing };

export type ProbeManagerDeps = {
  readonly app: () => number;
  readonly environmentFor: (app: number) => Promise<ProbeEnvironment>;
  readonly changed: (probe: ProbeName, standing: Standing) => void;
  readonly answered: (probe: ProbeName, result: ProbeResult, milliseconds: number) => void;
  readonly standing: (probe: ProbeName) => Standing;
  /** A check that may fail without harm does, or passes again. */
  readonly degraded: (check: string, standing: Standing) => void;
  readonly remarked: (probe: ProbeName, remark: string) => void;
  readonly faulted: (error: Error) => void;
};

/** A probe or a check that is asked, or was. */
type ActiveProbe = Pick<ProbeMember, 'name' | 'degraded'> & {
  readonly spec: ProbeSpec;
  standing: Standing;
  stop: () => void;
};

/** A room that throws at every question must not be started anew at every question. */
const RESTART_AFTER = 1_000;

export function createProbeManager(config: Config, clock: Clock, tools: ProbeManagerDeps): ProbeManager {
  const active = new Map<ProbeName, readonly ActiveProbe[]>();
  const last = new Map<ProbeName, readonly ActiveProbe[]>();
  const remarks = new Set<string>();
  /** Initial delays count from here: the first question follows the start of the app. */
  let startedAt = clock.now();

  /** Startup usually is the ready probe: what was said of the one need not be said of the other. */
  const remarkOnce = (probe: ProbeName, { name, spec }: ActiveProbe, remark: string): void => {
    const key = `${name ?? (spec === config.ready ? 'ready' : probe)}: ${remark}`;
    if (remarks.has(key)) return;
    remarks.add(key);
    tools.remarked(probe, name === null ? remark : `${name}: ${remark}`);
  };

  const heard = (probe: ProbeName, asked: ActiveProbe, standing: Standing): void => {
    const before = asked.standing;
    asked.standing = standing;
    if (asked.degraded && asked.name !== null) {
      if (standing.kind !== before.kind) tools.degraded(asked.name, standing);
    } else tools.changed(probe, combineStandings(last.get(probe) ?? []));
  };

  const begin = async (probe: ProbeName, asked: ActiveProbe, isCurrent: () => boolean): Promise<void> => {
    const [{ createProbe }, { startProbeWorker }, around] = await Promise.all([
      import('./registry.ts'),
      import('./worker.ts'),
      tools.environmentFor(tools.app()),
    ]);
    if (!isCurrent()) return;
    const ask = createProbe(asked.spec, around);
    const poller = startProbeWorker(ask, scheduleOf(asked.spec, config), asked.standing, {
      now: clock.now,
      after: clock.after,
      changed: (standing) => heard(probe, asked, standing),
      answered: (result, spent) => tools.answered(probe, result, spent),
      remarked: (remark) => remarkOnce(probe, asked, remark),
      faulted: tools.faulted,
    });
    asked.stop = poller.stop;
  };

  const ask = (probe: ProbeName, members: readonly ActiveProbe[]): void => {
    active.set(probe, members);
    last.set(probe, members);
    for (const asked of members) {
      const isCurrent = (): boolean => active.get(probe) === members;
      const go = (): void => {
        runInside('probe', () => begin(probe, asked, isCurrent)).catch(tools.faulted);
      };
      const wait = startedAt + (asked.spec.timing?.initialDelay ?? 0) - clock.now();
      if (wait > 0) asked.stop = clock.after(wait, go);
      else go();
    }
  };

  /** Where the kubelet would end the container, this only says so: who kills is the kubelet, at its own probe. */
  const sayWhenLate = (members: readonly ActiveProbe[]): void => {
    const timing = config.startup?.timing;
    if (timing === undefined || config.startup === null) return;
    const { failureThreshold, period } = scheduleOf(config.startup, config);
    const limit = timing.initialDelay + failureThreshold * period;
    clock.after(limit, () => {
      if (active.get('startup') !== members) return;
      const counted = `failureThreshold ${failureThreshold}, every ${period / 1_000} s`;
      tools.remarked(
        'startup',
        `startup did not pass in ${limit / 1_000} s (${counted}): /startupz stays 503, and the app is asked on`,
      );
    });
  };

  const stop = (probe: ProbeName): void => {
    for (const asked of active.get(probe) ?? []) asked.stop();
    active.delete(probe);
  };

  return {
    stop,
    start(probe) {
      stop(probe);
      if (probe === 'startup') startedAt = clock.now();
      const standing = tools.standing(probe);
      const checks = config.checks.filter(({ tags }) => tags.includes(probe));
      const members = [
        { name: null, degraded: false, spec: probeSpecOf(probe, config), standing, stop: () => {} },
        // What is not waited for is well until it has failed often enough, as liveness is.
        ...checks.map(({ name, degraded, probe: spec }) => ({
          ...{ name, degraded, spec, stop: () => {} },
          standing: degraded ? ({ kind: 'passing' } as const) : standing,
        })),
      ];
      ask(probe, members);
      if (probe === 'startup') sayWhenLate(members);
    },
    restart() {
      for (const [probe, members] of [...active]) {
        for (const asked of members) asked.stop();
        const anew = members.map((asked) => ({ ...asked, stop: () => {} }));
        active.set(probe, anew);
        last.set(probe, anew);
        clock.after(RESTART_AFTER, () => {
          if (active.get(probe) === anew) ask(probe, anew);
        });
      }
    },
    checks: (probe) =>
      (last.get(probe) ?? []).flatMap(({ name, ...asked }) => (name === null ? [] : [{ name, ...asked }])),
  };
}

/** `--startup` is the ready probe, unless it was given. */
export function probeSpecOf(probe: ProbeName, config: Config): ProbeSpec {
  return probe === 'startup' ? (config.startup ?? config.ready) : config[probe];
}

/** What pkg/apis/core/v1/defaults.go of Kubernetes gives a stanza that is silent. */
const KUBERNETES_DEFAULTS: ProbeSchedule = { period: 10_000, timeout: 1_000, successThreshold: 1, failureThreshold: 3 };

/** A stanza's own numbers; where it is silent those that were chosen for all probes, then Kubernetes'. */
export function scheduleOf({ timing }: ProbeSpec, config: Config): ProbeSchedule {
  const { probePeriod: period, probeTimeout: timeout, successThreshold, failureThreshold, chosen } = config;
  if (timing === undefined) return { period, timeout, successThreshold, failureThreshold };
  return {
    period: timing.period ?? (chosen.has('probePeriod') ? period : KUBERNETES_DEFAULTS.period),
    timeout: timing.timeout ?? (chosen.has('probeTimeout') ? timeout : KUBERNETES_DEFAULTS.timeout),
    successThreshold:
      timing.successThreshold ??
      (chosen.has('successThreshold') ? successThreshold : KUBERNETES_DEFAULTS.successThreshold),
    failureThreshold:
      timing.failureThreshold ??
      (chosen.has('failureThreshold') ? failureThreshold : KUBERNETES_DEFAULTS.failureThreshold),
  };
}
