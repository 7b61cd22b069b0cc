import type { Option } from './row.ts';

export const FILE_OPTIONS: { readonly config: Option<string | null> } = {
  config: {
    flag: 'config',
    takes: '<file>',
    fallback: null,
    group: 'file',
    help: 'YAML or JSON file with these options in camelCase, probes as Kubernetes stanzas, and named health checks',
    read: (text) => (text === '' ? { problem: 'not a file; write /etc/k8s-run.yaml' } : { ok: text }),
  },
};
