import { normalize } from 'node:path';
import { type CheckContext, checkDocument, type ObjectFinding } from './check-document.ts';
import { emptySet } from './checked-set.ts';
import { createDocumentCache } from './document-cache.ts';
import { findingInText } from './finding.ts';
import { applyEdits } from './fix/apply-edits.ts';
import type { RuleName, Severity } from './rules/catalog.ts';
import { pageOf } from './rules/page.ts';
import { type DocumentText, positionIn, splitDocuments, withLineEndsOf, withLineFeeds } from './split-documents.ts';
import type { ReadOptions } from './supervisor-options.ts';
import { survey } from './survey.ts';

/** A finding in the report. */
export type ReportedFinding = {
  readonly rule: RuleName;
  readonly severity: Severity;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** The kind and name of the workload; empty where the finding is about the text. */
  readonly object: string;
  readonly reason: string;
  readonly fix: string;
  /** `--fix` can correct it. */
  readonly fixable: boolean;
  /** `--fix` has corrected it. */
  readonly fixed: boolean;
  /** The address of the page that explains the rule. */
  readonly page: string;
};

/** The result of one run. */
export type CheckResult = {
  readonly findings: readonly ReportedFinding[];
  readonly documents: number;
  readonly workloads: number;
  /** How many findings were left out, by `--ignore` and by annotations. */
  readonly ignored: number;
};

/** Documents that one run checks at most, in about ten seconds. */
export const MAX_DOCUMENTS = 10_000;

/** `inFolder`: the file was found in a folder, where other files are expected too, and not named by the user. */
export type CheckMode = { readonly fix: boolean; readonly inFolder: boolean };

/** What holds for all files of a run. */
export type CheckSettings = {
  readonly readOptions: ReadOptions;
  readonly ignoredRules: ReadonlySet<RuleName>;
  readonly kubernetes: number;
};

/** Checks any number of files in one run. */
export type Checker = {
  /** Reads what other manifests need to know of the objects in a text: before any text is checked. */
  readonly survey: (file: string, text: string) => void;
  /** Checks a text. Returns it corrected, or null where it was not changed. */
  readonly check: (file: string, text: string, mode: CheckMode) => string | null;
  /** Reports a file that is not checked. */
  readonly skip: (
    file: string,
    skipped: { readonly rule: RuleName; readonly reason: string; readonly remedy?: string },
  ) => void;
  readonly result: () => CheckResult;
};

/** A correction may reveal another finding; more passes than this mean that corrections undo each other. */
const MAX_PASSES = 6;

/** `ignoredRules` are left out everywhere, as an annotation leaves rules out of one object. `kubernetes`: its minor version, 33 for 1.33. */
export function createChecker({ readOptions, ignoredRules, kubernetes }: CheckSettings): Checker {
  const findings: ReportedFinding[] = [];
  const context: CheckContext = {
    readOptions,
    kubernetes,
    hostPortUsers: new Map(),
    unknownKinds: new Map(),
    set: emptySet(),
    documents: createDocumentCache(),
  };
  /** A file may be named by itself and by its folder. */
  const surveyed = new Set<string>();
  let documents = 0;
  let workloads = 0;
  let ignored = 0;
  const report = (
    file: string,
    position: Pick<ReportedFinding, 'line' | 'column'>,
    finding: Omit<ObjectFinding, 'offset' | 'edits'>,
    state: Pick<ReportedFinding, 'fixable' | 'fixed'>,
  ): void => {
    const { rule, severity, object, reason, remedy } = finding;
    if (isIgnored(finding)) ignored += 1;
    else
      findings.push({ rule, severity, file, ...position, object, reason, fix: remedy, ...state, page: pageOf(rule) });
  };
  const isIgnored = ({ rule, ignored: byObject }: Pick<ObjectFinding, 'rule' | 'ignored'>): boolean =>
    byObject || ignoredRules.has(rule);
  /** Checks one document, and corrects it until nothing correctable is left. Returns its text then. */
  const checkOne = (file: string, document: DocumentText, mode: CheckMode, pass: number): string => {
    const result = checkDocument(document, file, context);
    const found = result.findings.map((each) => (mode.inFolder ? asInFolder(each, document.text) : each));
    const editLists = found.map((each) => (isIgnored(each) ? [] : each.edits));
    const { text, applied } =
      result.document === null
        ? { text: document.text, applied: editLists.map(() => false) }
        : applyEdits(document.text, result.document, editLists);
    const again = mode.fix && text !== document.text && pass < MAX_PASSES;
    // If the document is checked again, the other findings are reported from the next pass.
    for (const [index, each] of found.entries()) {
      const fixable = applied[index] === true;
      if (!again || fixable)
        report(file, positionIn(document, each.offset), each, { fixable, fixed: again && fixable });
    }
    if (again) return checkOne(file, { ...document, text }, mode, pass + 1);
    workloads += result.workloads;
    return document.text;
  };
  return {
    survey(file, text) {
      const path = normalize(file);
      if (surveyed.has(path)) return;
      surveyed.add(path);
      survey(file, text, context.set, context.documents);
    },
    check(file, text, mode) {
      const parts: string[] = [];
      let addedLines = 0;
      for (const document of splitDocuments(text)) {
        const shifted = { ...document, line: document.line + addedLines };
        if (documents === MAX_DOCUMENTS) {
          report(file, positionIn(shifted, 0), { ...TOO_MANY, ...OF_NO_OBJECT }, BY_HAND);
          parts.push(withLineFeeds(text).slice(document.start));
          break;
        }
        documents += 1;
        const corrected = checkOne(file, shifted, mode, 1);
        addedLines += linesOf(corrected) - linesOf(document.text);
        parts.push(corrected);
      }
      const whole = parts.join('');
      return whole === withLineFeeds(text) ? null : withLineEndsOf(text, whole);
    },
    skip(file, skipped) {
      report(file, { line: 1, column: 1 }, { ...findingInText(0, skipped), ...OF_NO_OBJECT }, BY_HAND);
    },
    result: () => ({ findings, documents, workloads, ignored }),
  };
}

const OF_NO_OBJECT = { object: '', ignored: false };
const BY_HAND = { fixable: false, fixed: false };

/** In a folder a file that is not a manifest is no mistake of the user. `text`: of the document. */
function asInFolder(finding: ObjectFinding, text: string): ObjectFinding {
  const { rule, object, offset, reason } = finding;
  if (object !== '') return finding;
  if (rule === 'unrendered-template') return { ...finding, severity: 'note' };
  const isForeign = rule === 'not-kubernetes' || (rule === 'not-yaml' && !looksLikeKubernetes(text));
  return isForeign ? { ...findingInText(offset, { rule: 'skipped-file', reason }), ...OF_NO_OBJECT } : finding;
}

/** Of a text that cannot be parsed, and may be a manifest with a mistake or something else in the syntax of YAML. */
function looksLikeKubernetes(text: string): boolean {
  return ['apiVersion', 'kind'].every((key) => new RegExp(`^[ \\t{"',-]*${key}["']?[ \\t]*:`, 'm').test(text));
}

function linesOf(text: string): number {
  return text.match(/\n/g)?.length ?? 0;
}

const TOO_MANY = findingInText(0, {
  rule: 'too-many-documents',
  reason: `The documents from here on were not checked, because there are more than ${MAX_DOCUMENTS}`,
});
