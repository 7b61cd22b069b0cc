import { field, isMap, isThere, type Spot, scalarOf, textOf, wordsOf } from '../document.ts';
import { type Finding, find, remove, rename, set } from '../finding.ts';
import { actionOf, actionsOf, type Container, portNumber, type Workload } from '../workload.ts';

type ProbeName = 'readinessProbe' | 'livenessProbe' | 'startupProbe';
const PROBES: readonly ProbeName[] = ['startupProbe', 'readinessProbe', 'livenessProbe'];

/** What each probe should ask k8s-run, and what else answers the same. */
const PATHS: Readonly<Record<ProbeName, readonly [right: string, ...alike: string[]]>> = {
  readinessProbe: ['/readyz'],
  livenessProbe: ['/livez', '/healthz'],
  startupProbe: ['/startupz', '/readyz'],
};
const WORDS: Readonly<Record<ProbeName, string>> = {
  readinessProbe: 'ready',
  livenessProbe: 'live',
  startupProbe: 'startup',
};
const KNOWN: ReadonlySet<string> = new Set(['/readyz', '/livez', '/healthz', '/startupz']);

/** Whether each probe asks whom it should, and what it should. */
export function probeRules(workload: Workload): readonly Finding[] {
  return workload.containers.flatMap((container) => {
    const asked = PROBES.filter((name) => isThere(field(container.spot, name)));
    return [
      ...asked.flatMap((name) => badProbe(container, name)),
      ...asked.flatMap((name) => (container.supervisor.kind === 'k8s-run' ? askedRightly(container, name) : [])),
    ];
  });
}

/** What the API server refuses, and with it the whole manifest. */
function badProbe({ spot, name }: Container, which: ProbeName): readonly Finding[] {
  const probe = field(spot, which);
  const actions = actionsOf(probe);
  if (actions.length === 1) return [];
  const why = !isMap(probe.node)
    ? 'is no map'
    : actions.length === 0
      ? 'asks nothing: it has none of httpGet, exec, tcpSocket, grpc'
      : `asks more than one thing (${actions.join(', ')})`;
  const fix = actions.length === 0 ? 'httpGet: { path: …, port: … }, or take it out' : 'Leave one of them';
  return [find('bad-probe', probe, `The ${which} of ${name} ${why}, and the API server refuses it`, fix)];
}

function askedRightly(container: Container, name: ProbeName): readonly Finding[] {
  const { supervisor, spot } = container;
  if (supervisor.kind !== 'k8s-run') return [];
  const { healthPort, loopback } = supervisor.options;
  const action = actionOf(field(spot, name));
  if (action === null) return [];
  if (action.name === 'exec') return rightWord(container, name, action.spot);
  const port = field(action.spot, 'port');
  const number = portNumber(port, container);
  const shown = JSON.stringify(scalarOf(port) ?? null);
  const path = textOf(field(action.spot, 'path'))?.replace(/\?.*$/s, '') ?? '/';
  const [right] = PATHS[name];
  const asks = action.name === 'httpGet' && KNOWN.has(path);
  if (healthPort === null) {
    if (!asks) return [];
    return [
      find(
        'probe-port',
        port,
        `The ${name} of ${container.name} asks for ${path}, and k8s-run has no health port that is known (off, or any free one)`,
        'Give --health-port a number, or leave it out for 20080',
      ),
    ];
  }
  if (number !== healthPort) {
    const declared = number !== null && container.ports.some((each) => each.number === number);
    if (number === null || (asks && !declared)) {
      const where =
        number === null && typeof scalarOf(port) === 'string'
          ? `port ${shown}, and no port of the container is called so`
          : `port ${shown}`;
      return [
        find(
          'probe-port',
          port,
          `The ${name} of ${container.name} asks at ${where}; k8s-run answers at ${healthPort}`,
          `port: ${healthPort}`,
          asks ? set(port, healthPort) : [],
        ),
      ];
    }
    // A readiness that the app answers itself stays good until the app is gone.
    if (name === 'livenessProbe' || name === 'startupProbe') return [];
    const word =
      action.name === 'httpGet'
        ? `--ready http://:${number}${path}`
        : `--ready ${action.name === 'grpc' ? 'grpc' : 'tcp'}://:${number}`;
    return [
      find(
        'probe-past-k8s-run',
        port,
        `The readinessProbe of ${container.name} asks the app itself (port ${number}), which says yes during the pause too: who balances by readiness goes on sending requests`,
        `httpGet: { path: ${right}, port: ${healthPort} }, and ${word} for k8s-run`,
      ),
    ];
  }
  if (action.name !== 'httpGet') {
    const service = field(action.spot, 'service');
    const reason = `The ${name} of ${container.name} only asks whether the health port of k8s-run is open, which it always is`;
    return [
      find('probe-path', action.spot, reason, `httpGet: { path: ${right}, port: ${healthPort} }`, [
        // Its port stays as it is named.
        ...(isThere(service) ? remove(service) : []),
        ...set(field(action.spot, 'path'), right),
        ...rename(action.spot, 'httpGet'),
      ]),
    ];
  }
  if (loopback)
    return [
      find(
        'probe-port',
        port,
        `The ${name} of ${container.name} asks at the pod's address, and k8s-run answers on loopback only (--health-host)`,
        `exec: { command: ["k8s-run", "probe", "${WORDS[name]}"] }, or leave --health-host out`,
      ),
    ];
  const scheme = field(action.spot, 'scheme');
  const found: Finding[] = [];
  if (textOf(scheme)?.toUpperCase() === 'HTTPS')
    found.push(
      find(
        'probe-port',
        scheme,
        `The ${name} of ${container.name} asks by HTTPS; k8s-run answers HTTP`,
        'Take the scheme out',
        remove(scheme),
      ),
    );
  if (PATHS[name].includes(path)) return found;
  const at = field(action.spot, 'path');
  // Said by a rule of its own.
  if (name === 'livenessProbe' && path === '/readyz') return found;
  const why = KNOWN.has(path)
    ? `which answers another question (${MEANINGS[path] ?? ''})`
    : 'which k8s-run answers with 404';
  return [
    ...found,
    find(
      'probe-path',
      isThere(at) ? at : action.spot,
      `The ${name} of ${container.name} asks for ${path}, ${why}`,
      `path: ${right}`,
      set(at, right),
    ),
  ];
}

const MEANINGS: Readonly<Record<string, string>> = {
  '/readyz': 'may requests be sent',
  '/livez': 'is the app alive',
  '/healthz': 'is the app alive',
  '/startupz': 'has the app started',
};

/** `exec: k8s-run probe live` as a readinessProbe. */
function rightWord(container: Container, name: ProbeName, exec: Spot): readonly Finding[] {
  const command = field(exec, 'command');
  const words = wordsOf(command) ?? [];
  const at = words.findIndex((word, index) => word === 'probe' && /(^|\/)k8s-run(\.js)?$/.test(words[index - 1] ?? ''));
  if (at < 0) return [];
  const asked = words.slice(at + 1).find((word) => Object.values(WORDS).includes(word)) ?? 'ready';
  if (
    asked === WORDS[name] ||
    (name === 'startupProbe' && asked === 'ready') ||
    (name === 'livenessProbe' && asked === 'ready')
  )
    return [];
  const reason = `The ${name} of ${container.name} runs k8s-run probe ${asked}, which answers another question`;
  const index = words.indexOf(asked, at + 1);
  return [
    find(
      'probe-path',
      command,
      reason,
      `k8s-run probe ${WORDS[name]}`,
      index < 0 ? [] : set(field(command, index), WORDS[name]),
    ),
  ];
}
