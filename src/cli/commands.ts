import type { Command } from './command.ts';

/** The commands beside supervising: each is one file, read when its name is the first word of the command line. */
export const COMMANDS: Readonly<Record<string, Command>> = {
  check: { summary: 'find in manifests what would lose requests; exits 0 or 1', load: () => import('./check.ts') },
  completion: {
    summary: 'print a script that completes k8s-run in bash, zsh or fish',
    load: () => import('./completion.ts'),
  },
  env: { summary: "what --resource-env sets from the container's limits, and why", load: () => import('./env.ts') },
  manifest: {
    summary: 'print the Kubernetes manifests that agree with these options',
    load: () => import('./manifest.ts'),
  },
  probe: { summary: 'ask the running k8s-run in this container; exits 0 or 1', load: () => import('./probe.ts') },
  rehearse: {
    summary: 'rehearse a rolling update on this machine; reports lost requests and what to change',
    load: () => import('./rehearse.ts'),
  },
};

export const COMMAND_NAMES: ReadonlySet<string> = new Set(Object.keys(COMMANDS));
