/** How pods are replaced, scaled and evicted. */
export const UPDATES_RULES = {
  'no-surge': {
    severity: 'error',
    elsewhere:
      'warning where no checked Service selects the pods; note where no container has a port for clients, where no checked Service selects a DaemonSet, or where the manifest does not set replicas',
    reason: 'All pods may be unavailable during an update, because it stops old pods before new ones are ready',
    remedy: 'strategy: { type: RollingUpdate, rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } }',
  },
  'exclusive-volume': {
    severity: 'warning',
    elsewhere: 'error where only one pod may mount the volume',
    reason:
      'A new pod waits for ever, because another pod of the workload has its volume, which only one pod or one node may mount',
    remedy: 'strategy: { type: Recreate }',
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
  'single-replica': {
    severity: 'note',
    reason: 'No pod serves during an update, because a StatefulSet stops its only pod before it starts the new one',
    remedy: 'replicas: 2, if two pods of the app can run at once',
  },
} as const;
