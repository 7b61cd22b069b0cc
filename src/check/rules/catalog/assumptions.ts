/** What was assumed or not known, because the manifest does not show it. */
export const ASSUMPTIONS_RULES = {
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
  'unread-generator': {
    severity: 'note',
    reason:
      'A ConfigMap or Secret was read in part, because a file that a kustomization.yaml names for it cannot be read here',
    remedy: 'Correct the path, or check where the file is: kustomize build . | k8s-run check -',
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
  'unknown-ignored-rule': {
    severity: 'note',
    reason: 'A name in the annotation k8s-run/ignore has no effect, because no rule has this name',
    remedy: 'Correct the name, or remove it',
  },
} as const;
