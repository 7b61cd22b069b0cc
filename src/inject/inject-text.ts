import { field, parseManifest, rootOf, textOf } from '../check/manifest-node.ts';
import { isEmpty, splitDocuments, withLineEndsOf } from '../check/split-documents.ts';
import { type DocumentOutcome, injectDocument, type Task } from './inject-document.ts';

/** What became of a file. */
export type TextOutcome = DocumentOutcome;

/** Changes a stream of documents, one after the other. */
export function injectText(text: string, task: Task): TextOutcome {
  const outcomes = [...splitDocuments(text)].map((document) => {
    const outcome = injectDocument(document, task);
    // Not the document's own text, which has line feeds for lone carriage returns.
    const written = text.slice(document.start, document.start + document.text.length);
    return { ...outcome, text: outcome.text === document.text ? written : withLineEndsOf(text, outcome.text) };
  });
  return {
    text: outcomes.map((each) => each.text).join(''),
    notes: outcomes.flatMap(({ notes }) => notes),
    problems: outcomes.flatMap(({ problems }) => problems),
    changed: outcomes.reduce((sum, { changed }) => sum + changed, 0),
    containers: outcomes.flatMap(({ containers }) => containers),
  };
}

/** Whether a file of a folder has an object of Kubernetes, or something that should be one and cannot be read. */
export function isManifest(text: string): boolean {
  return [...splitDocuments(text)].some((document) => {
    if (isEmpty(document.text)) return false;
    try {
      const parsed = parseManifest(document.text);
      const root = rootOf(parsed);
      const isObject = textOf(field(root, 'kind')) !== null && textOf(field(root, 'apiVersion')) !== null;
      return isObject || parsed.errors.length > 0;
    } catch {
      return true;
    }
  });
}
