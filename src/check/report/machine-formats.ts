import { HOMEPAGE, VERSION } from '../../version.ts';
import type { CheckResult, ReportedFinding } from '../checker.ts';
import { RULE_LIST, type Severity } from '../rules/catalog.ts';
import { pageOf } from '../rules/page.ts';
import { sumUp } from './sum-up.ts';

export function asJson({ findings, documents, workloads, ignored }: CheckResult): string {
  return `${JSON.stringify({ findings, documents, workloads, ignored }, null, 2)}\n`;
}

const GITHUB_LEVELS: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', note: 'notice' };

/** GitHub's workflow commands, which become annotations on the lines of a pull request; of notes it shows no more than ten. */
export function asGithub({ findings }: CheckResult, verbose: boolean): string {
  const left = uncorrected(findings);
  const { single, sums } = verbose ? { single: left, sums: [] } : sumUp(left);
  return [
    ...single.map((finding) => annotation(finding, '')),
    ...sums.map(({ first, count, where }) => annotation(first, ` (the first of ${count} in ${where})`)),
  ].join('');
}

function annotation(
  { severity, file, line, column, rule, object, reason, fix, page }: ReportedFinding,
  more: string,
): string {
  const properties = { file, line, col: column, title: object === '' ? rule : `${rule}: ${object}` };
  const list = Object.entries(properties).map(([name, value]) => `${name}=${escapeProperty(String(value))}`);
  return `::${GITHUB_LEVELS[severity]} ${list.join(',')}::${escapeData(`${reason}${more}. Fix: ${fix}. See ${page}`)}\n`;
}

/** As @actions/core escapes them (packages/core/src/command.ts). */
function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

/** SARIF 2.1.0, for code scanning. */
export function asSarif({ findings }: CheckResult): string {
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'k8s-run check',
            version: VERSION,
            semanticVersion: VERSION,
            informationUri: HOMEPAGE,
            rules: RULE_LIST.map(({ name, reason, remedy, severity }) => ({
              id: name,
              shortDescription: { text: reason },
              help: { text: remedy },
              helpUri: pageOf(name),
              defaultConfiguration: { level: severity },
            })),
          },
        },
        columnKind: 'utf16CodeUnits',
        results: uncorrected(findings).map(({ rule, severity, file, line, column, object, reason, fix }) => ({
          ruleId: rule,
          ruleIndex: RULE_LIST.findIndex(({ name }) => name === rule),
          level: severity,
          message: { text: `${object === '' ? '' : `${object}: `}${reason}. Fix: ${fix}` },
          locations: [
            {
              physicalLocation: {
                artifactLocation: { uri: uriOf(file) },
                region: { startLine: line, startColumn: column },
              },
            },
          ],
        })),
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

/** A relative path as a relative reference (RFC 3986), an absolute one as a file URL. */
function uriOf(file: string): string {
  const path = file.split('/').map(encodeURIComponent).join('/');
  return file.startsWith('/') ? `file://${path}` : path;
}

function uncorrected(findings: readonly ReportedFinding[]): readonly ReportedFinding[] {
  return findings.filter(({ fixed }) => !fixed);
}
