import table from './programs.json' with { type: 'json' };

export type Program = keyof (typeof table)['packages'];

export function isInstalled(program: Program): boolean;
export function remedyFor(programs: readonly Program[]): string;
