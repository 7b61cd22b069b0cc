import { listOfOne, number, oneOf, pair, readRewrite, readSignal, readStopOn, readSwitch } from '../values.ts';
import type { Option } from './row.ts';

export const SIGNAL_OPTIONS: {
  readonly stopOn: Option<readonly number[]>;
  readonly stopSignal: Option<number | null>;
  readonly rewrite: Option<readonly (readonly [from: number, to: number])[]>;
  readonly signalScope: Option<'group' | 'process'>;
  readonly interactive: Option<boolean | null>;
  readonly remapExit: Option<readonly (readonly [from: number, to: number])[]>;
} = {
  stopOn: {
    flag: 'stop-on',
    takes: '<signals>',
    fallback: 'TERM,INT',
    group: 'signals',
    help: 'received signals that start the shutdown; others are passed on at once; none: every signal is only passed on, as with tini',
    read: readStopOn,
  },
  stopSignal: {
    flag: 'stop-signal',
    takes: '<signal>',
    fallback: null,
    fallbackWords: 'the received signal, rewritten',
    group: 'signals',
    help: 'signal that the app is sent to stop',
    read: readSignal,
  },
  rewrite: {
    flag: 'rewrite',
    takes: '<from:to>',
    fallback: null,
    repeats: true,
    group: 'signals',
    help: 'pass signal <from> on as <to>; to 0: drop it',
    read: (text) => listOfOne(readRewrite(text)),
  },
  signalScope: {
    flag: 'signal-scope',
    takes: '<group|process>',
    fallback: 'group',
    group: 'signals',
    help: "receiver of signals: the app's process group, or its first process alone (prefork servers with a warm shutdown)",
    read: (text) => oneOf(text, ['group', 'process']),
  },
  interactive: {
    flag: 'interactive',
    takes: null,
    fallback: null,
    fallbackWords: 'as PID 1 with a terminal',
    group: 'signals',
    help: 'terminal and process group shared with the app (shells, REPLs), in which Ctrl-C starts no shutdown',
    read: readSwitch,
  },
  remapExit: {
    flag: 'remap-exit',
    takes: '<from:to>',
    fallback: null,
    repeats: true,
    group: 'signals',
    help: 'exit code of the app that is replaced, for example 143:0',
    read: (text) => listOfOne(pair(text, (code) => number(code, 0, 255, 'exit codes from 0 to 255'))),
  },
};
