import { type CheckedClaim, nearest } from '../checked-set.ts';
import { type Finding, findingAt } from '../finding.ts';
import { field, isSet, itemsOf, type ManifestNode, numberOf, scalarOf, textOf } from '../manifest-node.ts';
import type { Workload } from '../workload.ts';
import { isOneNode, nodeChoiceOf } from './node-choice.ts';
import { isRecreated, unavailableDuring } from './rolling-update.ts';
import type { RuleContext } from './rule-context.ts';

/** A volume of a claim. `claim`: null where no checked manifest has it. */
type ClaimedVolume = { readonly node: ManifestNode; readonly claimName: string; readonly claim: CheckedClaim | null };

function claimedVolumes({ pod }: Workload, { set, origin }: RuleContext): readonly ClaimedVolume[] {
  return itemsOf(field(pod, 'volumes')).flatMap((volume) => {
    const source = field(volume, 'persistentVolumeClaim');
    const claimName = textOf(field(source, 'claimName')) ?? '';
    const [claim = null] = nearest(origin, set.claims.get([claimName]), () => true);
    return isSet(source) ? [{ node: source, claimName, claim }] : [];
  });
}

/** Whether two pods must not run at once: a volume that may be for one node only, or a port of the node. */
export function excludesAnother(workload: Workload, ruleContext: RuleContext): boolean {
  const { pod, containers } = workload;
  return (
    claimedVolumes(workload, ruleContext).some(({ claim }) => claim?.mountedBy !== 'many') ||
    scalarOf(field(pod, 'hostNetwork')) === true ||
    containers.some(({ ports }) => ports.some(({ node }) => (numberOf(field(node, 'hostPort')) ?? 0) !== 0))
  );
}

const WITH_SAME_VOLUME: ReadonlySet<string> = new Set(['Deployment', 'ReplicaSet', 'StatefulSet']);

/**
 * A volume that the new pod of an update cannot have while the old one runs. With ReadWriteOncePod the scheduler finds no node
 * for it (pkg/scheduler/framework/plugins/volumerestrictions, KEP-2485); with ReadWriteOnce the volume is not attached to a second node
 * ("Multi-Attach error", pkg/controller/volume/attachdetach/reconciler), and which node it is the manifest does not show.
 */
export function exclusiveVolumeRules(workload: Workload, ruleContext: RuleContext): readonly Finding[] {
  const { kind, name, pod, spec, servesRequests } = workload;
  const replicas = numberOf(field(spec, 'replicas')) ?? 1;
  if (!servesRequests || !WITH_SAME_VOLUME.has(kind) || replicas === 0) return [];
  const waits = kind === 'Deployment' && !isRecreated(workload) && unavailableDuring(workload) === 0;
  return claimedVolumes(workload, ruleContext).flatMap(({ node, claimName, claim }): readonly Finding[] => {
    const rule = 'exclusive-volume';
    if (claim?.mountedBy === 'one pod' && replicas > 1)
      return [
        findingAt(node, {
          rule,
          severity: 'error',
          reason: `Only one of the ${replicas} pods of ${name} starts, because only one pod may mount claim ${claimName} (ReadWriteOncePod)`,
          remedy: 'replicas: 1, or a claim for each pod, as volumeClaimTemplates of a StatefulSet make them',
        }),
      ];
    if (!waits) return [];
    const until = 'which is only stopped when the new one is ready';
    if (claim?.mountedBy === 'one pod')
      return [
        findingAt(node, {
          rule,
          severity: 'error',
          reason: `The new pod of an update of ${name} waits for the old one, ${until}, because only one pod may mount claim ${claimName} (ReadWriteOncePod)`,
        }),
      ];
    if (claim?.mountedBy !== 'one node' || isOneNode(nodeChoiceOf(pod))) return [];
    return [
      findingAt(node, {
        rule,
        reason: `The new pod of an update of ${name} waits for the old one, ${until}, if it is on another node, because only one node may mount claim ${claimName} (ReadWriteOnce)`,
      }),
    ];
  });
}
