/** Files and documents that were not checked. */
export const DOCUMENTS_RULES = {
  'not-yaml': {
    severity: 'error',
    reason: 'The document was not checked, because it is not valid YAML',
    remedy: 'Correct it; check the indentation first',
  },
  'not-kubernetes': {
    severity: 'error',
    reason: 'The document was not checked, because it is not a complete Kubernetes object',
    remedy: 'Name only manifests; for a chart: helm template . | k8s-run check -',
  },
  'skipped-file': {
    severity: 'note',
    reason: 'A file was skipped, because it is not a Kubernetes manifest',
    remedy: 'Nothing, unless it should be a manifest; for a chart: helm template . | k8s-run check -',
  },
  'skipped-chart': {
    severity: 'note',
    reason: 'A chart was not checked, because its templates are not rendered',
    remedy: 'helm template . | k8s-run check -',
  },
  'skipped-patch': {
    severity: 'note',
    reason: 'A patch was not checked, because it is only a part of a manifest',
    remedy: 'Check the whole manifest: kustomize build . | k8s-run check -',
  },
  'unrendered-template': {
    severity: 'error',
    elsewhere: 'note in a folder',
    reason: 'The document was not checked, because it has a template that is not rendered',
    remedy: 'Render it first: helm template . | k8s-run check -',
  },
  'too-many-documents': {
    severity: 'error',
    reason: 'Documents were not checked, because there are too many for one run',
    remedy: 'Run k8s-run check for fewer files at a time',
  },
  'file-error': {
    severity: 'error',
    reason: 'A file was not checked or not corrected, because it cannot be read or written',
    remedy: 'Correct the path, or the permissions of the file and its folder',
  },
} as const;
