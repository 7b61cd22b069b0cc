import { field, isThere, numberOf, wordsOf } from '../document.ts';
import { type Finding, find, remove, set } from '../finding.ts';
import { scriptOf } from '../script.ts';
import { actionOf, type Container, DEFAULT_PERIOD, isProbe, periodOf, type Workload } from '../workload.ts';

/** Beyond what is needed at the least: for a node that is busy. In seconds. */
const SPARE = 3;
/** What a probe takes that names no numbers: pkg/apis/core/v1/defaults.go, in seconds and times. */
const DEFAULTS = { period: 10, failures: 3 };

/** Whether the shutdown fits into the pod's time, and whether all of it is of use. */
export function shutdownRules(workload: Workload): readonly Finding[] {
  const { containers } = workload;
  // The time is the pod's: whoever needs the most decides.
  const wanted = Math.max(0, ...containers.map((container) => wantedBy(container)));
  return containers.flatMap((container) => [
    ...graceTooShort(workload, container, wanted),
    ...doubledPause(container),
    ...(workload.serves ? unseenReadiness(workload, container) : []),
  ]);
}

/** What the shutdown of a container may take, in milliseconds; null where nothing in the manifest says so. */
function neededBy(container: Container): number | null {
  const { supervisor } = container;
  const sleep = sleepOf(container);
  if (supervisor.kind !== 'k8s-run') return sleep === null ? null : sleep * 1_000;
  const { phases, reserve, period: told, stops } = supervisor.options;
  if (!stops) return null;
  return (sleep ?? 0) * 1_000 + (told ?? phases.reduce((sum, [, ms]) => sum + ms, reserve));
}

/** The terminationGracePeriodSeconds that is enough for a container, with something to spare. */
function wantedBy(container: Container): number {
  const { supervisor } = container;
  const needed = neededBy(container);
  if (needed === null) return 0;
  if (supervisor.kind !== 'k8s-run') return Math.ceil(needed / 1_000) + DEFAULT_PERIOD;
  return Math.ceil(needed / 1_000) + (supervisor.options.period === null ? SPARE : 0);
}

function graceTooShort(workload: Workload, container: Container, wanted: number): readonly Finding[] {
  const { supervisor, spot } = container;
  const given = field(workload.pod, 'terminationGracePeriodSeconds');
  const period = periodOf(workload);
  const has = isThere(given) ? `The pod has ${period} s` : `The pod has ${DEFAULT_PERIOD} s, as nothing says otherwise`;
  const sleep = sleepOf(container);
  const before = sleep === null ? [] : [`preStop ${sleep} s`];
  const needed = neededBy(container);
  if (needed === null) return [];
  if (supervisor.kind !== 'k8s-run') {
    if (needed < period * 1_000) return [];
    const reason = `${has}, and the preStop hook of ${container.name} sleeps for ${sleep} s of it: the app is killed as it gets its signal`;
    return [
      find(
        'grace-too-short',
        isThere(given) ? given : field(spot, 'lifecycle', 'preStop'),
        reason,
        `terminationGracePeriodSeconds: ${wanted}`,
        set(given, wanted),
      ),
    ];
  }
  const { phases, reserve, period: told } = supervisor.options;
  const parts =
    told === null
      ? [...phases.map(([name, ms]) => `${name} ${seconds(ms)}`), `${seconds(reserve)} in reserve`]
      : [`--termination-grace-period ${seconds(told)}`];
  const sum = `${[...before, ...parts].join(' + ')} = ${seconds(needed)}`;
  if (needed > period * 1_000) {
    const reason = `${has}, and the shutdown of ${container.name} may take ${sum}: the kubelet kills it before it is over`;
    return [
      find(
        'grace-too-short',
        isThere(given) ? given : workload.pod,
        reason,
        `terminationGracePeriodSeconds: ${wanted}, or shorten one of them`,
        set(given, wanted),
      ),
    ];
  }
  if (told === null || needed === period * 1_000) return [];
  const reason = `${has}, and k8s-run was told ${seconds(told)}: ${seconds(period * 1_000 - needed)} of it are never used`;
  return [
    find(
      'period-mismatch',
      isThere(given) ? given : workload.pod,
      reason,
      `terminationGracePeriodSeconds: ${Math.ceil(needed / 1_000)}, or --termination-grace-period ${period - (sleep ?? 0)}s`,
    ),
  ];
}

function doubledPause(container: Container): readonly Finding[] {
  const { supervisor, spot } = container;
  const sleep = sleepOf(container);
  if (supervisor.kind !== 'k8s-run' || sleep === null || !supervisor.options.stops || supervisor.options.pause === 0)
    return [];
  const { pause } = supervisor.options;
  const preStop = field(spot, 'lifecycle', 'preStop');
  const others = isThere(field(spot, 'lifecycle', 'postStart'));
  const reason = `The preStop hook of ${container.name} sleeps for ${sleep} s, and k8s-run then pauses for ${seconds(pause)}: the pod leaves ${sleep} s later, and its readiness holds all that while`;
  // A longer sleep was wanted longer: only a person knows which of the two is right.
  const enough = sleep * 1_000 <= pause;
  const fix = enough
    ? 'Take the preStop hook out'
    : `Take the preStop hook out and give --shutdown-delay ${sleep}s, or keep it and give --shutdown-delay 0`;
  const hook = others ? preStop : field(spot, 'lifecycle');
  return [find('prestop-doubles-pause', preStop, reason, fix, enough ? remove(hook) : [])];
}

function unseenReadiness(workload: Workload, { spot, name, supervisor }: Container): readonly Finding[] {
  const probe = field(spot, 'readinessProbe');
  if (!isProbe(probe) || (supervisor.kind === 'k8s-run' && !supervisor.options.stops)) return [];
  const period = numberOf(field(probe, 'periodSeconds')) ?? DEFAULTS.period;
  const failures = numberOf(field(probe, 'failureThreshold')) ?? DEFAULTS.failures;
  const life =
    supervisor.kind === 'k8s-run'
      ? supervisor.options.phases.reduce((sum, [, ms]) => sum + ms, 0)
      : periodOf(workload) * 1_000;
  if (period * failures * 1_000 <= life) return [];
  const reason = `The kubelet takes up to ${period * failures} s (${failures} × ${period} s) to see that readiness of ${name} fails, and after ${seconds(life)} the app is gone`;
  const counted = supervisor.kind === 'k8s-run' ? '; k8s-run has counted failures already' : '';
  const edits =
    supervisor.kind === 'k8s-run'
      ? [...set(field(probe, 'periodSeconds'), 2), ...set(field(probe, 'failureThreshold'), 1)]
      : [];
  return [find('readiness-window', probe, reason, `periodSeconds: 2, failureThreshold: 1${counted}`, edits)];
}

/** How long a preStop hook merely sleeps, in seconds; null where it does something, or is not there. */
function sleepOf({ spot }: Container): number | null {
  const action = actionOf(field(spot, 'lifecycle', 'preStop'));
  if (action?.name === 'sleep') return numberOf(field(action.spot, 'seconds'));
  if (action?.name !== 'exec') return null;
  const words = wordsOf(field(action.spot, 'command')) ?? [];
  return sleeping(scriptOf(words)?.trim().split(/\s+/) ?? words);
}

function sleeping([program = '', time = '', ...rest]: readonly string[]): number | null {
  if (!/(^|\/)sleep$/.test(program) || rest.length > 0) return null;
  const [, amount, unit = 's'] = /^(\d+(?:\.\d+)?)([sm]?)$/.exec(time) ?? [];
  return amount === undefined ? null : Number(amount) * (unit === 'm' ? 60 : 1);
}

function seconds(ms: number): string {
  return `${Number((ms / 1_000).toFixed(3))} s`;
}
