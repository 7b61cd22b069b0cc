import { type JsonMap, mapsOf, valueAt } from '../json.ts';

/** Volumes that nobody can write, so that no mount point can be made in them. */
const READ_ONLY = ['configMap', 'secret', 'projected', 'downwardAPI', 'image'] as const;

/** Why the mounts of a container leave no room for others at these places; null: they do. */
export function mountInWay(container: JsonMap, volumes: readonly JsonMap[], places: readonly string[]): string | null {
  for (const mount of mapsOf(container['volumeMounts'])) {
    const path = String(mount['mountPath']).replace(/\/+/g, '/').replace(/\/$/, '');
    const place = places.find((each) => `${each}/`.startsWith(`${path}/`) || path.startsWith(`${each}/`));
    if (place === undefined) continue;
    if (path === place) return `has a volume at ${path} already, where k8s-run would be mounted`;
    if (path.length > place.length)
      return `has a volume at ${path}, inside of ${place}, where k8s-run would be mounted read-only`;
    if (isReadOnly(mount, volumes))
      return `has a read-only volume at ${path}, in which ${place} cannot be made to mount k8s-run`;
  }
  return null;
}

function isReadOnly(mount: JsonMap, volumes: readonly JsonMap[]): boolean {
  const volume = volumes.find(({ name }) => name === mount['name']) ?? {};
  return (
    mount['readOnly'] === true ||
    READ_ONLY.some((kind) => kind in volume) ||
    valueAt(volume, ['persistentVolumeClaim', 'readOnly']) === true
  );
}
