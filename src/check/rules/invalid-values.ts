import type { Finding } from '../finding.ts';
import { set } from '../fix/edit.ts';
import { field, isSet, itemsOf, type ManifestNode, numberOf, textOf } from '../manifest-node.ts';
import type { Workload } from '../workload.ts';
import { rejected } from './rejected.ts';

/**
 * Values of the right type that the API server rejects: ValidateDeploymentSpec and its like in pkg/apis/apps/validation/validation.go, after
 * the defaults of pkg/apis/apps/v1/defaults.go; ValidateContainerPorts in pkg/apis/core/validation/validation.go. A negative
 * terminationGracePeriodSeconds is taken, for 1 (pkg/api/pod/warnings.go).
 */
export function invalidValueRules(workload: Workload): readonly Finding[] {
  // Other projects have limits of their own.
  if (!BUILT_IN.has(workload.group)) return [];
  return [
    ...negativeNumbers(workload),
    ...deadline(workload),
    ...restartPolicy(workload),
    ...workload.containers.concat(workload.initContainers).flatMap(({ ports, name }) => {
      return ports.flatMap(({ node }) => [
        ...outOfRange(field(node, 'containerPort'), `containerPort of ${name}`, 1),
        ...outOfRange(field(node, 'hostPort'), `hostPort of ${name}`, 0),
      ]);
    }),
  ];
}

/** ValidateServicePort: ports by IsValidPortNum. */
export function invalidPortRules(service: ManifestNode): readonly Finding[] {
  return itemsOf(field(service, 'spec', 'ports')).flatMap((port) => [
    ...outOfRange(field(port, 'port'), 'port', 1),
    ...outOfRange(field(port, 'targetPort'), 'targetPort', 1),
  ]);
}

const BUILT_IN: ReadonlySet<string> = new Set(['', 'apps', 'batch']);

function outOfRange(node: ManifestNode, what: string, least: number): readonly Finding[] {
  const port = numberOf(node);
  if (port === null || !Number.isInteger(port) || (port >= least && port <= 65_535)) return [];
  return [rejected(node, what, `it is ${port}, and ports go from 1 to 65535`, { remedy: 'Write the port of the app' })];
}

/** ValidateNonnegativeField. */
function negativeNumbers({ kind, spec, name, containers }: Workload): readonly Finding[] {
  const job = kind === 'CronJob' ? field(spec, 'jobTemplate', 'spec') : spec;
  const counts = ['replicas', 'minReadySeconds', 'progressDeadlineSeconds', 'revisionHistoryLimit'];
  const nodes = [
    ...counts.map((key) => ({ node: field(spec, key), what: `${key} of ${name}` })),
    ...['parallelism', 'completions', 'backoffLimit'].map((key) => ({
      node: field(job, key),
      what: `${key} of ${name}`,
    })),
    { node: field(spec, 'updateStrategy', 'rollingUpdate', 'partition'), what: `partition of ${name}` },
    ...containers.map((container) => ({
      node: field(container.node, 'lifecycle', 'preStop', 'sleep', 'seconds'),
      what: `the preStop sleep of ${container.name}`,
    })),
  ];
  return nodes
    .filter(({ node }) => (numberOf(node) ?? 0) < 0)
    .map(({ node, what }) => rejected(node, what, 'it is negative', { remedy: 'Write 0 or more, or remove it' }));
}

/** In seconds: the default of progressDeadlineSeconds. */
const PROGRESS_DEADLINE = 600;

/** A pod would be available only after its deadline. */
function deadline({ kind, spec, name }: Workload): readonly Finding[] {
  if (kind !== 'Deployment') return [];
  const [given, ready] = [field(spec, 'progressDeadlineSeconds'), field(spec, 'minReadySeconds')];
  if ([given, ready].some((node) => isSet(node) && (numberOf(node) ?? -1) < 0)) return [];
  const [limit, wait] = [numberOf(given) ?? PROGRESS_DEADLINE, numberOf(ready) ?? 0];
  if (limit > wait) return [];
  const what = `progressDeadlineSeconds of ${name}`;
  const cause = `it is ${limit}${isSet(given) ? '' : ' by default'}, which is not more than minReadySeconds (${wait})`;
  return [
    rejected(isSet(given) ? given : ready, what, cause, {
      remedy: `progressDeadlineSeconds: ${wait + PROGRESS_DEADLINE}`,
      edits: set(given, wait + PROGRESS_DEADLINE),
    }),
  ];
}

const RESTARTING: ReadonlySet<string> = new Set([
  'Deployment',
  'ReplicaSet',
  'ReplicationController',
  'StatefulSet',
  'DaemonSet',
]);

/** Pods of a server are restarted for ever, and those of a Job end: ValidateDeploymentSpec, validateJobSpec. */
function restartPolicy({ kind, pod, name }: Workload): readonly Finding[] {
  const node = field(pod, 'restartPolicy');
  const given = textOf(node);
  if (RESTARTING.has(kind)) {
    if (given !== 'Never' && given !== 'OnFailure') return [];
    return [
      rejected(node, `restartPolicy of ${name}`, `it is ${given}, and a ${kind} has only Always`, {
        remedy: 'Remove restartPolicy, or make it a Job',
      }),
    ];
  }
  if ((kind !== 'Job' && kind !== 'CronJob') || (isSet(node) && given !== 'Always')) return [];
  const cause = `it is Always${isSet(node) ? '' : ' by default'}, and the pods of a ${kind} must end`;
  return [
    rejected(isSet(node) ? node : pod, `restartPolicy of ${name}`, cause, {
      remedy: 'restartPolicy: Never, or OnFailure',
    }),
  ];
}
