import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { descendantsOf, listProcesses } from '../../src/linux/procfs.ts';
import { until } from './deadline.ts';
import { cleanEnvironment, killGroup } from './supervised.ts';

const run = promisify(execFile);
let opened = 0;

/** A command on a pseudo-terminal of a new tmux server. Disposing ends the server and its processes. */
export type Terminal = AsyncDisposable & {
  /** The pid of the command; 0: it had exited before it was found. */
  readonly pid: number;
  /** The content of the terminal, history included, without colours. */
  readonly screen: () => Promise<string>;
  /** The same with escape sequences of colours. */
  readonly coloured: () => Promise<string>;
  /** Types a line and Enter. */
  readonly type: (line: string) => Promise<void>;
  /** Presses keys by tmux's names: `C-c`, `C-z`, `Enter`. */
  readonly press: (...keys: readonly string[]) => Promise<void>;
  /** Waits until the screen contains it. */
  readonly shows: (what: string | RegExp) => Promise<void>;
  readonly resize: (columns: number, rows: number) => Promise<void>;
  /** Kills the pane: all processes on the terminal lose it. */
  readonly hangUp: () => Promise<void>;
  /** Waits for the exit of the command; returns its exit code as a shell reports it. */
  readonly ended: () => Promise<number>;
};

export async function openTerminal(
  command: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Promise<Terminal> {
  opened += 1;
  const folder = await mkdtemp(join(tmpdir(), 'terminal-'));
  const server = `k8s-run-test-${process.pid}-${opened}`;
  const { TMUX: _, TMUX_PANE: __, ...inherited } = cleanEnvironment();
  const env = { ...inherited, LC_ALL: 'C.UTF-8', ...variables, TMUX_TMPDIR: folder };
  const tmux = async (...words: readonly string[]): Promise<string> =>
    (await run('tmux', ['-L', server, '-f', '/dev/null', ...words], { env })).stdout;
  const close = async (): Promise<void> => {
    // Processes in other sessions do not get the HUP of the terminal.
    const [pane] = await tmux('list-panes', '-F', '#{pane_pid}').then(
      (text) => text.split('\n').map(Number),
      () => [0],
    );
    const all = pane === undefined || pane === 0 ? [] : descendantsOf(pane, listProcesses()).map(({ pid }) => pid);
    await tmux('kill-server').catch(() => {});
    for (const pid of all) killGroup(pid);
    await rm(folder, { recursive: true, force: true });
  };
  const settings = ['set', '-g', 'remain-on-exit', 'on', ';', 'set', '-g', 'default-terminal', 'screen-256color'];
  // tmux may report the end of the terminal without the exit code, so a shell around the command writes it to a file.
  const code = join(folder, 'code');
  const keeper = ['sh', '-c', `trap : INT QUIT; "$@"; echo $? > "${code}"`, 'sh'];
  const session = ['new-session', '-d', '-x', '200', '-y', '50', '--', ...keeper, ...command];
  let pid: number;
  try {
    await tmux('start-server', ';', ...settings, ';', ...session);
    const pane = Number(await tmux('display-message', '-p', '#{pane_pid}'));
    pid = await until(
      'the command',
      () => descendantsOf(pane, listProcesses())[1]?.pid ?? (existsSync(code) ? 0 : null),
    );
  } catch (error) {
    await close();
    throw error;
  }
  let last = '';
  const screen = async (): Promise<string> => {
    last = await tmux('capture-pane', '-p', '-J', '-S', '-');
    return last;
  };
  return {
    pid,
    screen,
    coloured: () => tmux('capture-pane', '-p', '-e', '-J', '-S', '-'),
    async type(line) {
      await tmux('send-keys', '-l', '--', line);
      await tmux('send-keys', 'Enter');
    },
    async press(...keys) {
      await tmux('send-keys', ...keys);
    },
    async shows(what) {
      const matches = async (): Promise<boolean> => {
        const text = await screen();
        return typeof what === 'string' ? text.includes(what) : what.test(text);
      };
      await until(`the terminal shows ${what}`, matches, () => last);
    },
    async resize(columns, rows) {
      await tmux('resize-window', '-x', String(columns), '-y', String(rows));
    },
    async hangUp() {
      await tmux('kill-pane');
    },
    async ended() {
      const look = async (): Promise<string | null> => {
        await screen();
        const written = existsSync(code) ? readFileSync(code, 'utf8') : '';
        return written.endsWith('\n') ? written : null;
      };
      return Number(await until('the end of the command', look, () => last));
    },
    [Symbol.asyncDispose]: close,
  };
}
