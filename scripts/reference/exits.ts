import { EXIT_CODES, EXITED_CAUSES, SIGNAL_SENDERS } from '../../src/exit/exit-meanings.ts';
import { table } from './blocks.ts';
import { valueTable } from './log.ts';

/** Codes that are not k8s-run's own. */
const APP_CODES: readonly (readonly [code: string, meaning: string])[] = [
  ['0–255', 'the code of the app'],
  ['128 + n', 'signal n ended the app, or was a stop signal before the app was started'],
];

/** All exit codes of a k8s-run that supervises: those of the app, then its own by number. The man page has them too. */
export function exitCodes(): readonly (readonly [code: string, meaning: string])[] {
  return [...APP_CODES, ...Object.entries(EXIT_CODES)];
}

export function exitCodeTable(): string {
  return table(['code', 'meaning'], exitCodes());
}

export function causeTable(): string {
  return valueTable('cause', EXITED_CAUSES);
}

export function senderTable(): string {
  return valueTable('sender', SIGNAL_SENDERS);
}
