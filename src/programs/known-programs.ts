/** Better than SIGTERM to the whole group. `gain` ends the sentence "with --stop-signal QUIT …". */
export type ProgramAdvice = {
  readonly stopSignal?: string;
  readonly signalScope?: 'process';
  /** A flag of the program itself. */
  readonly flag?: string;
  readonly gain: string;
  /** What in its command line, a variable or its configuration file shows that it needs no advice. */
  readonly followedBy?: RegExp;
  /** The advice is only for command lines with this. */
  readonly onlyFor?: RegExp;
};

export type KnownProgram = {
  /** As in a command line or /proc/pid/comm, without version; the first is the one in sentences. */
  readonly names: readonly string[];
  /** What SIGTERM to its process group does: "nginx …". */
  readonly onTerm: string;
  /** null: SIGTERM is right. */
  readonly advice: ProgramAdvice | null;
  /** How to run it in the foreground, where it can put itself into the background. */
  readonly foreground?: string;
  /** Repositories of Docker's official image, and its STOPSIGNAL where it is not SIGTERM. */
  readonly image?: { readonly name: string; readonly tag?: RegExp; readonly stopSignal?: string };
  /** A variable that is as good as the flag in `followedBy`. */
  readonly variables?: readonly string[];
  /** The version that this was seen with; null: only its foreground command is known. */
  readonly tested: string | null;
};

const background = (name: string, foreground: string): KnownProgram => ({
  names: [name],
  onTerm: '',
  advice: null,
  foreground,
  tested: null,
});

/**
 * Programs that are known to want something else than SIGTERM to their process group, that k8s-run was tested with, or that put themselves
 * into the background. The only such table: the log's hints, a rehearsal, `k8s-run check` and docs/how-to/signals.md are made of it.
 * Every row with advice is run in test/system/programs.
 */
export const KNOWN_PROGRAMS: readonly KnownProgram[] = [
  {
    names: ['nginx'],
    onTerm: 'cuts requests in flight',
    advice: { stopSignal: 'QUIT', gain: 'it finishes them' },
    foreground: "nginx -g 'daemon off;'",
    image: { name: 'nginx', stopSignal: 'QUIT' },
    tested: '1.22',
  },
  {
    names: ['httpd', 'apache2'],
    onTerm: 'cuts requests in flight',
    advice: {
      stopSignal: 'WINCH',
      gain: 'it finishes them',
      // Not that of busybox, which ends at any signal: its options are -p, -h, and -f without a value.
      onlyFor: /^(?!.*\s-[ph](\s|\d))(?!.*\s-f(\s+-|\s*$))/s,
    },
    foreground: 'httpd -DFOREGROUND',
    image: { name: 'httpd', stopSignal: 'WINCH' },
    tested: '2.4',
  },
  {
    names: ['haproxy'],
    onTerm: 'cuts requests in flight',
    advice: { stopSignal: 'USR1', gain: 'it finishes them' },
    foreground: 'haproxy -db',
    image: { name: 'haproxy', stopSignal: 'USR1' },
    tested: '2.6',
  },
  {
    names: ['php-fpm'],
    onTerm: 'cuts requests in flight',
    advice: {
      stopSignal: 'QUIT',
      gain: 'it finishes them, for as long as process_control_timeout in its configuration allows',
    },
    foreground: 'php-fpm -F',
    image: { name: 'php', tag: /-fpm\b|^fpm\b/, stopSignal: 'QUIT' },
    tested: '8.2',
  },
  {
    names: ['lighttpd'],
    onTerm: 'cuts requests in flight and exits with 1',
    advice: { stopSignal: 'INT', gain: 'it finishes them and exits with 0' },
    foreground: 'lighttpd -D',
    tested: '1.4',
  },
  {
    names: ['unicorn'],
    onTerm: 'cuts requests in flight',
    advice: { stopSignal: 'QUIT', gain: 'it finishes them' },
    foreground: 'unicorn without -D',
    tested: '6.0',
  },
  {
    names: ['uwsgi'],
    onTerm: 'reloads instead of stopping, so that it is killed at the end of the grace (137)',
    advice: {
      signalScope: 'process',
      flag: '--hook-master-start "unix_signal:15 gracefully_kill_them_all"',
      gain: 'it finishes requests in flight and exits with 0; with --die-on-term alone it exits, but cuts what --drain-connections has not waited for',
      followedBy: /die[-_]on[-_]term|unix_signal:15/i,
      onlyFor: /(^|\s)(--master|-M|-[a-zA-Z]*M[a-zA-Z]*)(\s|$)|^\s*master\s*[=:]\s*(true|1)/m,
    },
    foreground: 'uwsgi without --daemonize',
    variables: ['UWSGI_DIE_ON_TERM', 'UWSGI_HOOK_MASTER_START'],
    tested: '2.0',
  },
  {
    names: ['celery'],
    onTerm: 'loses tasks that run, because its workers get the signal too',
    advice: {
      signalScope: 'process',
      gain: 'it finishes them (warm shutdown); give --grace the time of the longest task',
      onlyFor: /\bworker\b/,
      followedBy: /(^|\s)(-P|--pool)[ =]?(threads|solo|gevent|eventlet)\b/,
    },
    foreground: 'celery worker without --detach',
    tested: '5.2',
  },
  {
    names: ['varnishd'],
    onTerm: 'exits with 64, because its child gets the signal too',
    advice: {
      signalScope: 'process',
      gain: 'it exits with 0; requests in flight are cut either way, unless --drain-connections waits for them',
    },
    foreground: 'varnishd -F',
    image: { name: 'varnish' },
    tested: '7.1',
  },
  {
    names: ['pm2-runtime', 'pm2-docker'],
    onTerm: 'cuts requests in flight in cluster mode, because the processes of its cluster get the signal too',
    advice: { signalScope: 'process', gain: 'it stops them in order, by SIGINT, within their kill_timeout (1.6 s)' },
    tested: '7.0',
  },
  {
    names: ['postgres', 'postmaster'],
    onTerm: 'waits for its clients to leave, so that an idle one has it killed at the end of the grace (137)',
    advice: { stopSignal: 'INT', gain: 'it rolls back open transactions, ends the sessions and shuts down in order' },
    foreground: 'postgres',
    image: { name: 'postgres', stopSignal: 'INT' },
    tested: '15',
  },
  {
    names: ['squid'],
    onTerm: 'waits shutdown_lifetime (30 s) for its clients, which is more than the default grace: set it to less',
    advice: null,
    foreground: 'squid -N',
    tested: '5.7',
  },
  {
    names: ['gunicorn'],
    onTerm: 'finishes requests in flight, for --graceful-timeout at most',
    advice: null,
    foreground: 'gunicorn without --daemon',
    tested: '20.1',
  },
  { names: ['puma'], onTerm: 'finishes requests in flight and exits with 143', advice: null, tested: '5.6' },
  { names: ['sidekiq'], onTerm: 'finishes jobs that take less than its timeout (25 s)', advice: null, tested: '6.4' },
  {
    names: ['caddy'],
    onTerm: 'finishes requests in flight',
    advice: null,
    foreground: 'caddy run',
    image: { name: 'caddy' },
    tested: '2.6',
  },
  {
    names: ['redis-server'],
    onTerm: 'disconnects its clients, saves where it is configured to, and exits',
    advice: null,
    foreground: 'redis-server --daemonize no',
    image: { name: 'redis' },
    tested: '7.0',
  },
  {
    names: ['mariadbd', 'mysqld'],
    onTerm: 'ends its sessions and exits; open transactions are rolled back',
    advice: null,
    image: { name: 'mariadb' },
    tested: 'MariaDB 10.11',
  },
  {
    names: ['memcached'],
    onTerm: 'exits at once',
    advice: null,
    foreground: 'memcached without -d',
    image: { name: 'memcached' },
    tested: '1.6',
  },
  {
    names: ['mosquitto'],
    onTerm: 'disconnects its clients and exits',
    advice: null,
    foreground: 'mosquitto without -d',
    image: { name: 'eclipse-mosquitto' },
    tested: '2.0',
  },
  background('pm2', 'pm2-runtime in place of pm2'),
  background('sshd', 'sshd -D'),
  background('cron', 'cron -f'),
  background('crond', 'crond -f'),
  background('rsyslogd', 'rsyslogd -n'),
  background('dnsmasq', 'dnsmasq -k'),
  background('named', 'named -f'),
  background('supervisord', 'supervisord -n'),
  background('vsftpd', 'vsftpd -obackground=NO'),
  background('unbound', 'unbound -d'),
  background('dovecot', 'dovecot -F'),
  background('chronyd', 'chronyd -d'),
  background('smbd', 'smbd -F'),
  background('ntpd', 'ntpd -n'),
];
