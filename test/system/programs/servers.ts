import { globSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { needs } from '../../rig/needs.ts';
import { isRoot } from './run-program.ts';

/** A server that answers `/held` with what the upstream says. */
export type ServerCase = {
  readonly name: string;
  readonly skip: string | false;
  /** What it prints of each worker that has started, where a signal is not passed on to one that has not. */
  readonly starts?: { readonly line: RegExp; readonly workers: number };
  /** What it prints when it stops in order, where it does not close its port at once. */
  readonly says?: RegExp;
  /** Writes its files into the folder; returns its command. */
  readonly command: (path: string, port: number, upstream: number) => readonly string[];
  /** What it does with SIGTERM to its group; the request in flight is cut unless it says otherwise. */
  readonly byDefault: { readonly code: number; readonly answers?: boolean; readonly options?: readonly string[] };
  /** null: there is no better way, and no hint. */
  readonly advised: {
    readonly options: readonly string[];
    readonly words?: readonly string[];
    /** Default: the request in flight is answered. */
    readonly cuts?: boolean;
  } | null;
};

const file = (path: string, name: string, text: string): string => {
  writeFileSync(join(path, name), text);
  return join(path, name);
};

/** A WSGI application that asks the upstream. */
const wsgi = (path: string, upstream: number): string =>
  file(
    path,
    'app.py',
    `import urllib.request
def app(environ, start_response):
    body = urllib.request.urlopen('http://127.0.0.1:${upstream}' + environ['PATH_INFO']).read()
    start_response('200 OK', [('Content-Length', str(len(body)))])
    return [body]
application = app
`,
  );

const rack = (path: string, upstream: number): string =>
  file(
    path,
    'config.ru',
    `require 'net/http'
run lambda { |env|
  body = Net::HTTP.get(URI("http://127.0.0.1:${upstream}#{env['PATH_INFO']}"))
  [200, { 'Content-Type' => 'text/plain', 'Content-Length' => body.bytesize.to_s }, [body]]
}
`,
  );

const MODULES = '/usr/lib/apache2/modules';
const GRACEFUL = '--hook-master-start=unix_signal:15 gracefully_kill_them_all';

const uwsgi = (path: string, port: number, upstream: number): readonly string[] => [
  ...['uwsgi_python3', '--master', '--processes', '2', '--http-socket', `127.0.0.1:${port}`],
  ...['--wsgi-file', wsgi(path, upstream), '--hook-accepting=print:accepts'],
];

/** Its master does not tell a worker to stop that has not accepted yet, and waits for it nevertheless. */
const UWSGI_STARTS = { line: /^running "print:accepts"/gm, workers: 2 };

export const SERVERS: readonly ServerCase[] = [
  {
    name: 'nginx',
    skip: needs('nginx'),
    command(path, port, upstream) {
      mkdirSync(join(path, 'tmp'));
      const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
        (each) => `${each}_temp_path tmp/${each};`,
      );
      const text = `daemon off; pid nginx.pid; worker_processes 2; events {}
http { access_log off; ${temporary.join(' ')}
server { listen 127.0.0.1:${port}; location / { proxy_pass http://127.0.0.1:${upstream}; } } }`;
      return ['nginx', '-e', 'stderr', '-p', path, '-c', file(path, 'nginx.conf', text)];
    },
    byDefault: { code: 0 },
    advised: { options: ['--stop-signal', 'QUIT'] },
  },
  {
    name: 'apache2',
    skip: needs('apache2'),
    command(path, port, upstream) {
      const modules = ['mpm_event', 'proxy', 'proxy_http', 'authz_core'];
      const text = `ServerRoot ${path}
PidFile ${path}/pid
Listen 127.0.0.1:${port}
ServerName localhost
ErrorLog ${path}/error.log
${modules.map((each) => `LoadModule ${each}_module ${MODULES}/mod_${each}.so`).join('\n')}
${isRoot ? 'User www-data\nGroup www-data' : ''}
ProxyPass / http://127.0.0.1:${upstream}/
`;
      return ['apache2', '-DFOREGROUND', '-f', file(path, 'apache.conf', text)];
    },
    byDefault: { code: 0 },
    advised: { options: ['--stop-signal', 'WINCH'] },
  },
  {
    name: 'haproxy',
    skip: needs('haproxy'),
    command(path, port, upstream) {
      const text = `defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
frontend front
  bind 127.0.0.1:${port}
  default_backend back
backend back
  server one 127.0.0.1:${upstream}
`;
      return ['haproxy', '-W', '-db', '-f', file(path, 'haproxy.cfg', text)];
    },
    byDefault: { code: 0 },
    advised: { options: ['--stop-signal', 'USR1'] },
  },
  {
    name: 'lighttpd',
    skip: needs('lighttpd'),
    command(path, port, upstream) {
      const text = `server.modules = ("mod_proxy")
server.document-root = "${path}"
server.bind = "127.0.0.1"
server.port = ${port}
proxy.server = ("" => (("host" => "127.0.0.1", "port" => ${upstream})))
`;
      return ['lighttpd', '-D', '-f', file(path, 'lighttpd.conf', text)];
    },
    byDefault: { code: 1 },
    advised: { options: ['--stop-signal', 'INT'] },
  },
  {
    name: 'varnishd',
    skip: needs('varnishd'),
    command(path, port, upstream) {
      const text = `vcl 4.0;
backend default { .host = "127.0.0.1"; .port = "${upstream}"; }
sub vcl_recv { return (pass); }
`;
      const vcl = file(path, 'default.vcl', text);
      return ['varnishd', '-F', '-a', `127.0.0.1:${port}`, '-T', 'none', '-f', vcl, '-n', join(path, 'varnish')];
    },
    byDefault: { code: 64 },
    advised: { options: ['--signal-scope', 'process'], cuts: true },
  },
  {
    name: 'uwsgi',
    says: /killing worker/i,
    starts: UWSGI_STARTS,
    skip: needs('uwsgi_python3'),
    command: uwsgi,
    byDefault: { code: 137, options: ['--grace', '2s'] },
    advised: { options: ['--signal-scope', 'process'], words: [GRACEFUL] },
  },
  {
    name: 'uwsgi that only dies on TERM',
    starts: UWSGI_STARTS,
    skip: needs('uwsgi_python3'),
    command: (path, port, upstream) => [...uwsgi(path, port, upstream), '--die-on-term'],
    // With the group, a busy machine has once let its master outlive the grace.
    byDefault: { code: 0, options: ['--signal-scope', 'process'] },
    advised: null,
  },
  {
    name: 'unicorn',
    skip: needs('unicorn'),
    command: (path, port, upstream) => ['unicorn', '-l', `127.0.0.1:${port}`, rack(path, upstream)],
    byDefault: { code: 0 },
    advised: { options: ['--stop-signal', 'QUIT'] },
  },
  {
    name: 'puma',
    skip: needs('puma'),
    command: (path, port, upstream) => ['puma', '-w', '2', '-b', `tcp://127.0.0.1:${port}`, rack(path, upstream)],
    byDefault: { code: 143, answers: true },
    advised: null,
  },
  {
    name: 'gunicorn',
    says: /Handling signal: term/,
    skip: needs('gunicorn'),
    command(path, port, upstream) {
      wsgi(path, upstream);
      return ['gunicorn', '--workers', '2', '--bind', `127.0.0.1:${port}`, 'app:app'];
    },
    byDefault: { code: 0, answers: true },
    advised: null,
  },
  {
    name: 'caddy',
    skip: needs('caddy'),
    command(path, port, upstream) {
      const text = `{
  admin off
  auto_https off
}
http://127.0.0.1:${port} {
  reverse_proxy 127.0.0.1:${upstream}
}
`;
      return ['caddy', 'run', '--adapter', 'caddyfile', '--config', file(path, 'Caddyfile', text)];
    },
    byDefault: { code: 0, answers: true },
    advised: null,
  },
];

/** Debian calls it by its version. */
export const PHP: string = globSync('/usr/sbin/php-fpm*')[0] ?? 'php-fpm';
