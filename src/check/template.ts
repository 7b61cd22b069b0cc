import { type Document, type Node, visit } from 'yaml';
import { field, isMap, itemsOf, rootOf, type Spot, textOf } from './document.ts';
import { type Finding, inText } from './finding.ts';
import { mayHoldPods, podOf } from './workload.ts';

/**
 * `{{ … }}` that should have been rendered. Where the text is YAML all the same, only what stands for a value itself counts, or in a
 * field that is read here: inside of other text (an alert, an argument, a file in a ConfigMap) it is meant for somebody else.
 */
export function templateIn(text: string, document: Document.Parsed): Finding | null {
  if (!text.includes('{{')) return null;
  if (document.errors.length > 0) {
    // Unquoted, YAML takes it for a map in a map, or for nothing at all.
    const raw = /^[^#\n'"]*?(?:^\s*|[:\-\s]\s*)(\{\{-?[^}\n]*\}\})/m.exec(text);
    return raw === null ? null : left(text, raw.index + raw[0].lastIndexOf('{{'));
  }
  const root = rootOf(document);
  const kind = textOf(field(root, 'kind'));
  if (kind !== null && !kind.includes('{{') && !mayHoldPods(kind)) return null;
  let at: number | null = null;
  visit(document, {
    Map: (_, { range }) => {
      if (range == null || !text.startsWith('{{', range[0])) return undefined;
      at = range[0];
      return visit.BREAK;
    },
  });
  if (at !== null) return left(text, at);
  const objects = kind?.endsWith('List') ? itemsOf(field(root, 'items')) : [root];
  const read = objects.flatMap(fieldsRead).find((spot) => textOf(spot)?.includes('{{'));
  const start = (read?.node as Node | null | undefined)?.range?.[0];
  return start === undefined ? null : left(text, text.indexOf('{{', start));
}

function fieldsRead(object: Spot): readonly Spot[] {
  const metadata = field(object, 'metadata');
  const pod = podOf(object);
  const containers = pod === null || !isMap(pod.node) ? [] : itemsOf(field(pod, 'containers'));
  return [
    field(object, 'kind'),
    field(object, 'apiVersion'),
    field(metadata, 'name'),
    field(metadata, 'namespace'),
    field(object, 'spec', 'replicas'),
    ...(pod === null ? [] : [field(pod, 'terminationGracePeriodSeconds')]),
    ...containers.flatMap((container) => [field(container, 'name'), field(container, 'image')]),
  ];
}

function left(text: string, at: number): Finding {
  const seen = /^\{\{[^}\n]*(\}\})?/.exec(text.slice(at))?.[0] ?? '{{';
  const shown = seen.length > 60 ? `${seen.slice(0, 60)}…` : seen;
  const fix = 'Render it first: helm template . | k8s-run check -';
  return inText('template-left', at, `A template is left in it: ${shown}`, fix);
}
