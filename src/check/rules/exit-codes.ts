import { type Finding, findingAt } from '../finding.ts';
import { field, isSet, itemsOf, type ManifestNode, numberOf, scalarOf, textOf } from '../manifest-node.ts';
import type { Container, Workload } from '../workload.ts';

/** Rules of Kubernetes on the exit codes of containers, and the codes that they get under k8s-run. */
export function exitCodeRules(workload: Workload): readonly Finding[] {
  return [...[...workload.containers, ...workload.initContainers].flatMap(restartRules), ...jobRules(workload)];
}

function restartRules(container: Container): readonly Finding[] {
  return itemsOf(field(container.node, 'restartPolicyRules')).flatMap((rule) =>
    unseenCodes(field(rule, 'exitCodes', 'values'), [container], 'restartPolicyRules'),
  );
}

/** Codes that `--remap-exit` replaces, so that the kubelet never sees them. */
function unseenCodes(values: ManifestNode, containers: readonly Container[], whose: string): readonly Finding[] {
  return itemsOf(values).flatMap((value) => {
    const code = numberOf(value);
    const remapped = containers.flatMap(({ name, entrypoint }) => {
      const pairs = entrypoint.kind === 'k8s-run' ? entrypoint.options.remapExit : [];
      const pair = pairs.find(([from]) => from === code);
      const isMade = pairs.some(([, to]) => to === code);
      return pair === undefined || isMade ? [] : [{ name, to: pair[1] }];
    });
    const [first] = remapped;
    // Another container may still exit with it.
    if (first === undefined || remapped.length < containers.length) return [];
    return [
      findingAt(value, {
        rule: 'remapped-exit',
        reason: `${whose} waits for exit code ${code} of ${first.name}, which it never sees, because --remap-exit makes it ${first.to}`,
        remedy: `Write ${first.to} here, or remove --remap-exit ${code}:${first.to}`,
      }),
    ];
  });
}

/** Exit codes of k8s-run that another try does not change: usage, configuration, a program that cannot be executed or is missing. */
const LASTING = [64, 78, 126, 127];
/** The code of most programs after SIGTERM, which a pod gets when its node is drained. */
const TERMINATED = 143;

function jobRules(workload: Workload): readonly Finding[] {
  const { kind, spec, pod, name, containers } = workload;
  const job = kind === 'Job' ? spec : kind === 'CronJob' ? field(spec, 'jobTemplate', 'spec') : null;
  if (job === null) return [];
  const policy = field(job, 'podFailurePolicy');
  const underK8sRun = containers.filter(({ entrypoint }) => entrypoint.kind === 'k8s-run');
  const restart = textOf(field(pod, 'restartPolicy'));
  if (!isSet(policy)) {
    const at = field(job, 'backoffLimit');
    if (underK8sRun.length === 0 || numberOf(at) === 0 || restart !== 'Never') return [];
    return [
      findingAt(isSet(at) ? at : job, {
        rule: 'job-retries-mistakes',
        reason: `${name} is tried ${(numberOf(at) ?? 6) + 1} times even after exit code 64 or 78 (a mistake in its options), 126 or 127 (its program cannot be executed), which another try does not change`,
        remedy: `podFailurePolicy: { rules: [{ action: FailJob, onExitCodes: { operator: In, values: [${LASTING.join(', ')}] } }] }`,
      }),
    ];
  }
  const rules = itemsOf(field(policy, 'rules'));
  return [
    ...(restart === 'Never'
      ? []
      : [
          findingAt(policy, {
            rule: 'job-failure-policy',
            severity: 'error',
            reason: `The API server rejects the podFailurePolicy of ${name}, because it needs restartPolicy: Never in the pod`,
            remedy: 'restartPolicy: Never',
          }),
        ]),
    ...rules.flatMap((rule, index) => failsOnDrain(rule, rules.slice(0, index), workload)),
    ...rules.flatMap((rule) => {
      const on = field(rule, 'onExitCodes');
      const only = textOf(field(on, 'containerName'));
      const meant = only === null ? containers : containers.filter((each) => each.name === only);
      return unseenCodes(field(on, 'values'), meant, 'podFailurePolicy');
    }),
  ];
}

/** FailJob for the exit code of a pod that was only evicted, and no rule before it that ignores evictions. */
function failsOnDrain(
  rule: ManifestNode,
  earlier: readonly ManifestNode[],
  { name, containers }: Workload,
): readonly Finding[] {
  if (textOf(field(rule, 'action')) !== 'FailJob') return [];
  const on = field(rule, 'onExitCodes');
  const values = itemsOf(field(on, 'values')).map((value) => numberOf(value));
  const seen = containers.flatMap(({ entrypoint }) =>
    entrypoint.kind === 'k8s-run'
      ? (entrypoint.options.remapExit.find(([from]) => from === TERMINATED)?.[1] ?? [])
      : [],
  );
  const code = seen[0] ?? TERMINATED;
  const matches = textOf(field(on, 'operator')) === 'NotIn' ? !values.includes(code) : values.includes(code);
  if (!isSet(on) || !matches || code === 0 || earlier.some(handlesDisruption)) return [];
  return [
    findingAt(on, {
      rule: 'job-failure-policy',
      reason: `${name} fails for good when a pod of it is evicted, for example because its node is drained, because its exit code after SIGTERM (${code}) meets this rule`,
      remedy: 'As the first rule: { action: Ignore, onPodConditions: [{ type: DisruptionTarget }] }',
    }),
  ];
}

function handlesDisruption(rule: ManifestNode): boolean {
  return itemsOf(field(rule, 'onPodConditions')).some(
    (condition) =>
      textOf(field(condition, 'type')) === 'DisruptionTarget' &&
      !/^false$/i.test(String(scalarOf(field(condition, 'status')) ?? 'True')),
  );
}
