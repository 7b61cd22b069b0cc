import { clock } from '../clock.ts';
import type { ProbeSpec } from '../config/probe-spec.ts';
import { measureLateness } from './lateness.ts';
import { NOTES } from './notes.ts';
import { AppFailed } from './pod/app-failure.ts';
import type { Pod } from './pod/pod.ts';
import type { PodProbePlan } from './pod/pod-probes.ts';
import { firstPort, portsFrom } from './ports.ts';
import { runPreflight } from './preflight.ts';
import { appPortsOf, canChangePort, flagsForPort, type ReplicaProbes } from './probe-ports.ts';
import type { PreflightResult, Rehearsal, RehearsalSettings, Variant, VariantResult } from './results.ts';
import type { RunPlan } from './run/run-plan.ts';
import { type RunObserver, type RunProgress, runVariant } from './run/run-variant.ts';
import { sleep } from './sleep.ts';
import type { System } from './system.ts';

export type { RunObserver, RunProgress };

/** Times in milliseconds. */
export type RehearsalPlan = {
  readonly command: readonly string[];
  /** The words that start k8s-run with these additional flags and this command. */
  readonly underK8sRun: (flags: readonly string[], command: readonly string[]) => readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  readonly portVariable: string;
  readonly probes: ReplicaProbes;
  /** Whether the configuration file has health checks: those are run at the ports that they name. */
  readonly hasHealthChecks: boolean;
  readonly manifest: Pick<PodProbePlan, 'stanzas' | 'appPort' | 'healthPort'>;
  /** The manifest by name, for the report. */
  readonly judged: Rehearsal['manifest'];
  readonly preStop: (port: number, environment: NodeJS.ProcessEnv, cancelled: AbortSignal) => Promise<unknown>;
  readonly variants: readonly Variant[];
  readonly notes: readonly string[];
  readonly settings: RehearsalSettings;
  readonly readyWithin: number;
  readonly settle: number;
  readonly duration: number;
};

/** Side by side, each replica has a port of its own. One at a time, it has this port; null: any free one. */
type Placement = { readonly kind: 'side by side' } | { readonly kind: 'one at a time'; readonly port: number | null };

/** A port may still be taken for a moment after its app has exited. */
const FREE_WITHIN = 5_000;
const LOOK_EVERY = 50;
/** With timers as late as this the machine is too busy to judge the app. */
const TOO_LATE = 1_000;

/** Rejects when `cancelled` fires. When it settles, nothing that it started runs any more. */
export async function rehearse(
  plan: RehearsalPlan,
  system: System,
  observer: RunObserver,
  cancelled: AbortSignal,
): Promise<Rehearsal> {
  const { settings, manifest, probes, portVariable } = plan;
  const notes = [...plan.notes];
  const lateness = measureLateness();
  const known = { version: system.version, command: plan.command.join(' '), manifest: plan.judged, settings, notes };
  const namedPort = manifest.appPort ?? Number(plan.environment[portVariable] ?? ([...appPortsOf(probes)][0] || 0));
  const canMove =
    Object.values(probes).every((spec: ProbeSpec | null) => spec === null || canChangePort(spec)) &&
    !plan.hasHealthChecks;
  let prefix: readonly string[] | null = null;
  const commandOf = (variant: Variant, isMoved: boolean) => (port: number) => {
    const command = plan.command.map((word) => word.replaceAll('{PORT}', String(port)));
    if (variant === 'alone') return [...(prefix ?? []), ...command];
    if (variant === 'init') return command;
    return plan.underK8sRun(isMoved ? flagsForPort(port, namedPort, probes) : [], command);
  };
  const environment = (port: number): NodeJS.ProcessEnv => ({ ...plan.environment, [portVariable]: String(port) });
  const freePort = portsFrom(firstPort(0));

  const runs = async (placement: Placement, preflight: PreflightResult): Promise<readonly VariantResult[]> => {
    const { kind } = placement;
    const port = kind === 'one at a time' ? placement.port : null;
    const run = (variant: Variant): Promise<VariantResult> => {
      const runPlan: RunPlan = {
        ...{ variant, command: commandOf(variant, port === null || port !== namedPort), environment },
        inPidNamespace: variant === 'alone' && prefix !== null,
        settings: kind === 'side by side' ? settings : { ...settings, replicas: 1 },
        surge: kind === 'side by side' ? 1 : 0,
        loaded: preflight.port.kind !== 'none' && preflight.speaksHttp && settings.rate > 0,
        nextPort: port === null ? freePort : () => whenFree(port, system, cancelled),
        probes: { ...manifest, listens: preflight.port.kind !== 'none' },
        preStop: (pod: Pod, unwanted) => plan.preStop(pod.port, environment(pod.port), unwanted),
        ...{ readyWithin: plan.readyWithin, settle: plan.settle, duration: plan.duration },
      };
      return runVariant(runPlan, system, observer, cancelled);
    };
    if (kind === 'side by side') return Promise.all(plan.variants.map(run));
    const results: VariantResult[] = [];
    for (const variant of plan.variants) results.push(await run(variant));
    return results;
  };

  try {
    const preflight = await runPreflight(
      {
        ...{ command: commandOf('k8s-run', canMove), environment, port: canMove ? await freePort() : namedPort },
        ...{ path: settings.paths[0] ?? '/', readyWithin: plan.readyWithin },
      },
      system,
      cancelled,
    );
    if (plan.variants.includes('alone')) {
      prefix = await system.pidNamespacePrefix();
      if (prefix === null) notes.push(NOTES.noPidNamespace);
    }
    notes.push(...notesOn(preflight, { canMove, namedPort }, plan));
    const fixed = preflight.port.kind === 'fixed' ? preflight.port.port : canMove ? null : namedPort;
    let results = await runs(
      fixed === null ? { kind: 'side by side' } : { kind: 'one at a time', port: fixed },
      preflight,
    );
    // An app may have a second, fixed port: for its metrics, say.
    if (fixed === null && results.some(({ appFailure }) => appFailure?.kind === 'port taken')) {
      notes.push(NOTES.portsTaken);
      results = await runs({ kind: 'one at a time', port: null }, preflight);
    }
    if (lateness.longest() > TOO_LATE) notes.push(NOTES.busy(lateness.longest()));
    return { ...known, preflight, runs: results, appFailure: null };
  } catch (error) {
    if (!(error instanceof AppFailed)) throw error;
    if (lateness.longest() > TOO_LATE) notes.push(NOTES.busy(lateness.longest()));
    return { ...known, preflight: null, runs: [], appFailure: error.failure };
  } finally {
    lateness.stop();
    await system.endDescendants();
  }
}

function notesOn(
  { port, speaksHttp }: PreflightResult,
  { canMove, namedPort }: { readonly canMove: boolean; readonly namedPort: number },
  { portVariable, settings }: RehearsalPlan,
): readonly string[] {
  const notes: string[] = [];
  if (port.kind === 'fixed') notes.push(NOTES.onePort(port.port, portVariable));
  else if (!canMove) notes.push(NOTES.probePort(namedPort));
  if (port.kind === 'none') notes.push(NOTES.noPort);
  else if (!speaksHttp) notes.push(NOTES.noHttp(settings.paths[0] ?? '/'));
  return notes;
}

async function whenFree(port: number, system: System, cancelled: AbortSignal): Promise<number> {
  for (const end = clock.now() + FREE_WITHIN; clock.now() < end && !cancelled.aborted; ) {
    if (await system.isPortFree(port)) break;
    await sleep(LOOK_EVERY, cancelled);
  }
  return port;
}
