import { type Finding, findingAt } from '../finding.ts';
import { set } from '../fix/edit.ts';
import { field, isSet, type ManifestNode, numberOf, wordsOf } from '../manifest-node.ts';
import { type Container, isValidProbe, portNumber, type Workload } from '../workload.ts';

/** In seconds. What `k8s-run manifest` gives an app to start in. */
const START_TIME = 60;

/** Whether the kubelet waits as long as k8s-run does before it starts the app: `--wait-for` and `--pre-start`. */
export function preparationRules({ containers }: Workload): readonly Finding[] {
  return containers.flatMap((container) => {
    const { node, name, entrypoint } = container;
    if (entrypoint.kind !== 'k8s-run' || entrypoint.options.preparation.length === 0) return [];
    const startup = field(node, 'startupProbe');
    const liveness = field(node, 'livenessProbe');
    // k8s-run is live while it waits, but an app that does not run yet is not.
    const probe = isSet(startup) ? startup : probesHealth(container, liveness) ? null : liveness;
    if (probe === null || !isValidProbe(probe)) return [];
    const { preparation } = entrypoint.options;
    const needed = preparation.reduce((sum, [, ms]) => sum + ms, 0) / 1_000;
    const period = numberOf(field(probe, 'periodSeconds')) || 10;
    const delay = numberOf(field(probe, 'initialDelaySeconds')) ?? 0;
    const failures = numberOf(field(probe, 'failureThreshold')) || 3;
    const time = delay + period * failures;
    if (time > needed) return [];
    const threshold = Math.ceil((needed + START_TIME - delay) / period);
    const parts = preparation.map(([option, ms]) => `${option} may take ${ms / 1_000} s`).join(' and ');
    const field_ = probe === startup ? 'startupProbe' : 'livenessProbe';
    return [
      findingAt(probe, {
        rule: 'startup-too-short',
        reason: `The ${field_} of ${name} gives it ${time} s to start, but ${parts}, so the kubelet may restart it before its app has started`,
        remedy:
          probe === startup
            ? `failureThreshold: ${threshold} in the startupProbe`
            : 'Add a startupProbe for /startupz at the health port, with enough time',
        edits: probe === startup ? set(field(probe, 'failureThreshold'), threshold) : [],
      }),
    ];
  });
}

function probesHealth(container: Container, probe: ManifestNode): boolean {
  const { entrypoint } = container;
  const healthPort = entrypoint.kind === 'k8s-run' ? entrypoint.options.healthPort : null;
  const words = wordsOf(field(probe, 'exec', 'command')) ?? [];
  return (
    (healthPort !== null && portNumber(field(probe, 'httpGet', 'port'), container) === healthPort) ||
    words.some((word) => /(^|\/)k8s-run(\.js)?$/.test(word))
  );
}
