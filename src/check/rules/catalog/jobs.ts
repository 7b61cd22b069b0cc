/** Jobs. */
export const JOBS_RULES = {
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
} as const;
