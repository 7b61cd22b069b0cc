import assert from 'node:assert/strict';
import { constants } from 'node:os';
import { test } from 'node:test';
import { isRelayed, parseSignal, signalName } from '../../../src/linux/signal-names.ts';

test('every signal is read by its name, its short name, in any case, and by its number', () => {
  for (const [name, number] of Object.entries(constants.signals)) {
    for (const text of [name, name.slice(3), name.toLowerCase(), name.slice(3).toLowerCase(), String(number)]) {
      assert.equal(parseSignal(text), number, text);
    }
    assert.equal(parseSignal(signalName(number)), number, name);
  }
});

test('what is no signal is none, real-time signals included', () => {
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

test('aliases have the name that signal(7) lists first; an unknown number is called by it', () => {
  assert.equal(signalName(constants.signals.SIGIOT), 'SIGABRT');
  assert.equal(signalName(constants.signals.SIGPOLL), 'SIGIO');
  assert.equal(signalName(15), 'SIGTERM');
  assert.equal(signalName(34), 'signal 34');
});

test('relayed is every standard signal but those of the contract', () => {
  const kept = ['KILL', 'STOP', 'CHLD', 'PIPE', 'SEGV', 'BUS', 'ILL', 'FPE', 'TRAP', 'SYS', 'ABRT'];
  const refused = new Set(kept.map((name) => constants.signals[`SIG${name}` as NodeJS.Signals]));
  for (const [name, number] of Object.entries(constants.signals)) {
    assert.equal(isRelayed(number), !refused.has(number), name);
  }
});
