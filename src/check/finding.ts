import type { Edit } from './fix/edit.ts';
import type { ManifestNode } from './manifest-node.ts';
import { RULES, type RuleName, type Severity } from './rules/catalog.ts';

/** A finding in one document. Its `edits` correct it safely; without edits, the user has to correct it. */
export type Finding = {
  readonly rule: RuleName;
  readonly severity: Severity;
  /** In characters from the start of the document. */
  readonly offset: number;
  readonly reason: string;
  readonly remedy: string;
  readonly edits: readonly Edit[];
};

export type FindingDetails = {
  readonly rule: RuleName;
  readonly reason: string;
  /** Default: the remedy of the rule. */
  readonly remedy?: string;
  /** Default: the severity of the rule. */
  readonly severity?: Severity;
  readonly edits?: readonly Edit[];
};

/** A finding at a node. A shared node has no edits, because other places would change with it. */
export function findingAt(node: ManifestNode, details: FindingDetails): Finding {
  return { ...findingInText(node.offset, details), ...(node.shared ? { edits: [] } : {}) };
}

/** A finding at a position of the text, for a document that has no nodes to point at. */
export function findingInText(offset: number, details: FindingDetails): Finding {
  const { severity, remedy } = RULES[details.rule];
  return { severity, remedy, edits: [], ...details, offset };
}
