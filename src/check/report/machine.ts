import type { Outcome, Reported } from '../check.ts';
import { RULES, type RuleId, type Severity } from '../finding.ts';

export function asJson({ findings, documents, workloads }: Outcome): string {
  return `${JSON.stringify({ findings, documents, workloads }, null, 2)}\n`;
}

const LEVELS: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', note: 'notice' };

/** Workflow commands: annotations on the lines of a pull request. */
export function asGithub({ findings }: Outcome): string {
  return open(findings)
    .map(({ severity, file, line, column, rule, about, reason, fix }) => {
      const properties = { file, line, col: column, title: about === '' ? rule : `${rule}: ${about}` };
      const written = Object.entries(properties).map(([name, value]) => `${name}=${escapeProperty(String(value))}`);
      return `::${LEVELS[severity]} ${written.join(',')}::${escapeData(`${reason}. Fix: ${fix}`)}\n`;
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
export function asSarif({ findings }: Outcome, version: string): string {
  const ids = Object.keys(RULES) as RuleId[];
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'k8s-run check',
            version,
            rules: ids.map((id) => ({
              id,
              shortDescription: { text: RULES[id][1] },
              defaultConfiguration: { level: RULES[id][0] },
            })),
          },
        },
        columnKind: 'utf16CodeUnits',
        results: open(findings).map(({ rule, severity, file, line, column, about, reason, fix }) => ({
          ruleId: rule,
          ruleIndex: ids.indexOf(rule),
          level: severity,
          message: { text: `${about === '' ? '' : `${about}: `}${reason}. Fix: ${fix}` },
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

/** A path as a relative reference (RFC 3986), a slash in front only where the path has one. */
function uriOf(file: string): string {
  const path = file.split('/').map(encodeURIComponent).join('/');
  return file.startsWith('/') ? `file://${path}` : path;
}

/** What was made right is not there any more. */
function open(findings: readonly Reported[]): readonly Reported[] {
  return findings.filter(({ fixed }) => !fixed);
}
