import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { DEADLINE, soon, until } from './deadline.ts';
import { firstIn } from './namespace.ts';
import { needs } from './needs.ts';
import { killGroup } from './supervised.ts';

/** Where is typed; the home of who is not root. */
export const WORK = '/srv/work';
const HOSTS = '127.0.0.1 localhost\n::1 localhost\n';
/** As this machine looks up names. */
const NAMES = { '/etc/resolv.conf': readIfThere('/etc/resolv.conf'), '/etc/hosts': readIfThere('/etc/hosts') };
const PROJECT = new URL('../../', import.meta.url).pathname;

/**
 * A root file system, by default that of this machine, below a layer in memory, with processes and mostly a loopback of their own:
 * what is typed there may write to any path and listen on any port, and nothing of it is left.
 */
const MAKE = `set -e
folder=$1 lower=$2 node=$3 user=$4; shift 4
mkdir "$folder/machine" && mount -t tmpfs -o mode=755 tmpfs "$folder/machine" && cd "$folder/machine" && mkdir upper work root
chown -R "$user:$user" "$folder/own${WORK}"
cp -a "$folder/own/." upper && chmod 755 upper
for each in "$@"; do
  # A layer may not be in another one.
  if [ "$lower" = / ]; then cp -a "$each/." upper; else layers="$layers$each:"; fi
done
mount -t overlay -o "lowerdir=$layers$lower,upperdir=upper,workdir=work" overlay root
touch root/usr/local/bin/node && mount --bind "$node" root/usr/local/bin/node
for each in dev sys; do mount --rbind /$each root/$each; done
mount -t proc proc root/proc
mount -t tmpfs -o mode=1777 tmpfs root/tmp
ip link set lo up
# Up when its root is changed, which others take over. It ends with the test, however that ends.
exec chroot root sh -c 'echo up; exec cat'`;
const NAMESPACES = ['unshare', '--mount', '--pid', '--fork', '--kill-child'];
const TRY = `set -e; mount -t tmpfs tmpfs /mnt; cd /mnt; mkdir u w r
mount -t overlay -o lowerdir=/,upperdir=u,workdir=w overlay r; ip link set lo up`;

/** For `skip` of node:test: false, or why no such machine can be made. */
export const noMachine: string | false = needs('unshare', 'nsenter', 'ip', 'bash', 'script') || notAllowed();

function readIfThere(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

function notAllowed(): string | false {
  const [program = '', ...words] = NAMESPACES;
  const possible = spawnSync(program, [...words, '--net', 'sh', '-c', TRY]).status === 0;
  return possible ? false : 'laying a file system over that of this machine takes root (CAP_SYS_ADMIN)';
}

export type Answer = { readonly code: number | null; readonly out: string; readonly said: string };

/** What is typed at a terminal and goes on. */
export type Session = {
  /** What the terminal has shown until now, in lines. */
  readonly shown: () => string;
  /** Waits until it has shown this. */
  readonly shows: (what: RegExp) => Promise<void>;
  readonly press: (keys: string) => void;
  /** Its exit code. */
  readonly ended: () => Promise<number | null>;
};

export type Machine = AsyncDisposable & {
  /** Types a command line and waits for its end, which may take as long as a rehearsal. */
  readonly run: (line: string, shell?: readonly string[]) => Promise<Answer>;
  readonly open: (line: string) => Session;
};

/** Disposing removes it. */
export type Layer = Disposable & { readonly path: string };

/** k8s-run as `npm install --global` puts it into /usr/local, on the Node that runs the tests. All machines of a test file can share it. */
export function makeLayer(): Layer {
  const path = mkdtempSync(join(tmpdir(), 'k8s-run-layer-'));
  const local = join(path, 'layer/usr/local');
  const env = { PATH: `${dirname(process.execPath)}:${process.env['PATH']}`, HOME: path };
  const npm = (...words: readonly string[]): string => {
    const { status, stdout, stderr } = spawnSync('npm', words, { cwd: PROJECT, env, encoding: 'utf8' });
    if (status !== 0) throw new Error(`npm ${words.join(' ')}: ${stderr}`);
    return stdout.trim();
  };
  // Its build would put another dist/ below the tests that run beside this one.
  const file = npm('pack', '--ignore-scripts', '--pack-destination', path);
  npm('install', '--global', '--offline', '--no-audit', `--prefix=${local}`, join(path, file));
  return { path: join(path, 'layer'), [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

export type Kind = {
  readonly lower?: string;
  /** Folders with paths as from its root. */
  readonly layers: readonly string[];
  readonly node?: string;
  /** The number of who types; 0 by default. */
  readonly user?: number;
  readonly variables?: Readonly<Record<string, string>>;
  /** It has the network of this machine. */
  readonly online?: true;
};

/** Starts one with these files. A path that is not absolute is in the folder in which is typed; all can be executed. */
export async function startMachine(kind: Kind, files: Readonly<Record<string, string>> = {}): Promise<Machine> {
  const { lower = '/', layers, node = process.execPath, user = 0 } = kind;
  const folder = mkdtempSync(join(tmpdir(), 'k8s-run-machine-'));
  const own = join(folder, 'own');
  mkdirSync(join(own, WORK), { recursive: true });
  for (const [name, text] of Object.entries({ ...(kind.online ? NAMES : { '/etc/hosts': HOSTS }), ...files })) {
    const file = join(own, name.startsWith('/') ? name : join(WORK, name));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    chmodSync(file, 0o755);
  }
  const [program = '', ...words] = [...NAMESPACES, ...(kind.online ? [] : ['--net']), 'sh', '-c', MAKE, 'sh'];
  const child = spawn(program, [...words, folder, lower, node, String(user), ...layers], {
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  });
  const { pid } = child;
  if (pid === undefined) throw new Error('cannot start unshare');
  const gone = once(child, 'close');
  const end = async (): Promise<void> => {
    killGroup(pid);
    await gone;
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const { text } = collect(child);
    await until('the machine is up', () => text().includes('up\n'), text);
    const first = await firstIn(pid);
    const who = user === 0 ? [] : [`--setuid=${user}`, `--setgid=${user}`];
    const enter = ['--target', String(first), '--mount', '--pid', '--net', '--root', ...who, 'env', '-C', WORK];
    const typed = (line: string, shell: readonly string[] = ['bash', '-c']): ChildProcess =>
      spawn('nsenter', [...enter, ...shell, line], {
        env: {
          PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
          HOME: user === 0 ? '/root' : WORK,
          TERM: 'xterm',
          LC_ALL: 'C.UTF-8',
          ...kind.variables,
        },
        detached: true,
      });
    return {
      run: (line, shell) => answer(typed(line, shell)),
      open: (line) => session(typed(atTerminal(line))),
      [Symbol.asyncDispose]: end,
    };
  } catch (error) {
    await end();
    throw error;
  }
}

/** script(1) gives it a terminal, of the size that people have. The shell between them hears Ctrl-C too. */
const atTerminal = (line: string): string =>
  `exec script --quiet --return --flush --command ${quoted(`trap : INT; stty cols 80 rows 24; ${line}`)} /dev/null`;

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

function collect({ stdout, stderr }: ChildProcess): { readonly text: () => string; readonly out: () => string } {
  let [all, out] = ['', ''];
  stdout?.setEncoding('utf8').on('data', (text: string) => {
    all += text;
    out += text;
  });
  stderr?.setEncoding('utf8').on('data', (text: string) => {
    all += text;
  });
  return { text: () => all, out: () => out };
}

async function answer(child: ChildProcess): Promise<Answer> {
  child.stdin?.end();
  const { text, out } = collect(child);
  const [code] = await soon(`the end of ${child.spawnargs.at(-1)}`, once(child, 'close'), text, 5 * DEADLINE);
  return { code, out: out(), said: text() };
}

function session(child: ChildProcess): Session {
  const { text } = collect(child);
  const shown = (): string => stripVTControlCharacters(text()).replaceAll('\r', '');
  const closed = once(child, 'close');
  // A key may come when the program has just ended, as at a real terminal: `ended` says how.
  child.stdin?.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  return {
    shown,
    shows: async (what) => void (await until(String(what), () => what.test(shown()), shown)),
    press: (keys) => void child.stdin?.write(keys),
    ended: async () => (await soon('its end', closed, shown))[0],
  };
}
