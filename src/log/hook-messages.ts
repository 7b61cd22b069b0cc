import type { Notice } from '../lifecycle/notice.ts';
import type { LogMessage } from './message.ts';

type NoticeOf<E extends Notice['event']> = Extract<Notice, { event: E }>;

/** A hook's failure is exit code 78 before the start, and a warning ever after. */
export function hookMessage({ hook, outcome }: NoticeOf<'hook'>): LogMessage {
  const event = 'hook';
  switch (outcome.kind) {
    case 'runs':
      return { level: 'info', event, msg: `Running --${hook}`, facts: { hook, outcome: 'runs' } };
    case 'done':
      return { level: 'info', event, msg: `--${hook} is done`, facts: { hook, outcome: 'done' } };
    case 'failed':
      return {
        level: 'warn',
        event,
        msg: `--${hook} failed: ${outcome.failure}`,
        facts: { hook, outcome: 'failed', reason: outcome.failure },
      };
  }
}

export function changedMessage(
  { path, signal }: NoticeOf<'changed'>,
  program: string,
  nameOf: (signal: number) => string,
): LogMessage {
  const name = signal === null ? null : nameOf(signal);
  return {
    level: 'info',
    event: 'changed',
    msg: `${path} has changed${name === null ? '' : `: sending ${name} to ${program}`}`,
    facts: { path, ...(name === null ? {} : { signal: name }) },
  };
}
