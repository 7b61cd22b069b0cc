import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { CHART_FILE, chartAround, chartOf, isChart, isOfChart } from './chart.ts';
import { isKustomization, patchesOf } from './kustomization.ts';
import { type FileProblem, problemOf, readManifest } from './manifest-file.ts';

/**
 * A manifest to check; or why there is none; or a patch, with the kustomization.yaml that names it; or the Chart.yaml of a chart, whose
 * folder has templates of manifests.
 */
export type FoundManifest =
  | { readonly file: string }
  | (FileProblem & { readonly file: string })
  | { readonly file: string; readonly patchOf: string }
  | { readonly file: string; readonly chartIn: string };

/** Files of one folder: enough for a repository of manifests, but not for a whole machine. */
const MAX_FILES = 10_000;
const MANIFEST = /\.(ya?ml|json)$/i;

/**
 * The manifests that an argument names, sorted. In a folder, hidden folders, node_modules and what Helm reads of a chart are skipped;
 * with `skipOthers` a named file of a chart, too.
 */
export function findManifests(argument: string, skipOthers: boolean): readonly FoundManifest[] {
  if (argument === '-') return [{ file: argument }];
  const isNamedFile = !isFolder(argument);
  if (isNamedFile && !skipOthers) return [{ file: argument }];
  const chart = isNamedFile ? chartOf(argument) : chartAround(argument);
  if (chart !== null) return [foundChart(chart)];
  if (isNamedFile) return [{ file: argument }];
  const manifests: FoundManifest[] = [];
  const patches = new Map<string, string>();
  const folders = [argument];
  for (const folder of folders) {
    let entries: readonly { readonly name: string; isDirectory: () => boolean }[] = [];
    try {
      entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
    } catch (error) {
      manifests.push({ file: folder, ...problemOf(error) });
    }
    const ofChart = isChart(entries);
    if (ofChart) manifests.push(foundChart(folder));
    for (const entry of entries) {
      const path = join(folder, entry.name);
      if (entry.name.startsWith('.') || entry.name === 'node_modules') continue;
      if (ofChart && isOfChart({ name: entry.name, isDirectory: entry.isDirectory() })) continue;
      if (entry.isDirectory()) folders.push(path);
      else if (MANIFEST.test(entry.name)) {
        if (manifests.length === MAX_FILES) {
          const problem = `there are more than ${MAX_FILES} files in ${argument}`;
          return [...manifests, { file: path, problem, remedy: 'Name the folders that contain manifests' }];
        }
        if (isKustomization(entry.name))
          for (const patch of patchesNamedIn(path)) patches.set(join(folder, patch), path);
        manifests.push({ file: path });
      }
    }
  }
  if (manifests.length === 0) {
    const problem = 'the folder has no *.yaml, *.yml or *.json';
    return [{ file: argument, problem, remedy: 'Name a folder that contains manifests' }];
  }
  return manifests.map((each) => {
    const patchOf = patches.get(each.file);
    return patchOf === undefined ? each : { file: each.file, patchOf };
  });
}

function foundChart(folder: string): FoundManifest {
  return { file: join(folder, CHART_FILE), chartIn: folder };
}

/** A file that cannot be read is reported when its turn comes. */
function patchesNamedIn(file: string): readonly string[] {
  const manifest = readManifest(file);
  return 'text' in manifest ? patchesOf(manifest.text) : [];
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    // Why it cannot be read is said when its turn comes.
    return false;
  }
}
