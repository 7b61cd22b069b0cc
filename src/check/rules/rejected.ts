import { type Finding, type FindingDetails, findingAt } from '../finding.ts';
import type { ManifestNode } from '../manifest-node.ts';

/** A value that the API server rejects, and with it the whole manifest. */
export function rejected(
  node: ManifestNode,
  what: string,
  cause: string,
  details: Pick<FindingDetails, 'remedy' | 'edits'>,
): Finding {
  return findingAt(node, {
    rule: 'invalid-value',
    reason: `The API server rejects ${what}, because ${cause}`,
    ...details,
  });
}
