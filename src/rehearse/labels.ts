import type { Variant } from './results.ts';

export const VARIANT_LABELS: Readonly<Record<Variant, string>> = {
  'k8s-run': 'with k8s-run',
  alone: 'without, as PID 1',
  init: 'without, under an init',
};

/** The heading of the advice on a run, by what there is to say. */
export function adviceTitle(variant: Variant, severities: readonly ('problem' | 'note' | 'ok')[]): string {
  if (variant === 'alone') return 'Without k8s-run, as PID 1';
  if (variant === 'init') return 'Without k8s-run, under an init';
  if (severities.includes('problem')) return 'What to change';
  return severities.includes('note') ? 'Worth knowing' : 'Nothing to change';
}

/** With a capital letter. */
export const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

/** A measured time, with as many digits as a reader can use: `168 ms`, `7.20 s`, `12.3 s`. */
export function formatSpan(milliseconds: number): string {
  if (milliseconds < 1_000) return `${Math.round(milliseconds)} ms`;
  const seconds = milliseconds / 1_000;
  return `${seconds < 9.95 ? seconds.toFixed(2) : seconds.toFixed(1)} s`;
}

/** `2.01 s to 4.11 s`, or one time where both read alike. */
export function spanRange(least: number, most: number): string {
  const [from, to] = [formatSpan(least), formatSpan(most)];
  return from === to ? from : `${from} to ${to}`;
}

/** Says which signal an exit code stands for: `143 (SIGTERM)`. */
export function exitCodeLabel(code: number): string {
  const signals: Readonly<Record<number, string>> = { 130: 'SIGINT', 137: 'SIGKILL', 139: 'SIGSEGV', 143: 'SIGTERM' };
  return signals[code] === undefined ? String(code) : `${code} (${signals[code]})`;
}
