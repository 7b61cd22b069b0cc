/** What the API server rejects, whatever the pods would do. */
export const REJECTED_RULES = {
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
