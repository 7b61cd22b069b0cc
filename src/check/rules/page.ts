import { REFERENCE } from '../../version.ts';
import type { RuleName } from './catalog.ts';

/** Where a rule is explained, as it is in this version. */
export function pageOf(rule: RuleName): string {
  return `${REFERENCE}#${rule}`;
}
