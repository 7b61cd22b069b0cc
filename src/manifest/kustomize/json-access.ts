/** What these keys lead to in a parsed manifest, one inside the other; undefined where they lead nowhere, or to null. */
export function jsonField(value: unknown, ...keys: readonly string[]): unknown {
  let found: unknown = value;
  for (const key of keys) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, key)) return undefined;
    found = (found as Readonly<Record<string, unknown>>)[key];
  }
  return found ?? undefined;
}

export function jsonList(value: unknown, ...keys: readonly string[]): readonly unknown[] {
  const found = jsonField(value, ...keys);
  return Array.isArray(found) ? found : [];
}

export function jsonText(value: unknown, ...keys: readonly string[]): string | null {
  const found = jsonField(value, ...keys);
  return typeof found === 'string' ? found : null;
}

export function jsonNumber(value: unknown, ...keys: readonly string[]): number | null {
  const found = jsonField(value, ...keys);
  return typeof found === 'number' ? found : null;
}

/** The words of a command; null where there is none. */
export function jsonWords(value: unknown, ...keys: readonly string[]): readonly string[] | null {
  const words = jsonList(value, ...keys).filter((word) => typeof word === 'string');
  return words.length === 0 ? null : words;
}

/** A number of a probe; null: it has its default, which is what 0 means in Kubernetes. */
export function probeNumber(probe: unknown, name: string): number | null {
  const number = jsonNumber(probe, name);
  return number !== null && number > 0 ? number : null;
}
