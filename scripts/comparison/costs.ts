import { memory, onDisk, ourMemory, start } from '../figures/catalog.ts';
import { type Cell, measured, source } from './cells.ts';

const SIZE = 'Size on disk';
const START = 'Exec of the supervisor → exec of the app';
const MEMORY = 'Memory of the idle supervisor: private dirty';

/** The columns of the table of what each program costs. */
export const COSTS = ['size', "from exec to the app's exec", 'private memory, idle'] as const;

const byBench = (program: string): readonly Cell[] => [
  measured(SIZE, onDisk(program)),
  measured(START, start(program)),
  measured(MEMORY, memory(program)),
];
const notRun = (repository: string): readonly Cell[] =>
  COSTS.map(() => source(`https://github.com/${repository}`, 'not measured here'));

/** A row for each program. */
export const costs = (): readonly (readonly [program: string, cells: readonly Cell[]])[] => [
  [
    'k8s-run, npm',
    [
      measured(SIZE, `${onDisk('bin/ and dist/ of k8s-run, in an image that has Node')} beside Node`),
      measured(START, start('k8s-run')),
      measured(MEMORY, ourMemory()),
    ],
  ],
  [
    'k8s-run, portable folder',
    [
      measured(
        SIZE,
        `${onDisk('k8s-run, the portable folder')}; compressed ${onDisk('the portable folder, zstd -19')}`,
      ),
      measured(START, start('k8s-run, portable folder')),
      measured(MEMORY, 'not measured by itself'),
    ],
  ],
  ['tini', byBench('tini')],
  ['dumb-init', byBench('dumb-init')],
  ['catatonit', byBench('catatonit')],
  ['s6, without the overlay', byBench('s6')],
  ['supervisord', byBench('supervisord')],
  ['pm2-runtime', byBench('pm2-runtime')],
  ['Pebble', notRun('canonical/pebble')],
  ['process-compose', notRun('F1bonacc1/process-compose')],
  [
    'preStop: sleep',
    COSTS.map(() => source('https://kubernetes.io/docs/concepts/containers/container-lifecycle-hooks/', '**nothing**')),
  ],
];
