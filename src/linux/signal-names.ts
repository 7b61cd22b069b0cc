import { constants } from 'node:os';

/** Signals by every name that this platform has for them. */
const NUMBERS = new Map<string, number>(Object.entries(constants.signals));

/** Those that no process can catch, or that k8s-run must not: see boot/signals.ts. */
const NOT_RELAYED = new Set(
  ['KILL', 'STOP', 'CHLD', 'PIPE', 'SEGV', 'BUS', 'ILL', 'FPE', 'TRAP', 'SYS', 'ABRT'].map((name) =>
    NUMBERS.get(`SIG${name}`),
  ),
);

/** `TERM`, `SIGTERM`, `sigterm` or `15`; null for anything else, real-time signals included. */
export function parseSignal(text: string): number | null {
  if (/^\d+$/.test(text)) {
    const number = Number(text);
    return [...NUMBERS.values()].includes(number) ? number : null;
  }
  const name = text.toUpperCase();
  return NUMBERS.get(name.startsWith('SIG') ? name : `SIG${name}`) ?? null;
}

/** The usual name, `SIGTERM`; of aliases the one that signal(7) lists first. */
export function signalName(signal: number): string {
  for (const [name, number] of NUMBERS) if (number === signal) return name;
  return `signal ${signal}`;
}

/** Whether k8s-run ever receives it. */
export function isRelayed(signal: number): boolean {
  return !NOT_RELAYED.has(signal);
}
