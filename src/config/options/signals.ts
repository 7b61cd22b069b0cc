import { listOfOne, number, oneOf, pair, readRewrite, readSignal, readStopOn, readSwitch } from '../values.ts';
import type { Option } from './row.ts';

export const SIGNALS: {
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
    help: 'received signals that start the shutdown; others are passed on at once; none: only pass on, as tini does',
    read: readStopOn,
  },
  stopSignal: {
    flag: 'stop-signal',
    takes: '<signal>',
    fallback: null,
    fallbackWords: 'the one received, rewritten',
    group: 'signals',
    help: 'what the app is sent to stop',
    read: readSignal,
  },
  rewrite: {
    flag: 'rewrite',
    takes: '<from:to>',
    fallback: null,
    repeats: true,
    group: 'signals',
    help: 'pass a signal on as another one; to 0 drops it',
    read: (text) => listOfOne(readRewrite(text)),
  },
  signalScope: {
    flag: 'signal-scope',
    takes: '<group|process>',
    fallback: 'group',
    group: 'signals',
    help: "who gets signals: the app's process group, or the app alone (prefork servers with a warm shutdown)",
    read: (text) => oneOf(text, ['group', 'process']),
  },
  interactive: {
    flag: 'interactive',
    takes: null,
    fallback: null,
    fallbackWords: 'when PID 1 with a terminal',
    group: 'signals',
    help: 'the app shares the terminal and our process group (shells, REPLs); the keyboard starts no shutdown',
    read: readSwitch,
  },
  remapExit: {
    flag: 'remap-exit',
    takes: '<from:to>',
    fallback: null,
    repeats: true,
    group: 'signals',
    help: 'exit with another code than the app, for example 143:0',
    read: (text) => listOfOne(pair(text, (code) => number(code, 0, 255, 'exit codes from 0 to 255'))),
  },
};
