/**
 * The rooms of src/ (its folders, and its files at the top) in layers, and which room may import which. An import goes to a
 * lower layer only, type imports included, so there can be no cycle between rooms. docs/architecture.md shows this table.
 */

/** From the top to the bottom. Rooms of one layer do not import each other. */
export const LAYERS: readonly (readonly string[])[] = [
  ['main.ts'],
  ['run.ts'],
  ['cli', 'supervisor'],
  ['metrics', 'exit'],
  ['environment', 'hooks', 'health', 'otlp', 'rehearse', 'inject'],
  ['process', 'probe', 'resources', 'manifest', 'check', 'install'],
  ['config', 'log', 'mounted', 'connections', 'node-drain'],
  [
    'boot',
    'lifecycle',
    'linux',
    'clock.ts',
    'colours.ts',
    'duration.ts',
    'version.ts',
    'fault-domain.ts',
    'wrap.ts',
    'programs',
  ],
];

/** `types`: for type imports only. What a room imports lazily is listed with the rest. */
export type Edges = { readonly code?: readonly string[]; readonly types?: readonly string[] };

/** A room that is not a key here imports nothing of src/. */
export const EDGES: Readonly<Record<string, Edges>> = {
  'main.ts': { code: ['boot', 'run.ts', 'linux'], types: ['exit'] },
  'run.ts': {
    code: [
      'cli',
      'supervisor',
      'exit',
      'environment',
      'health',
      'config',
      'log',
      'mounted',
      'node-drain',
      'otlp',
      'clock.ts',
      'colours.ts',
      'version.ts',
      'fault-domain.ts',
    ],
    types: ['boot'],
  },
  cli: {
    code: ['environment', 'health', 'rehearse', 'process', 'probe', 'resources', 'manifest', 'check', 'config'].concat([
      'inject',
      'install',
      'exit',
      'linux',
      'clock.ts',
      'colours.ts',
      'duration.ts',
      'version.ts',
      'wrap.ts',
    ]),
    types: ['log', 'boot'],
  },
  supervisor: {
    code: ['metrics', 'exit', 'hooks', 'health', 'process', 'probe', 'resources', 'log', 'mounted', 'programs'].concat([
      'connections',
      'node-drain',
      'boot',
      'lifecycle',
      'linux',
      'clock.ts',
      'duration.ts',
      'version.ts',
      'fault-domain.ts',
    ]),
    types: ['environment', 'config', 'otlp'],
  },
  metrics: {
    code: ['resources', 'lifecycle', 'linux', 'version.ts'],
    types: ['process', 'probe', 'log', 'clock.ts', 'fault-domain.ts'],
  },
  exit: { code: ['resources', 'log', 'linux', 'duration.ts'], types: ['lifecycle'] },
  environment: { code: ['resources', 'mounted'], types: ['config'] },
  hooks: { code: ['probe', 'config', 'linux'], types: ['process', 'log', 'lifecycle', 'clock.ts'] },
  health: { code: ['probe', 'config', 'linux', 'duration.ts'], types: ['lifecycle'] },
  otlp: { code: ['probe', 'log'], types: ['config', 'lifecycle', 'clock.ts'] },
  rehearse: { code: ['config', 'clock.ts', 'colours.ts', 'duration.ts', 'wrap.ts'], types: ['log'] },
  inject: { code: ['check', 'config', 'programs'], types: ['lifecycle'] },
  process: { code: ['linux', 'clock.ts', 'fault-domain.ts'], types: ['log', 'boot', 'lifecycle'] },
  probe: { code: ['config', 'fault-domain.ts'], types: ['lifecycle', 'clock.ts'] },
  resources: { code: ['linux', 'fault-domain.ts'], types: ['log', 'lifecycle', 'clock.ts'] },
  manifest: { code: ['config'] },
  check: { code: ['config', 'programs', 'version.ts'] },
  config: { code: ['linux', 'duration.ts'], types: ['lifecycle'] },
  log: { code: ['linux', 'wrap.ts'], types: ['lifecycle'] },
  mounted: { types: ['clock.ts'] },
  'node-drain': { code: ['linux'], types: ['lifecycle'] },
  connections: { code: ['linux'], types: ['lifecycle', 'clock.ts'] },
};
