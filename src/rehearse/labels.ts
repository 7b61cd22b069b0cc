import type { Variant } from './results.ts';

export const VARIANT_LABELS: Readonly<Record<Variant, string>> = {
  'k8s-run': 'with k8s-run',
  alone: 'without, as PID 1',
  init: 'without, under an init',
};

/** The headings of the advice on each variant. */
export const ADVICE_TITLES: Readonly<Record<Variant, string>> = {
  'k8s-run': 'What to change',
  alone: 'Without k8s-run, as PID 1',
  init: 'Without k8s-run, under an init',
};

/** A measured time, with as many digits as a reader can use: `168 ms`, `7.20 s`, `12.3 s`. */
export function formatSpan(milliseconds: number): string {
  if (milliseconds < 1_000) return `${Math.round(milliseconds)} ms`;
  const seconds = milliseconds / 1_000;
  return `${seconds < 9.95 ? seconds.toFixed(2) : seconds.toFixed(1)} s`;
}

/** Says which signal an exit code stands for: `143 (SIGTERM)`. */
export function exitCodeLabel(code: number): string {
  const signals: Readonly<Record<number, string>> = { 130: 'SIGINT', 137: 'SIGKILL', 139: 'SIGSEGV', 143: 'SIGTERM' };
  return signals[code] === undefined ? String(code) : `${code} (${signals[code]})`;
}
