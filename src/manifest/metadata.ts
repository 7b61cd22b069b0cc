import { labelsOf } from './labels.ts';
import type { ManifestInput } from './manifest-input.ts';
import type { YamlFields } from './yaml-writer.ts';

export function metadataOf(input: ManifestInput, name: string = input.name): YamlFields {
  return { name, namespace: input.namespace ?? undefined, labels: labelsOf(input) };
}
