import { formatDuration } from '../../duration.ts';
import { type Fields, isFields, valueLine, without, wordOf } from './facts.ts';
import { type Html, html } from './markup.ts';

type PhaseShown = { readonly phase: string; readonly agoMs: number; readonly took: number; readonly others: Fields };

const WIDTH = 1_000;
const GAP = 4;
/** The least part of the bar: a delay of seconds would not be seen beside a life of days. */
const LEAST = 0.04;

/** The phases as a bar, and in a table with their durations; null: it is no list of phases. */
export function timeline(phases: unknown): Html | null {
  if (!Array.isArray(phases) || phases.length === 0 || !phases.every(isPhase)) return null;
  const shown = phases.map((entry, index) => {
    const { phase, agoMs } = entry;
    const next = phases[index + 1];
    return {
      phase: wordOf(phase),
      agoMs,
      took: Math.max(0, agoMs - (next?.agoMs ?? 0)),
      others: without(entry, 'phase', 'agoMs'),
    };
  });
  const rows = shown.map(
    ({ phase, agoMs, took, others }, index) =>
      html`<tr><th scope=row><i class="${phase}"></i>${phase} <small>${valueLine(others)}</small><td>${index === shown.length - 1 ? 'so far ' : ''}${formatDuration(took)}<td>${formatDuration(agoMs)} ago`,
  );
  return html`<section><h2>Timeline</h2>${bar(shown)}<table><thead><tr><th scope=col>phase<th scope=col>took<th scope=col>began<tbody>${rows}</table></section>`;
}

function isPhase(value: unknown): value is Fields & { readonly agoMs: number } {
  return isFields(value) && typeof value['phase'] === 'string' && typeof value['agoMs'] === 'number';
}

/** Says nothing that the table does not, so it is none for readers of the screen. */
function bar(phases: readonly PhaseShown[]): Html {
  const total = phases.reduce((sum, { took }) => sum + took, 0) || 1;
  const least = Math.min(LEAST, 1 / (2 * phases.length));
  const free = 1 - least * phases.length;
  let x = 0;
  const parts = phases.map(({ phase, took }) => {
    const width = (least + (free * took) / total) * WIDTH;
    const part = html`<rect class="${phase}" x="${Math.round(x)}" width="${Math.max(1, Math.round(width) - GAP)}" height="14"/>`;
    x += width;
    return part;
  });
  return html`<svg viewBox="0 0 ${WIDTH - GAP} 14" preserveAspectRatio="none" aria-hidden="true">${parts}</svg>`;
}
