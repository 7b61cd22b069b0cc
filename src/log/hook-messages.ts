import type { Notice } from '../lifecycle/notice.ts';
import type { LogMessage } from './message.ts';

type NoticeOf<E extends Notice['event']> = Extract<Notice, { event: E }>;

/** A failed `--pre-start` hook ends k8s-run with exit code 78; any later failure is a warning. */
export function hookMessage(
  { hook, outcome }: NoticeOf<'hook'>,
  duration: (milliseconds: number) => string,
): LogMessage {
  const event = 'hook';
  switch (outcome.kind) {
    case 'runs':
      return { level: 'info', event, msg: `Running --${hook}`, facts: { hook, outcome: 'runs' } };
    case 'done': {
      const { account } = outcome;
      return {
        level: 'info',
        event,
        msg: `--${hook} has finished${account === undefined ? '' : `: ${account}`}`,
        facts: { hook, outcome: 'done', ...(account === undefined ? {} : { account }) },
      };
    }
    case 'sent': {
      const { account, leftMs } = outcome;
      const msg = `--${hook}: ${account}, which has ${duration(leftMs)} to write`;
      return { level: 'info', event, msg, facts: { hook, outcome: 'sent', account, leftMs } };
    }
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

/** What follows on a resize; its own line, `resized`, came before. */
export function settledMessage(
  { action, signal }: NoticeOf<'settled'>,
  program: string,
  nameOf: (signal: number) => string,
): LogMessage {
  const name = signal === null ? null : nameOf(signal);
  const what =
    name === null
      ? action === 'restart'
        ? `restarting ${program}`
        : 'running --on-resize'
      : `sending ${name} to ${program}`;
  return {
    level: 'info',
    event: 'settled',
    msg: `The new limits have settled: ${what}`,
    facts: { action, ...(name === null ? {} : { signal: name }) },
  };
}
