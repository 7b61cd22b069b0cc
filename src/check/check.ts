import { placeIn, type Slice, slices } from './documents.ts';
import { type Examined, examine } from './examine.ts';
import { type Finding, RULES, type RuleId, type Severity } from './finding.ts';
import { fixed } from './fix.ts';
import type { Interpret } from './interpret.ts';
import type { NodePorts } from './rules/ports.ts';

/** A finding as it is reported. */
export type Reported = {
  readonly rule: RuleId;
  readonly severity: Severity;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** The kind and name of the workload; empty where it is about the text. */
  readonly about: string;
  readonly reason: string;
  readonly fix: string;
  /** `--fix` makes it right by itself. */
  readonly fixable: boolean;
  /** It was made right. */
  readonly fixed: boolean;
};

/** All that was looked at, over one run. */
export type Outcome = {
  readonly findings: readonly Reported[];
  readonly documents: number;
  readonly workloads: number;
};

/** So many documents in one run are looked at, some ten seconds' worth. */
export const MOST_DOCUMENTS = 10_000;

/** `walked`: the file was met in a folder, where others have a place too; nobody named it. */
export type How = { readonly fix: boolean; readonly walked: boolean };

/** One run over any number of texts: what is found, and the texts as they should be. */
export type Checker = {
  /** Looks at one text; returns it fixed, or null where nothing was to be fixed. */
  readonly text: (file: string, text: string, how: How) => string | null;
  readonly unreadable: (file: string, reason: string, fix: string) => void;
  readonly outcome: () => Outcome;
};

export function checker(interpret: Interpret): Checker {
  const findings: Reported[] = [];
  const nodePorts: NodePorts = new Map();
  let documents = 0;
  let workloads = 0;
  const report = (file: string, slice: Slice, found: Examined['findings'][number], done: boolean): void => {
    const { rule, about, reason, fix, edits, offset } = found;
    const [severity] = RULES[rule];
    findings.push({
      rule,
      severity,
      file,
      ...placeIn(slice, offset),
      about,
      reason,
      fix,
      fixable: edits.length > 0,
      fixed: done,
    });
  };
  return {
    text(file, text, { fix, walked }) {
      const parts: string[] = [];
      let changed = false;
      for (const slice of slices(text)) {
        if (documents === MOST_DOCUMENTS) {
          report(file, slice, { ...TOO_MUCH, about: '' }, false);
          parts.push(text.slice(slice.start));
          break;
        }
        documents += 1;
        const examined = examine(slice, interpret, nodePorts);
        workloads += examined.workloads;
        const { document } = examined;
        const edits = fix ? examined.findings.flatMap((each) => each.edits) : [];
        for (const each of examined.findings) {
          const rule = walked && each.rule === 'not-kubernetes' && each.about === '' ? 'passed-over' : each.rule;
          report(file, slice, { ...each, rule }, fix && each.edits.length > 0);
        }
        parts.push(edits.length === 0 || document === null ? slice.text : fixed(slice.text, document, edits));
        changed ||= edits.length > 0;
      }
      return changed ? parts.join('') : null;
    },
    unreadable(file, reason, fix) {
      findings.push({
        rule: 'cannot-read',
        severity: 'error',
        file,
        line: 1,
        column: 1,
        about: '',
        reason,
        fix,
        fixable: false,
        fixed: false,
      });
    },
    outcome: () => ({ findings, documents, workloads }),
  };
}

const TOO_MUCH: Finding = {
  rule: 'too-much',
  offset: 0,
  reason: `There are more than ${MOST_DOCUMENTS} documents; from here on they were not looked at`,
  fix: 'Call k8s-run check for some of them at a time',
  edits: [],
};
