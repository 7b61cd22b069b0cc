/** A value of a manifest, without its form. */
export type Json = null | boolean | number | string | readonly Json[] | JsonMap;
export type JsonMap = { readonly [key: string]: Json };
/** Keys, and indices of lists, from the outside in. */
export type JsonPath = readonly (string | number)[];

export function isJsonMap(value: Json | undefined): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isJsonList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

export function listOf(value: Json | undefined): readonly Json[] {
  return isJsonList(value) ? value : [];
}

export function mapsOf(value: Json | undefined): readonly JsonMap[] {
  return listOf(value).filter(isJsonMap);
}

/** The strings of a list, with other scalars as Kubernetes would show them; null where it is no list of scalars. */
export function wordsIn(value: Json | undefined): readonly string[] | null {
  if (!isJsonList(value)) return null;
  const words = value.map((each) => (each === null || typeof each === 'object' ? null : String(each)));
  return words.every((word) => word !== null) ? words : null;
}

/** The value at a path; undefined where there is none. */
export function valueAt(value: Json | undefined, path: JsonPath): Json | undefined {
  return path.reduce<Json | undefined>((held, key) => {
    if (isJsonList(held) && typeof key === 'number') return held[key];
    return isJsonMap(held) && Object.hasOwn(held, key) ? held[String(key)] : undefined;
  }, value);
}

/** The same with another value at a path, where missing maps are made; undefined removes the key. */
export function withValueAt(value: Json | undefined, path: JsonPath, wanted: Json | undefined): Json {
  const [key, ...inner] = path;
  if (key === undefined) return wanted ?? null;
  if (isJsonList(value)) {
    return value.map((each, index) => (index === key ? withValueAt(each, inner, wanted) : each));
  }
  const map = isJsonMap(value) ? value : {};
  const held = Object.hasOwn(map, key) ? map[String(key)] : undefined;
  if (inner.length > 0) return withKey(map, String(key), withValueAt(held, inner, wanted));
  return wanted === undefined
    ? Object.fromEntries(Object.entries(map).filter(([each]) => each !== key))
    : withKey(map, String(key), wanted);
}

function withKey(map: JsonMap, key: string, value: Json): JsonMap {
  return { ...map, [key]: value };
}

/** Whether two values are the same, whatever the order of keys is. */
export function isSame(one: Json | undefined, other: Json | undefined): boolean {
  if (isJsonList(one) && isJsonList(other))
    return one.length === other.length && one.every((each, index) => isSame(each, other[index]));
  if (isJsonMap(one) && isJsonMap(other)) {
    const keys = Object.keys(one);
    return (
      keys.length === Object.keys(other).length &&
      keys.every((key) => Object.hasOwn(other, key) && isSame(one[key], other[key]))
    );
  }
  return one === other;
}
