import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findingsIn } from '../../rig/check-run.ts';
import { manifestsOf, runManifest } from './manifest-run.ts';
import { OPTION_LISTS } from './option-lists.ts';

/** What the annotation of the workload says that is known, and what no manifest of these options can show. */
async function ignoredIn(options: readonly string[], command: readonly string[]): Promise<readonly string[]> {
  const manifests = await manifestsOf(options, command);
  return [
    ...manifests.flatMap(({ metadata }) => metadata.annotations?.['k8s-run/ignore']?.split(',') ?? []),
    // A ConfigMap or Secret of the user's may have options.
    ...(options.includes('--env-from') ? ['options-not-in-manifest'] : []),
    // A note about replicas that are not in the manifest, because the autoscaler has them.
    ...(options.includes('--hpa') ? ['single-replica'] : []),
  ];
}

/** Each with each kind that it fits. */
const MORE: readonly (readonly string[])[] = ['deployment', 'statefulset', 'daemonset', 'job', 'cronjob'].flatMap(
  (kind) =>
    [
      [],
      ['--port', 'none'],
      ['--ready', 'process'],
      ['--ready', 'tcp://:5432', '--live', 'http://:8080/live'],
      ['--health-host', '127.0.0.1'],
      ['--health-port', '9999', '--grace', '3m', '--pre-stop', 'x', '--post-exit', 'y', '--hook-timeout', '7s'],
      ['--termination-grace-period', '20'],
      ['--signal-scope', 'process', '--stop-signal', 'INT'],
      ['--entrypoint', '/opt/k8s-run/bin/k8s-run', '--wait-for', 'exec:a,b'],
    ].map((options) => ['--kind', kind, ...(kind === 'cronjob' ? ['--schedule', '@daily'] : []), ...options]),
);

test('k8s-run check finds nothing in what k8s-run manifest prints', async () => {
  for (const options of [...OPTION_LISTS, ...MORE]) {
    const command = ['node', 'server.js'];
    const { stdout } = await runManifest(options, command);
    const ignored = await ignoredIn(options, command);
    const findings = (await findingsIn(stdout)).filter(({ rule }) => !ignored.includes(rule));
    assert.deepEqual(findings, [], options.join(' '));
  }
});
