import type { CheckResult, ReportedFinding } from '../checker.ts';
import { RULE_LIST, type Severity } from '../rules/catalog.ts';

export function asJson({ findings, documents, workloads }: CheckResult): string {
  return `${JSON.stringify({ findings, documents, workloads }, null, 2)}\n`;
}

const GITHUB_LEVELS: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', note: 'notice' };

/** GitHub's workflow commands, which become annotations on the lines of a pull request. */
export function asGithub({ findings }: CheckResult): string {
  return uncorrected(findings)
    .map(({ severity, file, line, column, rule, object, reason, fix }) => {
      const properties = { file, line, col: column, title: object === '' ? rule : `${rule}: ${object}` };
      const list = Object.entries(properties).map(([name, value]) => `${name}=${escapeProperty(String(value))}`);
      return `::${GITHUB_LEVELS[severity]} ${list.join(',')}::${escapeData(`${reason}. Fix: ${fix}`)}\n`;
    })
    .join('');
}

/** As @actions/core escapes them (packages/core/src/command.ts). */
function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

/** SARIF 2.1.0, for code scanning. */
export function asSarif({ findings }: CheckResult, version: string): string {
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'k8s-run check',
            version,
            rules: RULE_LIST.map(({ name, reason, remedy, severity }) => ({
              id: name,
              shortDescription: { text: reason },
              help: { text: remedy },
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
