import { type Json, type JsonMap, mapsOf, valueAt } from '../json.ts';
import { mapsAt } from '../record.ts';
import type { Remark } from '../settings.ts';

/**
 * On the host's network two pods on one node would have one port for their health. The scheduler keeps pods apart by the ports
 * that they declare, so only those are told that declare none. `workload`: the object that the pods are of.
 */
export function sharedPortNote(workload: Json, template: Json, port: number): readonly Remark[] {
  if (valueAt(template, ['spec', 'hostNetwork']) !== true) return [];
  const declared = mapsAt(template, ['spec', 'containers']).some((container) => mapsOf(container['ports']).length > 0);
  if (declared || !mayShareNode(workload)) return [];
  return [
    {
      container: null,
      text: `is on the host's network without a port among its ports, so two of its pods may come to one node, where only one of them gets port ${port} for its health and starts: name it as a containerPort, so that the scheduler keeps them apart`,
    },
  ];
}

/** Whether there may be two pods on a node at one time, as in a rolling update with a surge. */
function mayShareNode(workload: Json): boolean {
  const kind = valueAt(workload, ['kind']);
  const spec = valueAt(workload, ['spec']);
  const replicas = valueAt(spec, ['replicas']) ?? 1;
  switch (kind) {
    case 'Pod':
      return false;
    case 'DaemonSet':
      return hasSurge(valueAt(spec, ['updateStrategy', 'rollingUpdate']), 0);
    case 'StatefulSet':
      return replicas !== 1;
    case 'Deployment':
      return replicas !== 1 || hasSurgeOf(spec);
    default:
      return true;
  }
}

function hasSurgeOf(spec: Json | undefined): boolean {
  return (
    valueAt(spec, ['strategy', 'type']) !== 'Recreate' && hasSurge(valueAt(spec, ['strategy', 'rollingUpdate']), '25%')
  );
}

function hasSurge(update: Json | undefined, fallback: Json): boolean {
  const held: JsonMap = typeof update === 'object' && update !== null ? (update as JsonMap) : {};
  return !/^0%?$/.test(String(held['maxSurge'] ?? fallback));
}
