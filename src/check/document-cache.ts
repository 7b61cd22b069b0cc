import type { Document } from 'yaml';
import { parseOrNull } from './manifest-node.ts';

/** Parses each document once, although some are read twice: for others, and for their own check. */
export type DocumentCache = {
  /** Parses a document, and keeps it until `take`, if there is room; null: it is nested too deeply. */
  readonly keep: (text: string) => Document.Parsed | null;
  /** The document, kept or parsed now; null: it is nested too deeply. */
  readonly take: (text: string) => Document.Parsed | null;
};

/** In characters together: enough for the manifests of one app. */
const MAX_KEPT = 1_000_000;

export function createDocumentCache(): DocumentCache {
  const kept = new Map<string, Document.Parsed>();
  let length = 0;
  return {
    keep(text) {
      const document = parseOrNull(text);
      if (document !== null && length + text.length <= MAX_KEPT && !kept.has(text)) {
        kept.set(text, document);
        length += text.length;
      }
      return document;
    },
    take(text) {
      const document = kept.get(text);
      if (document === undefined) return parseOrNull(text);
      kept.delete(text);
      length -= text.length;
      return document;
    },
  };
}
