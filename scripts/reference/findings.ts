import { RULE_LIST } from '../../src/check/rules/catalog.ts';
import { code, table } from './blocks.ts';

/** The rules of `k8s-run check`: the severity of their findings, the reason, and the fix. Findings link to the rows. */
export function findingTable(): string {
  const rows = RULE_LIST.map(({ name, severity, elsewhere, reason, remedy }) => [
    `<a id="${name}"></a>${code(name)}`,
    elsewhere === undefined ? severity : `${severity}; ${elsewhere}`,
    `${reason}.`,
    `${remedy}.`,
  ]);
  return table(['rule', 'severity', 'reason', 'fix'], rows);
}
