import { type Finding, findingAt } from '../finding.ts';
import { set } from '../fix/edit.ts';
import { field, isMap, isSet, type ManifestNode, wordsOf } from '../manifest-node.ts';
import { type Container, handlersOf, onlyHandlerOf, type Workload } from '../workload.ts';
import { healthPortFindings } from './health-port-probes.ts';
import { PROBE_FIELDS, PROBE_VERDICTS, type ProbeField, severityOfVerdict } from './probe-fields.ts';

/** Whether each probe is valid, and gets the verdict that it is for. */
export function probeTargetRules(workload: Workload): readonly Finding[] {
  return workload.containers.flatMap((container) => {
    const probes = PROBE_FIELDS.filter((name) => isSet(field(container.node, name)));
    return [
      ...probes.flatMap((name) => invalidProbe(container, name)),
      ...probes.flatMap((name) => wrongTarget(container, name)),
    ];
  });
}

/** A probe that the API server rejects, and the whole manifest with it. */
function invalidProbe({ node, name }: Container, probeField: ProbeField): readonly Finding[] {
  const probe = field(node, probeField);
  const handlers = handlersOf(probe);
  if (handlers.length === 1) return [];
  const cause = !isMap(probe.value)
    ? 'is not a map'
    : handlers.length === 0
      ? 'has none of httpGet, exec, tcpSocket and grpc'
      : `has more than one handler (${handlers.join(', ')})`;
  return [
    findingAt(probe, {
      rule: 'invalid-probe',
      reason: `The API server rejects the ${probeField} of ${name}, because it ${cause}`,
      remedy: handlers.length === 0 ? 'httpGet: { path: …, port: … }, or remove the probe' : 'Keep one of them',
    }),
  ];
}

/** A probe of a container that k8s-run runs. */
function wrongTarget(container: Container, probeField: ProbeField): readonly Finding[] {
  const { entrypoint, node } = container;
  const handler = onlyHandlerOf(field(node, probeField));
  if (entrypoint.kind !== 'k8s-run' || handler === null) return [];
  if (handler.name === 'exec') return wrongVerdict(container, probeField, handler.node);
  return healthPortFindings({ container, options: entrypoint.options, probeField, handler });
}

/** `k8s-run probe live` in a readinessProbe. */
function wrongVerdict({ name }: Container, probeField: ProbeField, exec: ManifestNode): readonly Finding[] {
  const command = field(exec, 'command');
  const words = wordsOf(command) ?? [];
  const at = words.findIndex((word, index) => word === 'probe' && /(^|\/)k8s-run(\.js)?$/.test(words[index - 1] ?? ''));
  if (at < 0) return [];
  const right = PROBE_VERDICTS[probeField];
  const verdict = words.slice(at + 1).find((word) => Object.values(PROBE_VERDICTS).includes(word)) ?? 'ready';
  // The rule liveness-is-readiness reports ready in a livenessProbe; a startupProbe may wait for ready.
  if (verdict === right || (probeField !== 'readinessProbe' && verdict === 'ready')) return [];
  const index = words.indexOf(verdict, at + 1);
  return [
    findingAt(command, {
      rule: 'probe-path',
      ...severityOfVerdict(probeField, verdict),
      reason: `The ${probeField} of ${name} runs k8s-run probe ${verdict}, which is for another probe`,
      remedy: `k8s-run probe ${right}`,
      edits: index < 0 ? [] : set(field(command, index), right),
    }),
  ];
}
