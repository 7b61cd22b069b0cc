import { collectDiagnostics } from '../file/diagnostics.ts';
import { readPlainFile } from '../file/plain-file.ts';
import { parseYaml, type YamlTree } from '../file/yaml.ts';
import { sortMistakes } from '../sort-mistakes.ts';
import { type PodManifest, type PodObject, readPod } from './pod.ts';
import { itemsAt, nodeAt, textAt } from './tree-access.ts';

type PodManifestResult = { readonly ok: PodManifest } | { readonly mistakes: readonly string[] };

/** Where each kind keeps the spec of its pods. */
const POD_PATHS: Readonly<Record<string, readonly string[]>> = {
  Deployment: ['spec', 'template', 'spec'],
  StatefulSet: ['spec', 'template', 'spec'],
  DaemonSet: ['spec', 'template', 'spec'],
  ReplicaSet: ['spec', 'template', 'spec'],
  Pod: ['spec'],
};
/** Only documents of these kinds are parsed, because a file may have thousands of others. */
const MAY_HOLD_POD = new RegExp(`["']?kind["']?\\s*:\\s*["']?(${[...Object.keys(POD_PATHS), 'List'].join('|')})\\b`);
/** Documents that are parsed at most; if none of them has a pod, the file is no manifest of an app. */
const MAX_CANDIDATES = 50;

/** Reads the first workload in a manifest. Each mistake has its position. */
export function readPodManifest(path: string): PodManifestResult {
  const unreadable = (problem: string): PodManifestResult => ({
    mistakes: [`cannot read --manifest ${path}: ${problem}`],
  });
  const text = readPlainFile(path);
  if ('problem' in text) return unreadable(text.problem);
  const candidates = documentsOf(text.ok).filter(({ lines }) => MAY_HOLD_POD.test(lines));
  for (const { begin, lines } of candidates.slice(0, MAX_CANDIDATES)) {
    // The empty lines in front make the positions those of the file.
    const yaml = parseYaml('\n'.repeat(begin) + lines);
    const diagnostics = collectDiagnostics(path);
    if ('errors' in yaml) {
      const template = lineOfTemplate(lines, (yaml.errors[0]?.position.line ?? 1) - 1 - begin);
      const mistakes = yaml.errors.map(
        ({ position, text }) => `cannot read --manifest ${diagnostics.locate(position)}: ${text}`,
      );
      return { mistakes: template < 0 ? mistakes : [unrenderedTemplate(path, begin + template)] };
    }
    const object = podObjectIn(yaml.tree);
    if (object === null) continue;
    const pod = readPod(object, diagnostics);
    const mistakes = diagnostics.mistakes();
    if (pod === null || mistakes.length > 0) return { mistakes: sortMistakes(mistakes).map(({ text }) => text) };
    return { ok: { ...pod, remarks: [...pod.remarks, ...diagnostics.warnings] } };
  }
  const template = lineOfTemplate(text.ok, 0);
  if (template >= 0) return { mistakes: [unrenderedTemplate(path, template)] };
  return unreadable(`it has none of ${Object.keys(POD_PATHS).join(', ')}; give a Kubernetes manifest`);
}

/** The line with a template: line `likely` if it has one, else the first; -1 where no line has one. Call it only for text that is not valid. */
function lineOfTemplate(text: string, likely: number): number {
  const lines = text.split('\n');
  return lines[likely]?.includes('{{') ? likely : lines.findIndex((line) => line.includes('{{'));
}

const unrenderedTemplate = (path: string, line: number): string =>
  `cannot read --manifest ${path}:${line + 1}: a template is not rendered ({{ … }}); render it first: helm template . > manifest.yaml`;

/** The documents of a stream (YAML 1.2, 9.1.4), each with the number of lines before it. */
function documentsOf(text: string): readonly { readonly begin: number; readonly lines: string }[] {
  const lines = text.split('\n');
  const begins = [0, ...lines.flatMap((line, index) => (index > 0 && /^---(\s|$)/.test(line) ? [index] : []))];
  return begins.map((begin, index) => {
    const [first = '', ...rest] = lines.slice(begin, begins[index + 1]);
    return { begin, lines: `${[first.replace(/^---/, ''), ...rest].join('\n')}\n` };
  });
}

function podObjectIn(tree: YamlTree): PodObject | null {
  const kind = textAt(tree, ['kind']);
  if (kind === 'List')
    return (
      itemsAt(tree, 'items')
        .map(podObjectIn)
        .find((object) => object !== null) ?? null
    );
  const keys = kind === null ? undefined : POD_PATHS[kind];
  const pod = keys === undefined ? null : nodeAt(tree, keys);
  return kind === null || pod === null ? null : { kind, tree, pod };
}
