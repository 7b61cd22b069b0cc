import { openSync } from 'node:fs';
import { isatty, WriteStream } from 'node:tty';
import { clock } from '../clock.ts';
import type { Playing, Watcher } from './rehearsal.ts';
import { type Paint, printable, unpainted } from './report-text.ts';
import { frame } from './view.ts';
import { WAYS } from './words.ts';

/** Where a rehearsal shows what happens: a view that is drawn anew on a terminal, plain lines on stderr elsewhere. */
export type Screen = Watcher & {
  readonly resized: () => void;
  /** Draws for the last time and gives the terminal back. A second time it does nothing. */
  readonly close: () => void;
  /** What the report on stdout may take. */
  readonly report: { readonly columns: number; readonly paint: Paint };
};

const STDOUT = 1;
const STDERR = 2;
/** ECMA-48: colours, and how the cursor is moved. */
const COLOURS = { red: 31, green: 32, yellow: 33, blue: 34, magenta: 35, cyan: 36, dim: 2, bold: 1 } as const;
const HIDE = '\x1b[?25l';
const SHOW = '\x1b[?25h';
/** Terminals that know it show a frame at once; others pass over it. */
const HOLD = '\x1b[?2026h';
const RELEASE = '\x1b[?2026l';
const DRAW_EVERY = 120;
/** Where nobody can say how large it is. */
const WIDTH = 100;
const HEIGHT = 50;
const WIDEST = 120;

/** `write` writes to stderr, all of it. `several`: whether lines must say which side they are about. */
export function openScreen(
  environment: NodeJS.ProcessEnv,
  title: string,
  several: boolean,
  write: (text: string) => void,
): Screen {
  const dumb = environment['TERM'] === 'dumb';
  // https://no-color.org
  const colours = (environment['NO_COLOR'] ?? '') === '' && !dumb;
  const live = isatty(STDERR) && !dumb;
  const size = sizeOfTerminal();
  const paintOn = (fd: number): Paint =>
    colours && isatty(fd) ? (text, colour) => `\x1b[${COLOURS[colour]}m${text}\x1b[0m` : unpainted;
  const paint = paintOn(STDERR);
  const sides: Playing[] = [];
  let height = 0;
  let closed = false;
  let cancel = (): void => {};

  const draw = (): void => {
    const [columns, rows] = size();
    const snapshots = sides.map(({ way, now, phase, stories, samples }) => ({
      ...{ way, now: now(), phase: phase(), stories: stories(), samples: samples() },
    }));
    const lines = frame(title, snapshots, Math.min(columns, WIDEST) - 1, Math.max(4, rows - 1), paint);
    // Line by line: to clear the screen at once fills the history of some terminals with every frame.
    const all = [...lines, ...Array.from({ length: Math.max(0, height - lines.length) }, () => '')];
    const back = height === 0 ? '' : `\x1b[${height}A`;
    write(`${HOLD}${back}\r${all.map((line) => `${line}\x1b[K\n`).join('')}${RELEASE}`);
    height = all.length;
  };
  const tick = (): void => {
    draw();
    cancel = clock.after(DRAW_EVERY, tick);
  };
  if (live) {
    write(HIDE);
    tick();
  }
  return {
    begun: (playing) => void sides.push(playing),
    happened(way, at, about, what) {
      if (live) return;
      const side = several ? `${WAYS[way].replace(/,.*/, '').padEnd(14)}` : '';
      write(`${(at / 1_000).toFixed(2).padStart(7)} s  ${side}${about.padEnd(9)}${printable(what)}\n`);
    },
    resized() {
      // What was drawn is wrapped otherwise now: begin below it.
      height = 0;
    },
    close() {
      if (closed) return;
      closed = true;
      cancel();
      if (!live) return;
      draw();
      write(SHOW);
    },
    report: { columns: Math.min(isatty(STDOUT) ? size()[0] : WIDTH, WIDEST), paint: paintOn(STDOUT) },
  };
}

/** Columns and rows of the controlling terminal, asked through a description of our own: what is set on that is not the shell's. */
function sizeOfTerminal(): () => readonly [columns: number, rows: number] {
  try {
    const terminal = new WriteStream(openSync('/dev/tty', 'r+'));
    // A terminal whose size nobody has set says 0.
    return () => {
      const [columns, rows] = terminal.getWindowSize();
      return [columns || WIDTH, rows || HEIGHT];
    };
  } catch {
    return () => [WIDTH, HEIGHT];
  }
}
