/**
 * `error`: with these very settings requests or data are lost, or no pod runs. `warning`: that is likely. `note`: worth knowing,
 * an assumption for example. docs/decisions/0099-severities.md says how to choose.
 */
export const SEVERITIES = ['error', 'warning', 'note'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** What a rule is about. A finding has a reason and a remedy of its own, for its place in a manifest. */
export type RuleDescription = {
  /** The severity of its findings, unless more or less is at stake in a place. */
  readonly severity: Severity;
  /** Where it is another: `warning where …`. */
  readonly elsewhere?: string;
  /** One sentence: what happens, and because of what. */
  readonly reason: string;
  readonly remedy: string;
};

/** Every rule of `k8s-run check`, by name, in the order of the documentation. This is the only place where rules are declared. */
export const RULES = {
  'grace-period-too-short': {
    severity: 'error',
    elsewhere: 'warning where only the default of --grace does not fit',
    reason: 'The kubelet kills the pod during its shutdown, because terminationGracePeriodSeconds is too short for it',
    remedy: 'Raise terminationGracePeriodSeconds, or shorten a phase of the shutdown',
  },
  'grace-period-mismatch': {
    severity: 'note',
    reason: 'A part of terminationGracePeriodSeconds is never used, because --termination-grace-period is shorter',
    remedy: 'Set both to the same time',
  },
  'prestop-doubles-delay': {
    severity: 'note',
    reason:
      'The shutdown takes longer than it needs, because a preStop sleep comes before the shutdown delay of k8s-run',
    remedy: 'Remove the preStop hook, or set --shutdown-delay 0',
  },
  'signal-races-endpoints': {
    severity: 'warning',
    reason:
      'Requests come to an app that is shutting down, because it gets its signal while a Service still sends them to it',
    remedy: 'Run the app by k8s-run, or add a preStop hook that sleeps for some seconds',
  },
  'stop-signal': {
    severity: 'warning',
    reason: 'The app is not stopped in order, because lifecycle.stopSignal is invalid or not the signal that it needs',
    remedy: 'Remove stopSignal, or correct it',
  },
  'sidecar-grace-period': {
    severity: 'note',
    reason:
      'The kubelet kills a sidecar during its shutdown, because it is stopped after the other containers, and the grace period is too short for both',
    remedy: 'Raise terminationGracePeriodSeconds, or shorten the shutdown of the sidecar',
  },
  'sidecar-delay': {
    severity: 'note',
    reason:
      'The shutdown takes longer than it needs, because a sidecar is stopped after the containers that its shutdown delay is for',
    remedy: '--shutdown-delay 0 for the sidecar',
  },
  'readiness-window': {
    severity: 'note',
    reason: 'The app is gone before the kubelet sees that readiness fails, because the readinessProbe is too slow',
    remedy: 'Lower periodSeconds and failureThreshold of the readinessProbe',
  },
  'no-readiness-probe': {
    severity: 'warning',
    elsewhere: 'note in a container without ports for clients',
    reason: 'The pod gets requests that the app cannot serve yet, because it has no readinessProbe',
    remedy: 'Add a readinessProbe for /readyz at the health port',
  },
  'invalid-probe': {
    severity: 'error',
    reason: 'The API server rejects the manifest, because a probe has no handler, or several, or an invalid value',
    remedy: 'Give the probe one of httpGet, exec, tcpSocket and grpc, and valid values',
  },
  'probe-port-name': {
    severity: 'error',
    elsewhere: 'warning in a livenessProbe',
    reason: 'A probe never has a result, because no port of its container has the name that it uses',
    remedy: 'Give the port of the container this name, or write the number of the port',
  },
  'probe-zero': {
    severity: 'note',
    reason: 'A probe has another threshold or period than it seems, because Kubernetes takes 0 for the default',
    remedy: 'Write the number that you want',
  },
  'probe-timeout': {
    severity: 'note',
    reason: 'A failure is seen later than periodSeconds says, because a probe may take longer than its period',
    remedy: 'Make timeoutSeconds periodSeconds at most',
  },
  'probe-grace-period': {
    severity: 'warning',
    reason:
      'After a failed probe the kubelet kills a container during its shutdown, because the grace period of the probe is too short for it',
    remedy: 'Raise terminationGracePeriodSeconds of the probe, or remove it',
  },
  'probe-port': {
    severity: 'error',
    elsewhere: 'warning at a port that the container does not declare, which the app may have',
    reason: 'A probe always fails, because it does not reach the health port of k8s-run',
    remedy: 'Set the port of the probe to the health port',
  },
  'probe-path': {
    severity: 'error',
    elsewhere: 'warning or note in a livenessProbe or startupProbe that gets the verdict of another probe',
    reason: 'A probe gets the verdict of another probe or none, because its path or word is wrong',
    remedy: 'Probe /startupz, /readyz or /livez, each in the probe that it is for',
  },
  'probe-bypasses-k8s-run': {
    severity: 'note',
    reason:
      'Readiness does not fail during the shutdown delay, because the readinessProbe probes the app and not k8s-run',
    remedy: 'Probe /readyz at the health port, and give the probe of the app to --ready',
  },
  'liveness-is-readiness': {
    severity: 'warning',
    elsewhere: 'note where liveness fails later than readiness',
    reason: 'The kubelet kills a pod that is busy or shutting down, because its livenessProbe probes readiness',
    remedy: 'Probe /livez in the livenessProbe',
  },
  'liveness-kills-slow-start': {
    severity: 'warning',
    elsewhere: 'note from 15 s on',
    reason: 'The kubelet restarts an app that is still starting, because no startupProbe gives it enough time',
    remedy: 'Add a startupProbe, or raise its failureThreshold',
  },
  'liveness-kills-at-once': {
    severity: 'warning',
    elsewhere: 'note where k8s-run answers the probe',
    reason: 'The kubelet kills an app for a single slow response, because its livenessProbe may fail only once',
    remedy: 'failureThreshold: 3 in the livenessProbe',
  },
  'startup-too-short': {
    severity: 'warning',
    reason:
      'The kubelet restarts a container that still waits or prepares, because its startupProbe allows less time than --wait-for and --pre-start',
    remedy: 'Raise failureThreshold of the startupProbe, or shorten --wait-timeout or --hook-timeout',
  },
  'shell-entrypoint': {
    severity: 'warning',
    elsewhere:
      'note in a Job, in front of a program that only waits, and where only an old bash stays in front of the app',
    reason:
      'The app is killed at the end of the grace period, because a shell runs it and does not pass the stop signal on',
    remedy: 'Write `exec` before the app in the script, or run the app without a shell',
  },
  'invalid-option': {
    severity: 'error',
    reason: 'k8s-run does not start, because an option or its value is invalid',
    remedy: 'Correct the option; k8s-run --help lists all options',
  },
  'unknown-variable': {
    severity: 'warning',
    reason: 'A K8S_RUN_… variable has no effect, because no option has this name',
    remedy: 'Correct the name (k8s-run --help lists all options), or remove the variable',
  },
  'unused-option': {
    severity: 'warning',
    reason: 'An option has no effect, because another option is missing or rules it out',
    remedy: 'Remove it, or set the option that it needs',
  },
  'not-a-string': {
    severity: 'error',
    reason: 'The API server rejects the manifest, because a variable or a word of a command is not a string',
    remedy: 'Put it in quotes',
  },
  'not-a-number': {
    severity: 'error',
    reason: 'The API server rejects the manifest, because a number is in quotes',
    remedy: 'Remove the quotes',
  },
  'path-not-mounted': {
    severity: 'warning',
    reason: 'An option for mounted files finds none or sees no change, because no volume is mounted at its path',
    remedy: 'Mount the ConfigMap or Secret there, as a whole',
  },
  'remapped-exit': {
    severity: 'warning',
    reason: 'A rule on exit codes never applies, because --remap-exit replaces the code that it waits for',
    remedy: 'Write the code that --remap-exit makes of it, or remove the option',
  },
  'program-signal': {
    severity: 'warning',
    reason: 'Requests are cut, because the program wants another signal than the one that it gets',
    remedy: 'Set --stop-signal or --signal-scope as docs/how-to/signals.md says of the program',
  },
  'no-memory-limit': {
    severity: 'note',
    reason: 'A memory leak affects all pods of the node, because the container has no memory limit',
    remedy: 'Set resources.limits.memory',
  },
  'no-surge': {
    severity: 'error',
    elsewhere:
      'note where no container has a port for clients, nothing sends requests, or the manifest does not set replicas',
    reason: 'All pods may be unavailable during an update, because it stops old pods before new ones are ready',
    remedy: 'strategy: { type: RollingUpdate, rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } }',
  },
  'update-on-delete': {
    severity: 'note',
    reason: 'A new version does not run by itself, because updateStrategy is OnDelete',
    remedy: 'updateStrategy: { type: RollingUpdate }, unless something deletes the pods one by one',
  },
  'autoscaled-replicas': {
    severity: 'warning',
    reason:
      'Pods are stopped under load whenever the manifest is applied, because it sets replicas although something scales it',
    remedy: 'Remove replicas',
  },
  'budget-allows-nothing': {
    severity: 'warning',
    elsewhere: 'error where the API server rejects it',
    reason: 'A drain of a node never ends, because a PodDisruptionBudget allows no eviction',
    remedy: 'maxUnavailable: 1, and two pods or more',
  },
  'no-disruption-budget': {
    severity: 'note',
    reason: 'All pods may be evicted at once, because no PodDisruptionBudget selects them',
    remedy: 'Add a PodDisruptionBudget with maxUnavailable: 1',
  },
  'service-port': {
    severity: 'error',
    elsewhere: 'note where a port is only not declared',
    reason: 'Requests reach no pod, because no container has the port to which the Service sends them',
    remedy: 'Correct targetPort of the Service, or the ports of the container',
  },
  'service-selector': {
    severity: 'warning',
    reason: 'Requests reach no pod, because the selector of the Service does not match the labels of the pods',
    remedy: 'Give the selector labels that the template of the pods has',
  },
  'service-name': {
    severity: 'note',
    elsewhere: 'warning where a Service of this name does not select the pods, or another one is meant',
    reason:
      'The pods of a StatefulSet have no names in DNS, because serviceName names no headless Service that selects them',
    remedy: 'serviceName: the name of a headless Service with the labels of the template',
  },
  'selector-mismatch': {
    severity: 'error',
    reason: 'The API server rejects the manifest, because its selector does not match the labels of its template',
    remedy: 'Give the template the labels of the selector',
  },
  'shared-pod-limit': {
    severity: 'warning',
    reason: 'Containers together use more than the pod may, because each sizes itself for the limit of the whole pod',
    remedy: 'Set resources.limits of each container',
  },
  'resize-policy': {
    severity: 'note',
    elsewhere: 'error where the API server rejects it',
    reason: 'An app keeps the sizes of an old limit, because it is not restarted when its container is resized',
    remedy: 'restartPolicy: RestartContainer in resizePolicy',
  },
  'job-failure-policy': {
    severity: 'warning',
    elsewhere: 'error where the API server rejects it',
    reason:
      'A Job fails for good when its node is drained, because its podFailurePolicy takes an eviction for a failure',
    remedy: 'As its first rule: { action: Ignore, onPodConditions: [{ type: DisruptionTarget }] }',
  },
  'job-retries-mistakes': {
    severity: 'note',
    reason: 'A Job is tried again after a mistake that another try does not change, because it has no podFailurePolicy',
    remedy: 'A podFailurePolicy with FailJob for the exit codes 64, 78, 126 and 127',
  },
  'newer-field': {
    severity: 'error',
    elsewhere: 'warning or note where only an effect is missing',
    reason: 'A field has no effect, or the API server rejects it, because it is newer than the version of Kubernetes',
    remedy: 'Do without it; --kubernetes-version says which version your cluster has',
  },
  'single-replica': {
    severity: 'note',
    reason: 'No pod serves during an update, because a StatefulSet stops its only pod before it starts the new one',
    remedy: 'replicas: 2, if two pods of the app can run at once',
  },
  'host-port': {
    severity: 'warning',
    elsewhere: 'error where both pods must be on the same node, note where they may be on different ones',
    reason: 'A pod stays pending, because another pod has the same port of the node',
    remedy: 'Give one of them another port',
  },
  'port-conflict': {
    severity: 'error',
    elsewhere: 'warning where a port is only declared',
    reason: 'A container cannot listen, because another container of the pod has the same port',
    remedy: 'Give one of them another port',
  },
  'entrypoint-assumed': {
    severity: 'note',
    reason: 'k8s-run was assumed to be the ENTRYPOINT of the image, because the manifest does not show the ENTRYPOINT',
    remedy: 'If the ENTRYPOINT of the image has options, move them to env, where they can be checked',
  },
  'options-not-in-manifest': {
    severity: 'note',
    reason: 'The default of an option was assumed, because its value is not in the manifest',
    remedy: 'Check the value yourself, or write it into the manifest',
  },
  'no-k8s-run': {
    severity: 'note',
    reason:
      'The pod was checked as one without k8s-run, because nothing in the manifest shows that k8s-run runs the app',
    remedy: 'Name k8s-run in command, or probe its health port',
  },
  'unknown-kind': {
    severity: 'note',
    reason: 'Objects of a kind were not checked, because how they run their pods is not known',
    remedy: 'Nothing; check the Deployment or other workload that the object makes, if there is one',
  },
  'not-yaml': {
    severity: 'error',
    reason: 'The document was not checked, because it is not valid YAML',
    remedy: 'Correct it; check the indentation first',
  },
  'not-kubernetes': {
    severity: 'error',
    reason: 'The document was not checked, because it is not a complete Kubernetes object',
    remedy: 'Name only manifests; for a chart: helm template . | k8s-run check -',
  },
  'skipped-file': {
    severity: 'note',
    reason: 'A file was skipped, because it is not a Kubernetes manifest',
    remedy: 'Nothing, unless it should be a manifest; for a chart: helm template . | k8s-run check -',
  },
  'skipped-chart': {
    severity: 'note',
    reason: 'A chart was not checked, because its templates are not rendered',
    remedy: 'helm template . | k8s-run check -',
  },
  'skipped-patch': {
    severity: 'note',
    reason: 'A patch was not checked, because it is only a part of a manifest',
    remedy: 'Check the whole manifest: kustomize build . | k8s-run check -',
  },
  'unrendered-template': {
    severity: 'error',
    elsewhere: 'note in a folder',
    reason: 'The document was not checked, because it has a template that is not rendered',
    remedy: 'Render it first: helm template . | k8s-run check -',
  },
  'too-many-documents': {
    severity: 'error',
    reason: 'Documents were not checked, because there are too many for one run',
    remedy: 'Run k8s-run check for fewer files at a time',
  },
  'unknown-ignored-rule': {
    severity: 'note',
    reason: 'A name in the annotation k8s-run/ignore has no effect, because no rule has this name',
    remedy: 'Correct the name, or remove it',
  },
  'file-error': {
    severity: 'error',
    reason: 'A file was not checked or not corrected, because it cannot be read or written',
    remedy: 'Correct the path, or the permissions of the file and its folder',
  },
} as const;

/** A finding takes its rule from here: another name does not compile. */
export type RuleName = keyof typeof RULES;

export function isRuleName(name: string): name is RuleName {
  return Object.hasOwn(RULES, name);
}

/** The rules as a list, for reports and for generated documentation. A row of the table that is not complete does not compile here. */
export const RULE_LIST: readonly (RuleDescription & { readonly name: RuleName })[] = (
  Object.keys(RULES) as RuleName[]
).map((name) => ({ name, ...RULES[name] }));
