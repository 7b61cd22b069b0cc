import type { Leftover } from '../lifecycle/state.ts';

export function leftoverName({ pid, program }: Leftover): string {
  if (pid > 0) return `${program} (${pid})`;
  return `in its process group (${-pid}); without /proc of this PID namespace they cannot be named, and those that left the group are not found`;
}

/** Those that k8s-run may not signal: it exits without them. */
export function refusedText(leftovers: readonly Leftover[]): string {
  const refused = leftovers.filter(({ permitted }) => !permitted);
  if (refused.length === 0) return '';
  const who = refused.length === leftovers.length ? 'none of them' : `not ${refused.map(leftoverName).join(', ')}`;
  return `; k8s-run may signal ${who} (another user, and no CAP_KILL), and exits without waiting for that`;
}

/** The command or flag that runs a server in the foreground, for servers that go into the background by default. */
const FOREGROUND: Readonly<Record<string, string>> = {
  nginx: "nginx -g 'daemon off;'",
  apache2: 'apache2 -DFOREGROUND',
  httpd: 'httpd -DFOREGROUND',
  'php-fpm': 'php-fpm -F',
  'redis-server': 'redis-server --daemonize no',
  sshd: 'sshd -D',
  cron: 'cron -f',
  crond: 'crond -f',
  rsyslogd: 'rsyslogd -n',
  haproxy: 'haproxy -db',
  dnsmasq: 'dnsmasq -k',
  named: 'named -f',
  squid: 'squid -N',
  supervisord: 'supervisord -n',
  lighttpd: 'lighttpd -D',
  vsftpd: 'vsftpd -obackground=NO',
  unbound: 'unbound -d',
  varnishd: 'varnishd -F',
  dovecot: 'dovecot -F',
  chronyd: 'chronyd -d',
  smbd: 'smbd -F',
  ntpd: 'ntpd -n',
};

/** The remedy for an app that may have put itself into the background, or a script that started such a server. */
export function foregroundHint(program: string, leftovers: readonly Leftover[]): string {
  const known = [program, ...leftovers.map((each) => each.program)].map(foreground).find((each) => each !== undefined);
  return `; if it puts itself into the background, run it in the foreground${known === undefined ? '' : `: ${known}`}`;
}

const foreground = (program: string): string | undefined =>
  FOREGROUND[program] ?? (program.startsWith('php-fpm') ? `${program} -F` : undefined);
