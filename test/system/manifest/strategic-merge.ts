type Fields = Readonly<Record<string, unknown>>;

/** By these fields the items of a list are the same: `patchMergeKey` in k8s.io/api/core/v1/types.go. Other lists are replaced. */
const MERGE_KEYS: Readonly<Record<string, string>> = {
  ...{ containers: 'name', env: 'name', volumes: 'name' },
  ...{ ports: 'containerPort', volumeMounts: 'mountPath' },
};

/** An object with a strategic merge patch applied, as kubectl and kustomize do it: KEP-555, for what the patches here have. */
export function strategicMerge(old: unknown, patch: unknown, key = ''): unknown {
  if (Array.isArray(patch)) {
    const mergeKey = MERGE_KEYS[key];
    return mergeKey === undefined || !Array.isArray(old) ? patch : mergedLists(old, patch, mergeKey);
  }
  if (!isMap(patch)) return patch;
  const { $patch: directive, ...fields } = patch;
  const merged = new Map(Object.entries(isMap(old) && directive !== 'replace' ? old : {}));
  for (const [name, value] of Object.entries(fields)) {
    if (value === null) merged.delete(name);
    else merged.set(name, strategicMerge(merged.get(name), value, name));
  }
  return Object.fromEntries(merged);
}

/** What is new comes first, as kustomize has it. */
function mergedLists(old: readonly Fields[], patch: readonly Fields[], mergeKey: string): readonly unknown[] {
  const changeOf = (item: Fields): Fields | undefined => patch.find((each) => each[mergeKey] === item[mergeKey]);
  const added = patch.filter((each) => old.every((item) => item[mergeKey] !== each[mergeKey]));
  return [...added, ...old.map((item) => strategicMerge(item, changeOf(item) ?? {}))];
}

function isMap(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
