import type { ManifestInput } from './manifest-input.ts';
import { isLabelValue } from './names.ts';
import type { YamlFields } from './yaml-writer.ts';

/** By this label alone pods are selected, because a selector can never be changed. */
export const SELECTOR_LABEL = 'app.kubernetes.io/name';

/** The labels by which the pods are selected. */
export function selectorLabels({ name }: ManifestInput): YamlFields {
  return { [SELECTOR_LABEL]: name };
}

/** The labels of the objects and the pods: https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/ */
export function labelsOf(input: ManifestInput): YamlFields {
  const { name, image, labels } = input;
  const { tag } = image;
  const version = tag !== null && tag !== 'latest' && isLabelValue(tag) ? tag : undefined;
  return {
    ...selectorLabels(input),
    'app.kubernetes.io/instance': name,
    'app.kubernetes.io/version': version,
    ...Object.fromEntries(labels),
  };
}

/** On an object: rules of `k8s-run check` that it need not report there, with commas between them. */
export const IGNORE_ANNOTATION = 'k8s-run/ignore';

/** The assumptions that `k8s-run check` would note, and that are known to be right: the manifest was made for this image and file. */
export function knownAssumptions({ entrypoint, file }: ManifestInput): readonly string[] {
  return [
    ...(entrypoint === null ? ['entrypoint-assumed'] : []),
    ...(file === null ? [] : ['options-not-in-manifest']),
  ];
}
