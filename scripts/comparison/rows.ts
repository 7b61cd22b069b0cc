import type { Cell } from './cells.ts';

export const INITS = ['k8s-run', 'tini', 'dumb-init', 'catatonit', 'preStop: sleep'] as const;
export const SUPERVISORS = [
  'k8s-run',
  's6-overlay',
  'supervisord',
  'pm2-runtime',
  'Pebble',
  'process-compose',
] as const;
export const PROXIES_AND_LIBRARIES = [
  'k8s-run',
  'Knative queue-proxy',
  'Istio pilot-agent',
  'lightship',
  'terminus',
] as const;

/** What is compared. */
export type Program = (typeof INITS)[number] | (typeof SUPERVISORS)[number] | (typeof PROXIES_AND_LIBRARIES)[number];

/** One question, and what each program has for it. A question that only k8s-run has an answer to is left out of a table. */
export type Row = { readonly name: string; readonly cells: Partial<Readonly<Record<Program, Cell>>> };
