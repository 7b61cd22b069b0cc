/** A token of HTTP (RFC 9110, 5.6.2): what a key of `OTEL_EXPORTER_OTLP_HEADERS` and of `OTEL_RESOURCE_ATTRIBUTES` may be. */
const KEY = /^[\w!#$%&'*+.^`|~-]+$/;
/** In a value that is sent as a header. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused.
const CONTROL = /[\u0000-\u0008\u000a-\u001f\u007f]|[^\u0000-\u00ff]/;

export type Pair = readonly [key: string, value: string];

/**
 * Reads `key=value,key=value` in the form of W3C Baggage, whose values are percent-encoded; what stands behind a semicolon is left out.
 * null: it is not of this form, and by the specification nothing of it may be used then.
 */
export function readPairs(text: string, use: 'headers' | 'attributes'): readonly Pair[] | null {
  const pairs: Pair[] = [];
  for (const part of text.split(',')) {
    if (part.trim() === '') continue;
    const equals = part.indexOf('=');
    const key = decoded(part.slice(0, Math.max(0, equals)).trim());
    const value = decoded(
      part
        .slice(equals + 1)
        .split(';')[0]
        ?.trim() ?? '',
    );
    if (key === null || value === null || !KEY.test(key)) return null;
    if (use === 'headers' && CONTROL.test(value)) return null;
    pairs.push([key, value]);
  }
  return pairs;
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
