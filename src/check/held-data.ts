import { type CheckedSet, nearest, type Origin } from './checked-set.ts';

/** The data of a ConfigMap or Secret, as far as the checked manifests have it. */
export type HeldData = { readonly data: Readonly<Record<string, string>>; readonly isComplete: boolean };

/** What kustomize appends to a name: ten characters of hasher.Encode in sigs.k8s.io/kustomize/api/hasher. */
const HASH = /-[2456789bcdfghkmt]{10}$/;

/** Finds the data that a container in this place gets from a ConfigMap or Secret; null where no checked file has it. */
export function heldDataAt(
  set: CheckedSet,
  place: Origin,
): (kind: 'ConfigMap' | 'Secret', name: string) => HeldData | null {
  return (kind, name) => {
    const [configMap] = kind === 'ConfigMap' ? nearest(place, set.configMaps.get([name]), () => true) : [];
    if (configMap !== undefined) return { data: configMap.data, isComplete: true };
    const generated = [name, name.replace(HASH, '')].flatMap((each) =>
      nearest(place, set.generatedMaps.get([`${kind} ${each}`]), () => true),
    );
    return generated[0] ?? null;
  };
}
