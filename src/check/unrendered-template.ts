import { type Document, type Node, visit } from 'yaml';
import { type Finding, findingInText } from './finding.ts';
import { field, isMap, itemsOf, type ManifestNode, rootOf, textOf } from './manifest-node.ts';
import { mayHavePods, podSpecOf } from './pod-templates.ts';

/**
 * Finds a `{{ … }}` that is not rendered. In valid YAML only one in place of a value counts, or one in a field that rules read:
 * inside other text (an alert, an argument, a file in a ConfigMap) it is a template of another program.
 */
export function unrenderedTemplate(text: string, document: Document.Parsed): Finding | null {
  if (!text.includes('{{')) return null;
  if (document.errors.length > 0) {
    // Without quotes YAML reads it as a map in a map, or not at all.
    const raw = /^[^#\n'"]*?(?:^\s*|[:\-\s]\s*)(\{\{-?[^}\n]*\}\})/m.exec(text);
    return raw === null ? null : templateFinding(text, raw.index + raw[0].lastIndexOf('{{'));
  }
  const root = rootOf(document);
  const kind = textOf(field(root, 'kind'));
  if (kind !== null && !kind.includes('{{') && !mayHavePods(kind)) return null;
  let offset: number | null = null;
  visit(document, {
    Map: (_, { range }) => {
      if (range == null || !text.startsWith('{{', range[0])) return undefined;
      offset = range[0];
      return visit.BREAK;
    },
  });
  if (offset !== null) return templateFinding(text, offset);
  const objects = kind?.endsWith('List') ? itemsOf(field(root, 'items')) : [root];
  const templated = objects.flatMap(fieldsReadByRules).find((node) => textOf(node)?.includes('{{'));
  const start = (templated?.value as Node | null | undefined)?.range?.[0];
  return start === undefined ? null : templateFinding(text, text.indexOf('{{', start));
}

function fieldsReadByRules(object: ManifestNode): readonly ManifestNode[] {
  const metadata = field(object, 'metadata');
  const pod = podSpecOf(object);
  const containers = pod === null || !isMap(pod.value) ? [] : itemsOf(field(pod, 'containers'));
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

function templateFinding(text: string, offset: number): Finding {
  const template = /^\{\{[^}\n]*(\}\})?/.exec(text.slice(offset))?.[0] ?? '{{';
  const shown = template.length > 60 ? `${template.slice(0, 60)}…` : template;
  return findingInText(offset, { rule: 'unrendered-template', reason: `A template is not rendered: ${shown}` });
}
