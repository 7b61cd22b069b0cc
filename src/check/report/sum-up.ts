import { dirname } from 'node:path';
import type { ReportedFinding } from '../checker.ts';
import type { RuleName } from '../rules/catalog.ts';

/** Several notes of one rule, as one. */
export type NoteSum = {
  readonly rule: RuleName;
  readonly count: number;
  /** `deploy`, or `37 folders`. */
  readonly where: string;
  readonly first: ReportedFinding;
};

export type SummedUp = {
  /** What is reported by itself, in the order of the findings. */
  readonly single: readonly ReportedFinding[];
  /** The others, rule by rule. */
  readonly sums: readonly NoteSum[];
};

/** A rule with notes in more folders has one sum for all of them. */
const MAX_FOLDERS = 5;

/** Sums up notes of one rule in one folder. What was corrected stays by itself, because it has changed a file. */
export function sumUp(findings: readonly ReportedFinding[]): SummedUp {
  const notes = findings.filter(({ severity, fixed }) => severity === 'note' && !fixed);
  const sums: NoteSum[] = [];
  const summed = new Set<ReportedFinding>();
  for (const [rule, ofRule] of Map.groupBy(notes, (note) => note.rule)) {
    const folders = Map.groupBy(ofRule, ({ file }) => (file === 'stdin' ? file : dirname(file)));
    const groups = folders.size > MAX_FOLDERS ? new Map([[`${folders.size} folders`, ofRule]]) : folders;
    for (const [where, group] of groups) {
      const [first] = group;
      if (first === undefined || group.length === 1) continue;
      sums.push({ rule, count: group.length, where, first });
      for (const each of group) summed.add(each);
    }
  }
  return { single: findings.filter((each) => !summed.has(each)), sums };
}
