import { parseArgs } from 'node:util';
import type { OnTerm } from '../rig/rollout/contenders.ts';
import type { Played } from './rollout/cell.ts';

export const USAGE = `npm run test:cluster [-- [--full] [--write] [--only cases|rollouts]]

  Runs on the cluster that KUBECONFIG names, in a namespace of its own that it deletes at the end. The variable
  K8S_RUN_TEST_LOAD_IMAGE is the command that loads an archive of images: "kind load image-archive", "k3d image import",
  "minikube image load". Takes less than 15 minutes.

  --full    more rollouts, for the record: a quarter of an hour instead of ten minutes
  --write   the tables into docs/explanation/on-a-cluster.md and the README as well
  --only    a part
`;

const boolean = { type: 'boolean', default: false } as const;
const { values } = parseArgs({
  options: { full: boolean, write: boolean, help: boolean, only: { type: 'string' } },
});

const PARTS = ['cases', 'rollouts'] as const;
if (values.only !== undefined && !PARTS.some((part) => part === values.only)) {
  process.stderr.write(`--only takes ${PARTS.join(' or ')}, not ${values.only}\n${USAGE}`);
  process.exit(64);
}

/** What was asked for. An app that ignores SIGTERM is waited for half a minute in each rollout. */
export const options: {
  readonly help: boolean;
  readonly write: boolean;
  readonly cases: boolean;
  readonly rollouts: Readonly<Record<OnTerm, number>>;
  readonly isFull: boolean;
  readonly limit: number;
} = {
  help: values.help,
  write: values.write,
  cases: values.only !== 'rollouts',
  rollouts: rollouts(),
  isFull: values.full,
  limit: (values.full ? 75 : 15) * 60_000,
};

function rollouts(): Readonly<Record<OnTerm, number>> {
  if (values.only === 'cases') return { dies: 0, drains: 0, ignores: 0 };
  return values.full ? { dies: 4, drains: 2, ignores: 2 } : { dies: 2, drains: 1, ignores: 1 };
}

type Cost = { alone: number; wrapped: number };
const unknown = (): Cost => ({ alone: Number.NaN, wrapped: Number.NaN });

/** What the run found out, for the tables. */
export const measured: {
  rollouts: readonly Played[];
  /** Turns of the rolling restarts that came to an end, whatever they found. */
  played: number;
  /** Of the node that the first of them was on. */
  processor: string | null;
  readonly memory: Record<'rssBytes' | 'workingSetBytes', Cost>;
} = {
  rollouts: [],
  played: 0,
  processor: null,
  memory: { rssBytes: unknown(), workingSetBytes: unknown() },
};
