import { isRelayed, parseSignal, signalName } from '../linux/signal-names.ts';

/**
 * A value; or what is wrong with it, and what to write instead; `word`: with which of several words, counted from 0.
 */
export type ReadValue<T> =
  | { readonly ok: T }
  | { readonly problem: string; readonly word?: { readonly index: number; readonly text: string } };

export function number(text: string, least: number, most: number, right: string): ReadValue<number> {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  return value >= least && value <= most ? { ok: value } : { problem: `must be ${right}` };
}

export function oneOf<const T extends string>(text: string, words: readonly T[]): ReadValue<T> {
  const found = words.find((word) => word === text);
  return found === undefined ? { problem: `must be one of ${words.join(', ')}` } : { ok: found };
}

export function readSwitch(text: string): ReadValue<boolean> {
  const word = oneOf(text, ['true', 'false', '1', '0']);
  return 'problem' in word ? word : { ok: word.ok === 'true' || word.ok === '1' };
}

export function listOfOne<T>(value: ReadValue<T>): ReadValue<readonly T[]> {
  return 'problem' in value ? value : { ok: [value.ok] };
}

export function pair(text: string, side: (text: string) => ReadValue<number>): ReadValue<readonly [number, number]> {
  const [from, to, ...rest] = text.split(':');
  if (from === undefined || to === undefined || rest.length > 0) return { problem: 'not a pair; write from:to' };
  const left = side(from);
  if ('problem' in left) return left;
  const right = side(to);
  return 'problem' in right ? right : { ok: [left.ok, right.ok] };
}

const SIGNAL_FORMS = 'write TERM, SIGTERM or 15 (real-time signals cannot be relayed)';

export function readSignal(text: string): ReadValue<number> {
  const signal = parseSignal(text);
  return signal === null ? { problem: `not a signal; ${SIGNAL_FORMS}` } : { ok: signal };
}

function readReceived(text: string): ReadValue<number> {
  const signal = readSignal(text);
  if ('problem' in signal || isRelayed(signal.ok)) return signal;
  return { problem: `${signalName(signal.ok)} never reaches k8s-run` };
}

export function readStopOn(text: string): ReadValue<readonly number[]> {
  if (text === 'none') return { ok: [] };
  const signals: number[] = [];
  for (const [index, part] of text.split(',').entries()) {
    const word = part.trim();
    const signal = readReceived(word);
    if ('problem' in signal) return { problem: signal.problem, word: { index, text: word } };
    signals.push(signal.ok);
  }
  return { ok: signals };
}

export function readRewrite(text: string): ReadValue<readonly [number, number]> {
  const [from = '', to = '', ...rest] = text.split(':');
  if (from === '' || to === '' || rest.length > 0)
    return { problem: 'not a pair; write TERM:QUIT, or HUP:0 to drop HUP' };
  const received = readReceived(from);
  if ('problem' in received) return received;
  if (to === '0') return { ok: [received.ok, 0] };
  const sent = readSignal(to);
  return 'problem' in sent ? sent : { ok: [received.ok, sent.ok] };
}
