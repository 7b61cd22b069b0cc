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

/** What is compared. */
export type Program = (typeof INITS)[number] | (typeof SUPERVISORS)[number];

/** One question, and what each program has for it. A program without a cell is left out of the question's table. */
export type Row = { readonly name: string; readonly cells: Partial<Readonly<Record<Program, Cell>>> };
