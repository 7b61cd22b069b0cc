import { field, isThere, numberOf, type Spot, textOf, wordsOf } from '../document.ts';
import { type Edited, type Finding, find, set } from '../finding.ts';
import { actionOf, type Container, isProbe, portNumber, type Workload } from '../workload.ts';

/** Whether the kubelet kills only what is dead. */
export function livenessRules({ containers }: Workload): readonly Finding[] {
  return containers.flatMap(sameQuestion);
}

/** Liveness that is readiness kills what is busy or leaving; liveness without a startupProbe kills what is slow to start. */
function sameQuestion(container: Container): readonly Finding[] {
  const { spot, name, supervisor } = container;
  const live = field(spot, 'livenessProbe');
  if (!isProbe(live)) return isProbe(field(spot, 'startupProbe')) ? shortStartup(container) : [];
  const question = (probe: Spot): string | null => {
    const action = actionOf(probe);
    if (action === null) return null;
    const port = portNumber(field(action.spot, 'port'), container);
    if (action.name === 'exec') return `exec ${JSON.stringify(wordsOf(field(action.spot, 'command')))}`;
    return `${action.name} ${port} ${textOf(field(action.spot, 'path')) ?? '/'} ${textOf(field(action.spot, 'service')) ?? ''}`;
  };
  const asked = question(live);
  const options = supervisor.kind === 'k8s-run' ? supervisor.options : null;
  const action = actionOf(live);
  const path = textOf(field(live, 'httpGet', 'path'));
  const ours =
    options?.healthPort != null && portNumber(field(live, 'httpGet', 'port'), container) === options.healthPort;
  const execWords = wordsOf(field(live, 'exec', 'command')) ?? [];
  const runsProbe = execWords.some((word) => /(^|\/)k8s-run(\.js)?$/.test(word));
  const asksReadiness = (ours && path === '/readyz') || (runsProbe && !execWords.includes('live'));
  // An open port is asked for by both without harm: it says nothing of load.
  const same =
    !ours && asked !== null && action?.name !== 'tcpSocket' && asked === question(field(spot, 'readinessProbe'));
  const found: Finding[] = [];
  if (asksReadiness || same) {
    const at = ours ? field(live, 'httpGet', 'path') : live;
    const reason = asksReadiness
      ? `The livenessProbe of ${name} asks for readiness: a pod that is busy, or leaving with requests in hand, is killed`
      : `The livenessProbe of ${name} asks what its readinessProbe asks: a pod that is too busy to be ready is killed, and the others get its load`;
    const fix = ours
      ? 'path: /livez'
      : runsProbe
        ? 'k8s-run probe live'
        : 'Ask for less (is the process alive), or take the livenessProbe out';
    found.push(
      find('liveness-is-readiness', at, reason, fix, ours ? set(field(live, 'httpGet', 'path'), '/livez') : []),
    );
  }
  return ours || runsProbe
    ? [...found, ...shortStartup(container)]
    : [...found, ...slowStart(container, live), ...shortStartup(container)];
}

/** From so many seconds on the kubelet kills nothing that only starts slowly: what `k8s-run manifest` gives an app. */
const ENOUGH_START = 60;
/** Less than this, in seconds, and a node that is busy makes it a loop of restarts. */
const LEAST_START = 30;

function slowStart({ spot, name, supervisor }: Container, live: Spot): readonly Finding[] {
  if (isThere(field(spot, 'startupProbe'))) return [];
  const time = timeOf(live);
  if (time >= ENOUGH_START) return [];
  const fix = 'Add a startupProbe: nothing else is asked before it has passed';
  const reason = `The livenessProbe of ${name} kills an app that has not started after ${time} s, and no startupProbe holds it back`;
  const port = supervisor.kind === 'k8s-run' && !supervisor.options.loopback ? supervisor.options.healthPort : null;
  const probe: Edited = { httpGet: { path: '/startupz', port: port ?? 0 }, periodSeconds: 1, failureThreshold: 60 };
  return [
    find('liveness-kills-slow-start', live, reason, fix, port === null ? [] : set(field(spot, 'startupProbe'), probe)),
  ];
}

function shortStartup({ spot, name }: Container): readonly Finding[] {
  const probe = field(spot, 'startupProbe');
  const time = timeOf(probe);
  if (!isProbe(probe) || time >= LEAST_START) return [];
  const period = numberOf(field(probe, 'periodSeconds')) ?? 10;
  const failures = Math.ceil(60 / period);
  return [
    find(
      'liveness-kills-slow-start',
      probe,
      `The startupProbe of ${name} gives the app ${time} s to start; on a busy node that is a loop of restarts`,
      `failureThreshold: ${failures}`,
      set(field(probe, 'failureThreshold'), failures),
    ),
  ];
}

function timeOf(probe: Spot): number {
  const number = (key: string, otherwise: number): number => numberOf(field(probe, key)) ?? otherwise;
  return number('initialDelaySeconds', 0) + number('periodSeconds', 10) * number('failureThreshold', 3);
}
