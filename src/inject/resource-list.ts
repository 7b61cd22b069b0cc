import { field, parseManifest, rootOf, textOf } from '../check/manifest-node.ts';
import { dataOf } from './data-of.ts';
import { isJsonMap, valueAt } from './json.ts';

/**
 * The options in the functionConfig of a ResourceList, which kustomize gives to a KRM function: the fields of its `data`, as words of
 * a command line. A value of several lines is one option for each; null: the text is no ResourceList.
 */
export function functionConfigIn(text: string): readonly string[] | null {
  // Only what begins like one is parsed.
  if (!/kind["']?\s*:\s*["']?ResourceList\b/.test(text)) return null;
  const document = parseManifest(text);
  const root = rootOf(document);
  if (document.errors.length > 0 || textOf(field(root, 'kind')) !== 'ResourceList') return null;
  const config = dataOf(field(root, 'functionConfig'));
  const data = valueAt(config, ['data']) ?? valueAt(config, ['spec']);
  return Object.entries(isJsonMap(data) ? data : {}).flatMap(([key, value]) => {
    if (value === true || value === 'true') return [`--${key}`];
    const lines = Array.isArray(value) ? value.map(String) : String(value).split('\n');
    return lines.filter((line) => line.trim() !== '').map((line) => `--${key}=${line.trim()}`);
  });
}
