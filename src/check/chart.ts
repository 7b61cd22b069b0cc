import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve, sep } from 'node:path';

/** The file that makes a folder a chart of Helm (https://helm.sh/docs/topics/charts), and others that Helm reads beside it. */
export const CHART_FILE = 'Chart.yaml';
const BESIDE = /^(Chart\.(yaml|lock)|requirements\.(yaml|lock)|values.*\.(ya?ml|json))$/;

type Entry = { readonly name: string; readonly isDirectory: () => boolean };

export function isChart(entries: readonly Entry[]): boolean {
  return entries.some((entry) => entry.name === CHART_FILE && !entry.isDirectory());
}

/** Whether Helm reads this entry of the folder of a chart when it renders the chart. */
export function isOfChart({ name, isDirectory }: Pick<Entry, 'name'> & { readonly isDirectory: boolean }): boolean {
  return isDirectory ? name === 'templates' || name === 'charts' : BESIDE.test(name);
}

/** The folder of the chart whose templates are in this folder or around it; null for another folder. */
export function chartAround(folder: string): string | null {
  const names = resolve(folder).split(sep);
  const roots = names.flatMap((name, index) =>
    name === 'templates' ? [join(folder, ...Array<string>(names.length - index).fill('..'))] : [],
  );
  return roots.findLast((root) => existsSync(join(root, CHART_FILE))) ?? null;
}

/** The folder of the chart that a file is a part of; null for another file. */
export function chartOf(file: string): string | null {
  const folder = dirname(file);
  const isBeside = isOfChart({ name: basename(file), isDirectory: false }) && existsSync(join(folder, CHART_FILE));
  return isBeside ? folder : chartAround(folder);
}
