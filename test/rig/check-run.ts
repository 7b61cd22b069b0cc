import assert from 'node:assert/strict';
import type { CheckResult, ReportedFinding } from '../../src/check/checker.ts';
import { startWords } from './supervised.ts';

export type CheckRun = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

/** Runs `k8s-run check <words> -` with this text in a pipe at stdin. */
export async function checkText(text: string, words: readonly string[] = []): Promise<CheckRun> {
  await using run = startWords(['check', ...words, '-'], { stdio: ['pipe', 'pipe', 'pipe'] });
  run.child.stdin?.end(text);
  const { code } = await run.ended();
  return { code, stdout: run.stdout(), stderr: run.stderr() };
}

/** The JSON report on a text. */
export async function checkResultOf(text: string): Promise<CheckResult> {
  const { stdout, stderr, code } = await checkText(text, ['--format', 'json']);
  assert.equal(stderr, '');
  const result: CheckResult = JSON.parse(stdout);
  assert.equal(code, result.findings.some(({ severity }) => severity === 'error') ? 1 : 0);
  return result;
}

export async function findingsIn(text: string): Promise<readonly ReportedFinding[]> {
  return (await checkResultOf(text)).findings;
}
