import type { Command } from './command-file.ts';

/** The commands beside supervising an app. Each is one file, loaded when its name is the first word of the command line. */
export const COMMANDS: Readonly<Record<string, Command>> = {
  check: {
    summary: 'report what in Kubernetes manifests would lose requests; exits 0 or 1',
    load: () => import('./check.ts'),
  },
  completion: {
    summary: 'print a completion script for bash, zsh, fish or kubectl',
    load: () => import('./completion.ts'),
  },
  env: {
    summary: "print what --resource-env and --web-concurrency set from the container's limits, and why",
    load: () => import('./env.ts'),
  },
  inject: {
    summary: 'print Kubernetes manifests with k8s-run in front of the apps in them, images unchanged',
    load: () => import('./inject.ts'),
  },
  install: {
    summary: 'copy the portable folder that it runs from into another folder, such as an emptyDir',
    load: () => import('./install.ts'),
  },
  manifest: {
    summary: 'print Kubernetes manifests that match the options',
    load: () => import('./manifest.ts'),
  },
  probe: {
    summary: 'probe the k8s-run that runs in this container; exits 0 or 1',
    load: () => import('./probe.ts'),
  },
  rehearse: {
    summary: 'rehearse a rolling update on this machine; reports lost requests and what to change',
    load: () => import('./rehearse.ts'),
  },
};

export const COMMAND_NAMES: ReadonlySet<string> = new Set(Object.keys(COMMANDS));
