import { type Finding, findingAt } from '../finding.ts';
import { remove } from '../fix/edit.ts';
import { field, isSeq, isSet, itemsOf, type ManifestNode, numberOf, scalarOf } from '../manifest-node.ts';
import { type Container, onlyHandlerOf, type Workload } from '../workload.ts';
import { PROBE_FIELDS, type ProbeField } from './probe-fields.ts';

type CheckedProbe = {
  readonly container: Container;
  readonly probeField: ProbeField;
  readonly node: ManifestNode;
  readonly handler: { readonly name: string; readonly node: ManifestNode };
};

/** Whether the numbers and ports of each probe are valid, and mean what they seem to mean. */
export function probeValueRules({ containers }: Workload): readonly Finding[] {
  return containers.flatMap((container) =>
    PROBE_FIELDS.flatMap((probeField) => {
      const node = field(container.node, probeField);
      const handler = onlyHandlerOf(node);
      if (handler === null) return [];
      const probe = { container, probeField, node, handler };
      return [
        ...invalidNumbers(probe),
        ...invalidPort(probe),
        ...unknownPortName(probe),
        ...zeros(probe),
        ...timeoutOverPeriod(probe),
      ];
    }),
  );
}

function nameOf({ probeField, container }: CheckedProbe): string {
  return `the ${probeField} of ${container.name}`;
}

const COUNTS = ['initialDelaySeconds', 'timeoutSeconds', 'periodSeconds', 'successThreshold', 'failureThreshold'];

/** What the API server rejects: validateProbe and its callers in pkg/apis/core/validation/validation.go. */
function invalidNumbers(probe: CheckedProbe): readonly Finding[] {
  const { probeField, node } = probe;
  const rejected = (at: ManifestNode, cause: string, remedy: string, edits: Finding['edits'] = []): Finding =>
    findingAt(at, {
      rule: 'invalid-probe',
      reason: `The API server rejects ${nameOf(probe)}, because ${cause}`,
      remedy,
      edits,
    });
  const negative = COUNTS.map((key) => ({ key, at: field(node, key) })).filter(({ at }) => (numberOf(at) ?? 0) < 0);
  const successes = field(node, 'successThreshold');
  const grace = field(node, 'terminationGracePeriodSeconds');
  const isReadiness = probeField === 'readinessProbe';
  return [
    ...negative.map(({ key, at }) => rejected(at, `${key} is negative`, `Give ${key} a number from 1 on`)),
    // 0 is the default, which is 1.
    ...(!isReadiness && (numberOf(successes) ?? 1) > 1
      ? [
          rejected(
            successes,
            `its successThreshold is ${numberOf(successes)}, and only a readinessProbe may have another than 1`,
            'Remove successThreshold',
            remove(successes),
          ),
        ]
      : []),
    ...(isReadiness && isSet(grace)
      ? [
          rejected(
            grace,
            'only a livenessProbe and a startupProbe may have terminationGracePeriodSeconds',
            'Remove it from the probe',
            remove(grace),
          ),
        ]
      : []),
    ...(!isReadiness && (numberOf(grace) ?? 1) < 1
      ? [rejected(grace, 'its terminationGracePeriodSeconds is not 1 or more', 'Remove it, or make it 1 or more')]
      : []),
  ];
}

/** Ports by ValidatePortNumOrName; a number in quotes has a rule of its own. */
function invalidPort(probe: CheckedProbe): readonly Finding[] {
  const { handler } = probe;
  if (handler.name === 'exec') return noCommand(probe);
  const port = field(handler.node, 'port');
  const value = scalarOf(port);
  const rejected = (cause: string, remedy: string): readonly Finding[] => [
    findingAt(isSet(port) ? port : handler.node, {
      rule: 'invalid-probe',
      reason: `The API server rejects ${nameOf(probe)}, because ${cause}`,
      remedy,
    }),
  ];
  if (!isSet(port)) return rejected('it has no port', 'Add the port, as a number or as the name of a container port');
  if (typeof value === 'number')
    return Number.isInteger(value) && value >= 1 && value <= 65_535
      ? []
      : rejected(`its port is ${value}, and ports go from 1 to 65535`, 'Correct the port');
  if (typeof value !== 'string' || /^\d+$/.test(value) || /[${}<>]/.test(value)) return [];
  if (handler.name === 'grpc')
    return rejected('the port of a grpc probe must be a number', 'Write the number of the port');
  return isPortName(value)
    ? []
    : rejected(
        `${JSON.stringify(value)} is no port name: 15 characters at most, of a-z, 0-9 and single hyphens between them`,
        'Correct the name, here and in ports',
      );
}

function noCommand(probe: CheckedProbe): readonly Finding[] {
  const command = field(probe.handler.node, 'command');
  // A command that is no list is a wrong type.
  if (isSet(command) && (!isSeq(command.value) || itemsOf(command).length > 0)) return [];
  return [
    findingAt(isSet(command) ? command : probe.handler.node, {
      rule: 'invalid-probe',
      reason: `The API server rejects ${nameOf(probe)}, because its exec has no command`,
      remedy: 'Add the command, as a list of words',
    }),
  ];
}

/** IsValidPortName in k8s.io/apimachinery/pkg/util/validation. */
function isPortName(name: string): boolean {
  return name.length <= 15 && /^[a-z0-9]+(-[a-z0-9]+)*$/.test(name) && /[a-z]/.test(name);
}

/**
 * The kubelet looks a port name up in the container of the probe, and throws the result away if there is none (doProbe in
 * pkg/kubelet/prober/worker.go). So the probe keeps its first verdict: not started, not ready, alive.
 */
function unknownPortName(probe: CheckedProbe): readonly Finding[] {
  const { container, probeField, handler } = probe;
  const { entrypoint, ports } = container;
  const port = field(handler.node, 'port');
  const name = scalarOf(port);
  if (typeof name !== 'string' || !isPortName(name) || handler.name === 'grpc') return [];
  if (ports.some((each) => each.name === name)) return [];
  // The rule probe-port reports it with the right port.
  if (entrypoint.kind === 'k8s-run' && entrypoint.options.healthPort !== null) return [];
  const isLiveness = probeField === 'livenessProbe';
  const names = ports.flatMap((each) => each.name ?? []);
  const has = names.length === 0 ? 'it names no ports' : `its ports are named ${names.join(', ')}`;
  return [
    findingAt(port, {
      rule: 'probe-port-name',
      ...(isLiveness ? { severity: 'warning' } : {}),
      reason: `The ${probeField} of ${container.name} has no result, because no port of ${container.name} is named ${name} (${has}), so ${isLiveness ? 'an app that hangs is never restarted' : 'the pod is never ready'}`,
      remedy: `Add { name: ${name}, containerPort: … } to ports, or write the number of the port`,
    }),
  ];
}

/** SetDefaults_Probe in pkg/apis/core/v1/defaults.go takes 0 for not set. */
const DEFAULTS = { failureThreshold: 3, periodSeconds: 10 };

function zeros(probe: CheckedProbe): readonly Finding[] {
  return Object.entries(DEFAULTS).flatMap(([key, fallback]) => {
    const at = field(probe.node, key);
    if (numberOf(at) !== 0) return [];
    return [
      findingAt(at, {
        rule: 'probe-zero',
        reason: `${key}: 0 in ${nameOf(probe)} means the default of ${fallback}, because Kubernetes takes 0 for a field that is not set`,
        remedy: `Write the number that you want, or ${key}: ${fallback}`,
      }),
    ];
  });
}

function timeoutOverPeriod(probe: CheckedProbe): readonly Finding[] {
  const at = field(probe.node, 'timeoutSeconds');
  const timeout = numberOf(at) ?? 1;
  const period = numberOf(field(probe.node, 'periodSeconds')) || DEFAULTS.periodSeconds;
  if (timeout <= period || period < 0) return [];
  const failures = numberOf(field(probe.node, 'failureThreshold')) || DEFAULTS.failureThreshold;
  return [
    findingAt(at, {
      rule: 'probe-timeout',
      reason: `A failure of ${nameOf(probe)} may take ${timeout * failures} s to be seen, not ${period * failures} s, because its timeoutSeconds (${timeout}) is longer than its periodSeconds (${period})`,
      remedy: `timeoutSeconds: ${period}, or a longer periodSeconds`,
    }),
  ];
}
