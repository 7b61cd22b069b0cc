import type { Clock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import type { ProbeSpec } from '../config/probe-spec.ts';
import { runInside } from '../fault-domain.ts';
import type { Milliseconds, ProbeName, Standing } from '../lifecycle/state.ts';
import type { ProbeResult } from './answer.ts';
import { type CheckStanding, combineStandings, type ProbeMember } from './combine.ts';
import type { ProbeEnvironment } from './registry.ts';
import { probeSpecOf, scheduleOf } from './schedule.ts';

/** Runs the probes. The modules that probe are loaded when the first probe starts, after the app was spawned. */
export type ProbeManager = {
  readonly start: (probe: ProbeName) => void;
  readonly stop: (probe: ProbeName) => void;
  /** After a fault in this room: replaces the worker of each probe that runs by a new one. */
  readonly restart: () => void;
  /** How each named check of a probe stands. When the probe is stopped, this is how they stood then. */
  readonly checks: (probe: ProbeName) => readonly CheckStanding[];
};

export type ProbeManagerDeps = {
  readonly app: () => number;
  readonly environmentFor: (app: number) => Promise<ProbeEnvironment>;
  readonly changed: (probe: ProbeName, standing: Standing) => void;
  readonly probed: (probe: ProbeName, result: ProbeResult, milliseconds: number, reason: string | null) => void;
  readonly standing: (probe: ProbeName) => Standing;
  /** The standing of a degraded check changed its kind. */
  readonly degraded: (check: string, standing: Standing) => void;
  readonly remarked: (probe: ProbeName, remark: string) => void;
  readonly faulted: (error: Error) => void;
};

/** A main probe or a named check, which may be stopped already. */
type ManagedProbe = Pick<ProbeMember, 'name' | 'degraded'> & {
  readonly spec: ProbeSpec;
  standing: Standing;
  /** When the kind of the standing last changed. */
  changedAt: Milliseconds;
  stop: () => void;
};

/** Milliseconds. A room that throws at every probe is not restarted at every probe. */
const RESTART_AFTER = 1_000;

export function createProbeManager(config: Config, clock: Clock, deps: ProbeManagerDeps): ProbeManager {
  const running = new Map<ProbeName, readonly ManagedProbe[]>();
  const latest = new Map<ProbeName, readonly ManagedProbe[]>();
  const remarks = new Set<string>();
  /** Initial delays count from here: the startup probe starts together with the app. */
  let startedAt = clock.now();

  /** Usually startup is the ready probe, so a remark of the one is not repeated for the other. */
  const remarkOnce = (probe: ProbeName, { name, spec }: ManagedProbe, remark: string): void => {
    const key = `${name ?? (spec === config.ready ? 'ready' : probe)}: ${remark}`;
    if (remarks.has(key)) return;
    remarks.add(key);
    deps.remarked(probe, name === null ? remark : `${name}: ${remark}`);
  };

  const standingChanged = (probe: ProbeName, member: ManagedProbe, standing: Standing): void => {
    const before = member.standing;
    member.standing = standing;
    if (standing.kind !== before.kind) member.changedAt = clock.now();
    if (member.degraded && member.name !== null) {
      if (standing.kind !== before.kind) deps.degraded(member.name, standing);
    } else deps.changed(probe, combineStandings(latest.get(probe) ?? []));
  };

  const startWorker = async (probe: ProbeName, member: ManagedProbe, isCurrent: () => boolean): Promise<void> => {
    const [{ createProbe }, { startProbeWorker }, environment] = await Promise.all([
      import('./registry.ts'),
      import('./worker.ts'),
      deps.environmentFor(deps.app()),
    ]);
    if (!isCurrent()) return;
    const worker = startProbeWorker(
      {
        probe: createProbe(member.spec, environment),
        schedule: scheduleOf(member.spec, config),
        initial: member.standing,
      },
      {
        now: clock.now,
        after: clock.after,
        changed: (standing) => standingChanged(probe, member, standing),
        probed: (result, milliseconds, reason) => deps.probed(probe, result, milliseconds, reason),
        remarked: (remark) => remarkOnce(probe, member, remark),
        faulted: deps.faulted,
      },
    );
    member.stop = worker.stop;
  };

  const startMembers = (probe: ProbeName, members: readonly ManagedProbe[]): void => {
    running.set(probe, members);
    latest.set(probe, members);
    for (const member of members) {
      const isCurrent = (): boolean => running.get(probe) === members;
      const begin = (): void => {
        runInside('probe', () => startWorker(probe, member, isCurrent)).catch(deps.faulted);
      };
      const delay = startedAt + (member.spec.timing?.initialDelay ?? 0) - clock.now();
      if (delay > 0) member.stop = clock.after(delay, begin);
      else begin();
    }
  };

  /** Where the kubelet would restart the container, k8s-run only warns, because the kubelet's own probe decides that. */
  const warnWhenStartupIsLate = (members: readonly ManagedProbe[]): void => {
    const timing = config.startup?.timing;
    if (timing === undefined || config.startup === null) return;
    const { failureThreshold, period } = scheduleOf(config.startup, config);
    const limit = timing.initialDelay + failureThreshold * period;
    clock.after(limit, () => {
      if (running.get('startup') !== members) return;
      const numbers = `failureThreshold ${failureThreshold}, every ${period / 1_000} s`;
      deps.remarked(
        'startup',
        `The startup probe did not pass within ${limit / 1_000} s (${numbers}); /startupz stays 503, and the probe goes on`,
      );
    });
  };

  const stop = (probe: ProbeName): void => {
    for (const member of running.get(probe) ?? []) member.stop();
    running.delete(probe);
  };

  return {
    stop,
    start(probe) {
      stop(probe);
      if (probe === 'startup') startedAt = clock.now();
      const standing = deps.standing(probe);
      const checks = config.checks.filter(({ tags }) => tags.includes(probe));
      const members = [
        {
          name: null,
          degraded: false,
          spec: probeSpecOf(probe, config),
          standing,
          changedAt: clock.now(),
          stop: () => {},
        },
        // A degraded check holds nothing up, so like liveness it passes until it has failed often enough.
        ...checks.map(({ name, degraded, probe: spec }) => ({
          ...{ name, degraded, spec, changedAt: clock.now(), stop: () => {} },
          standing: degraded ? ({ kind: 'passing' } as const) : standing,
        })),
      ];
      startMembers(probe, members);
      if (probe === 'startup') warnWhenStartupIsLate(members);
    },
    restart() {
      for (const [probe, members] of [...running]) {
        for (const member of members) member.stop();
        const fresh = members.map((member) => ({ ...member, stop: () => {} }));
        running.set(probe, fresh);
        latest.set(probe, fresh);
        clock.after(RESTART_AFTER, () => {
          if (running.get(probe) === fresh) startMembers(probe, fresh);
        });
      }
    },
    checks: (probe) =>
      (latest.get(probe) ?? []).flatMap(({ name, ...member }) => (name === null ? [] : [{ name, ...member }])),
  };
}
