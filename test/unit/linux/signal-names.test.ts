import assert from 'node:assert/strict';
import { constants } from 'node:os';
import { test } from 'node:test';
import { isRelayed, parseSignal, signalName } from '../../../src/linux/signal-names.ts';

test('every signal is read from its name, with or without SIG, in either case, and from its number', () => {
  for (const [name, number] of Object.entries(constants.signals)) {
    for (const text of [name, name.slice(3), name.toLowerCase(), name.slice(3).toLowerCase(), String(number)]) {
      assert.equal(parseSignal(text), number, text);
    }
    assert.equal(parseSignal(signalName(number)), number, name);
  }
});

test('a word or number of no standard signal is not read as one, nor are real-time signals', () => {
  for (const text of [
    '',
    '0',
    '-15',
    '15.0',
    'SIGNOPE',
    'SIG',
    'SIGSIGTERM',
    'RTMIN',
    'SIGRTMIN+1',
    '34',
    '64',
    '99',
  ]) {
    assert.equal(parseSignal(text), null, JSON.stringify(text));
  }
});

test('an aliased signal has the name that signal(7) lists first; an unknown one is named by its number', () => {
  assert.equal(signalName(constants.signals.SIGIOT), 'SIGABRT');
  assert.equal(signalName(constants.signals.SIGPOLL), 'SIGIO');
  assert.equal(signalName(15), 'SIGTERM');
  assert.equal(signalName(34), 'signal 34');
});

test('every standard signal is relayed but those that must keep their default', () => {
  const kept = ['KILL', 'STOP', 'CHLD', 'PIPE', 'SEGV', 'BUS', 'ILL', 'FPE', 'TRAP', 'SYS', 'ABRT'];
  const refused = new Set(kept.map((name) => constants.signals[`SIG${name}` as NodeJS.Signals]));
  for (const [name, number] of Object.entries(constants.signals)) {
    assert.equal(isRelayed(number), !refused.has(number), name);
  }
});
