/**
 * Parses a duration: `25s`, `500ms`, `1m30s`, `2h`; a bare number is seconds, as in Kubernetes.
 * Returns milliseconds; null for anything else (negative, empty, unknown unit).
 */
export function parseDuration(text: string): number | null {
  if (/^\d+(\.\d+)?$/.test(text)) return toMilliseconds(Number(text), 's');
  if (!/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(text)) return null;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)) {
    total += toMilliseconds(Number(amount), unit as keyof typeof UNITS);
  }
  return total;
}

/** Formats a duration in milliseconds as `1m30s`, `500ms` or `25s`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 1_000) return `${Math.round(milliseconds)}ms`;
  if (milliseconds < 60_000) return `${Number((milliseconds / 1_000).toFixed(milliseconds < 10_000 ? 2 : 1))}s`;
  const seconds = Math.round(milliseconds / 1_000);
  const parts = [
    [Math.floor(seconds / 3_600), 'h'],
    [Math.floor((seconds % 3_600) / 60), 'm'],
    [seconds % 60, 's'],
  ] as const;
  return parts.map(([amount, unit]) => (amount === 0 ? '' : `${amount}${unit}`)).join('');
}

const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;

function toMilliseconds(amount: number, unit: keyof typeof UNITS): number {
  return Math.round(amount * UNITS[unit]);
}
