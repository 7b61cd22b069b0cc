import assert from 'node:assert/strict';
import { test } from 'node:test';
import { foregroundOf, programNamed, programOfImage, recognize } from '../../../src/programs/recognize.ts';
import { adviceFor } from '../../../src/programs/stop-advice.ts';

const nameIn = (line: string): string | null => recognize(line.split(' '))?.program.names[0] ?? null;

test('a known program is found in a command line behind interpreters and wrappers, and nowhere else', () => {
  const lines: Readonly<Record<string, string | null>> = {
    'nginx -g x': 'nginx',
    '/usr/sbin/php-fpm8.2 -F': 'php-fpm',
    'apache2 -DFOREGROUND': 'httpd',
    'uwsgi_python3 --master': 'uwsgi',
    'uwsgi-core --master': 'uwsgi',
    'python3.11 -m celery -A app worker': 'celery',
    'python3 -u /usr/bin/gunicorn app:app': 'gunicorn',
    'node --enable-source-maps /app/node_modules/.bin/pm2-runtime start x': 'pm2-runtime',
    'ruby /usr/bin/unicorn -l 80': 'unicorn',
    'bundle exec puma': 'puma',
    'gosu postgres postgres -D /data': 'postgres',
    'docker-entrypoint.sh postgres': 'postgres',
    '/docker-entrypoint.sh nginx -g x': 'nginx',
    'setpriv --reuid nobody env A=b haproxy -db': 'haproxy',
    'gosu postgres node server.js': null,
    'su-exec nginx node server.js': null,
    'setpriv --reuid nginx --clear-groups node server.js': null,
    'setpriv --reuid=nginx -- nginx -g x': 'nginx',
    'chpst -u nginx python app.py': null,
    'env -u nginx A=nginx node server.js': null,
    'nice -n 5 nginx': 'nginx',
    'taskset 1 nginx': 'nginx',
    'tini -p SIGTERM -- nginx': 'nginx',
    'entrypoint.sh --db postgres node server.js': null,
    'node server.js nginx': null,
    'python3 server.py celery': null,
    'python3 -c uwsgi()': null,
    'cat nginx': null,
    'node-nginx': null,
    '': null,
  };
  for (const [line, name] of Object.entries(lines)) assert.equal(nameIn(line), name, line);
  assert.equal(programNamed('nginx: master process nginx -g daemon off;')?.program.names[0], 'nginx');
});

test('the foreground command is that of the name at hand', () => {
  assert.equal(foregroundOf(['start.sh', 'php-fpm8.2']), 'php-fpm8.2 -F');
  assert.equal(foregroundOf(['apache2']), 'apache2 -DFOREGROUND');
  assert.equal(foregroundOf(['pm2']), 'pm2-runtime in place of pm2');
  assert.equal(foregroundOf(['PM2 v7.0.4: God']), 'pm2-runtime in place of pm2');
  assert.equal(foregroundOf(['server']), undefined);
});

test('an official image names its program, another one does not', () => {
  const programs = ['nginx', 'docker.io/library/httpd:2.4', 'php:8.3-fpm-alpine', 'postgres@sha256:1'].map(
    programOfImage,
  );
  assert.deepEqual(
    programs.map((each) => each?.names[0]),
    ['nginx', 'httpd', 'php-fpm', 'postgres'],
  );
  for (const image of ['php:8.3-cli', 'bitnami/nginx', 'registry.example.com/nginx:1', 'nginx-exporter'])
    assert.equal(programOfImage(image), null, image);
});

/** The options that are advised for a command line. */
function advised(line: string, more: { sent?: string; signalScope?: 'group' | 'process'; variable?: string } = {}) {
  const found = recognize(line.split(' '));
  assert.ok(found !== null, line);
  const { sent = 'TERM', signalScope = 'group', variable } = more;
  return (
    adviceFor({ ...found, text: line, hasVariable: (name) => name === variable, sent, signalScope })?.remedy ?? null
  );
}

test('there is no advice where it is followed already, or where none is known', () => {
  const hook = '--hook-master-start';
  assert.equal(advised('nginx'), '--stop-signal QUIT');
  assert.equal(advised('nginx', { sent: 'QUIT' }), null);
  assert.equal(advised('varnishd -F', { signalScope: 'process' }), null);
  assert.match(advised('uwsgi --master') ?? '', /gracefully_kill_them_all/);
  assert.match(advised('uwsgi -M', { signalScope: 'process' }) ?? '', /gracefully_kill_them_all/);
  assert.equal(advised('uwsgi --http :80'), null, 'without a master TERM ends it');
  assert.equal(advised('uwsgi --master --die-on-term'), null);
  assert.equal(advised(`uwsgi --master ${hook} unix_signal:15 gracefully_kill_them_all`), null);
  assert.equal(advised('uwsgi --master', { variable: 'UWSGI_DIE_ON_TERM' }), null);
  assert.equal(advised('celery -A app worker'), '--signal-scope process');
  assert.equal(advised('celery -A app worker --pool threads'), null);
  assert.equal(advised('celery -A app beat'), null);
  assert.equal(advised('redis-server'), null);
});
