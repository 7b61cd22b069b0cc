import { examine } from './examine.ts';
import { type Finding, inText, type RuleId, type Severity } from './finding.ts';
import { fixed } from './fix.ts';
import type { Interpret } from './interpret.ts';
import type { NodePorts } from './rules/ports.ts';
import { placeIn, type Slice, slices } from './split-documents.ts';

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
  /** Tells of a file that is not looked at. */
  readonly unread: (rule: RuleId, file: string, reason: string, fix: string) => void;
  readonly outcome: () => Outcome;
};

type Found = Finding & { readonly about: string };

/** What is fixed may show what was hidden behind it; more often than this it would go round in circles. */
const MAX_PASSES = 6;

export function checker(interpret: Interpret): Checker {
  const findings: Reported[] = [];
  const nodePorts: NodePorts = new Map();
  let documents = 0;
  let workloads = 0;
  const report = (file: string, slice: Slice, found: Found, how: Pick<Reported, 'fixable' | 'fixed'>): void => {
    const { rule, severity, about, reason, fix, offset } = found;
    findings.push({ rule, severity, file, ...placeIn(slice, offset), about, reason, fix, ...how });
  };
  /** One document, looked at until nothing is left that can be fixed; as it is then. */
  const look = (file: string, slice: Slice, { fix, walked }: How, pass: number): string => {
    const examined = examine(slice, interpret, nodePorts);
    const { document } = examined;
    const found = examined.findings.map((each) =>
      walked && each.rule === 'not-kubernetes' && each.about === ''
        ? { ...each, rule: 'passed-over' as const, severity: 'note' as const }
        : each,
    );
    const wishes = found.map(({ edits }) => edits);
    const { text, done } =
      document === null ? { text: slice.text, done: wishes.map(() => false) } : fixed(slice.text, document, wishes);
    const more = fix && text !== slice.text && pass < MAX_PASSES;
    // Of what is looked at once more, the rest is told as it is found then.
    for (const [index, each] of found.entries()) {
      const fixable = done[index] === true;
      if (!more || fixable) report(file, slice, each, { fixable, fixed: more && fixable });
    }
    if (more) return look(file, { ...slice, text }, { fix, walked }, pass + 1);
    workloads += examined.workloads;
    return slice.text;
  };
  return {
    text(file, text, how) {
      const parts: string[] = [];
      let shift = 0;
      for (const slice of slices(text)) {
        const here = { ...slice, line: slice.line + shift };
        if (documents === MOST_DOCUMENTS) {
          report(file, here, { ...TOO_MUCH, about: '' }, { fixable: false, fixed: false });
          parts.push(text.slice(slice.start));
          break;
        }
        documents += 1;
        const now = look(file, here, how, 1);
        shift += linesOf(now) - linesOf(slice.text);
        parts.push(now);
      }
      const whole = parts.join('');
      return whole === text ? null : whole;
    },
    unread(rule, file, reason, fix) {
      const { severity } = inText(rule, 0, reason, fix);
      const place = { file, line: 1, column: 1, about: '' };
      findings.push({ rule, severity, ...place, reason, fix, fixable: false, fixed: false });
    },
    outcome: () => ({ findings, documents, workloads }),
  };
}

function linesOf(text: string): number {
  return text.match(/\n/g)?.length ?? 0;
}

const TOO_MUCH: Finding = inText(
  'too-much',
  0,
  `There are more than ${MOST_DOCUMENTS} documents; from here on they were not looked at`,
  'Call k8s-run check for some of them at a time',
);
