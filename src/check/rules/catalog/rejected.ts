/** What the API server rejects, whatever the pods would do. */
export const REJECTED_RULES = {
  'wrong-type': {
    severity: 'error',
    reason: 'The API server rejects the manifest, because a value is of another type than its field',
    remedy: 'Write a number without quotes, a string in quotes, a list as a list',
  },
  'invalid-value': {
    severity: 'error',
    reason: 'The API server rejects the manifest, because a number is out of range, or two values exclude each other',
    remedy: 'Correct the value, or remove one of the two',
  },
  'selector-mismatch': {
    severity: 'error',
    reason: 'The API server rejects the manifest, because its selector does not match the labels of its template',
    remedy: 'Give the template the labels of the selector',
  },
  'newer-field': {
    severity: 'error',
    elsewhere: 'warning or note where only an effect is missing',
    reason: 'A field has no effect, or the API server rejects it, because it is newer than the version of Kubernetes',
    remedy: 'Do without it; --kubernetes-version says which version your cluster has',
  },
} as const;
