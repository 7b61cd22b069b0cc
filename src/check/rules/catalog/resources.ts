/** Limits of containers and pods. */
export const RESOURCES_RULES = {
  'no-memory-limit': {
    severity: 'note',
    reason: 'A memory leak affects all pods of the node, because the container has no memory limit',
    remedy: 'Set resources.limits.memory',
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
} as const;
