import assert from 'node:assert/strict';
import { test } from 'node:test';
import { programOf } from '../../../src/supervisor/app-name.ts';

const words = (text: string): readonly string[] => (text === '' ? [] : text.split(' '));

test('the app is named by what it has executed, never by an argument', () => {
  const cases: readonly (readonly [command: string, now: string, name: string | null])[] = [
    // It has not executed anything else: by its own words, and as a script behind its interpreter.
    ['node server.js', 'node server.js', 'node'],
    ['/usr/bin/node server.js', 'node server.js', 'node'],
    ['./entrypoint.sh postgres', '/bin/sh ./entrypoint.sh postgres', 'entrypoint.sh'],
    ['gunicorn app', '/usr/bin/python3 /usr/local/bin/gunicorn app', 'gunicorn'],
    ['script', 'node --enable-source-maps ./script', 'script'],
    // Wrappers and scripts that end in exec.
    ['setpriv --reuid 1000 node server.js', 'node server.js', 'node'],
    ['gosu app gunicorn app:app', '/usr/bin/python3 /usr/local/bin/gunicorn app:app', 'gunicorn'],
    ['gosu app python3 app', 'python3 app', 'python3'],
    ['sh -c exec', '/usr/bin/sleep 1000', 'sleep'],
    ['./entrypoint.sh postgres', 'postgres -D /data', 'postgres'],
    ['bash', '-bash', 'bash'],
    // Titles.
    ['nginx', 'nginx:', 'nginx'],
    ['./entrypoint.sh', 'pm2:', 'pm2'],
    // Nothing is known: a zombie, or a word that is no name.
    ['node server.js', '', null],
    ['node server.js', '{"password":"x"}', null],
  ];
  for (const [command, now, name] of cases)
    assert.equal(programOf(words(now), words(command)), name, `${command} ${now}`);
  assert.equal(programOf(['nginx: master process /usr/sbin/nginx -g secret'], ['./start']), 'nginx');
});
