import { openSync } from 'node:fs';
import { isatty, WriteStream } from 'node:tty';
import { clock } from '../../clock.ts';
import { mayHaveColours } from '../../colours.ts';
import { printable } from '../../wrap.ts';
import { VARIANT_LABELS } from '../labels.ts';
import type { RunObserver, RunProgress } from '../rehearsal.ts';
import { type Paint, unpainted } from '../report/paint.ts';
import { frame } from './frame.ts';

/** Shows a rehearsal as it goes on: a view that is redrawn on a terminal, plain lines on stderr elsewhere. */
export type Screen = RunObserver & {
  readonly resized: () => void;
  /** Draws for the last time and restores the terminal. A second call does nothing. */
  readonly close: () => void;
  /** The width and the colours of the report on stdout. */
  readonly stdout: { readonly columns: number; readonly paint: Paint };
};

export type ScreenOptions = {
  readonly environment: NodeJS.ProcessEnv;
  readonly title: string;
  /** Whether there are several runs: then each line names its variant. */
  readonly hasSeveralRuns: boolean;
  /** Writes all of a text to stderr. */
  readonly write: (text: string) => void;
};

const STDOUT = 1;
const STDERR = 2;
/** ECMA-48: colours, and how the cursor is moved. */
const COLOURS = { red: 31, green: 32, yellow: 33, blue: 34, magenta: 35, cyan: 36, dim: 2, bold: 1 } as const;
const HIDE_CURSOR = '\x1b[?25l';
const SHOW_CURSOR = '\x1b[?25h';
/** Synchronized output: terminals that know it show a frame at once, others ignore it. */
const BEGIN_FRAME = '\x1b[?2026h';
const END_FRAME = '\x1b[?2026l';
const DRAW_EVERY = 120;
/** The size where the terminal does not know its own. */
const WIDTH = 100;
const HEIGHT = 50;
const WIDEST = 120;

export function openScreen({ environment, title, hasSeveralRuns, write }: ScreenOptions): Screen {
  const isDumb = environment['TERM'] === 'dumb';
  const isLive = isatty(STDERR) && !isDumb;
  const size = sizeOfTerminal();
  const paintOn = (fd: number): Paint =>
    mayHaveColours(fd, environment) ? (text, colour) => `\x1b[${COLOURS[colour]}m${text}\x1b[0m` : unpainted;
  const paint = paintOn(STDERR);
  const runs: RunProgress[] = [];
  let height = 0;
  let isClosed = false;
  let cancel = (): void => {};

  const draw = (): void => {
    const [columns, rows] = size();
    const snapshots = runs.map(({ variant, now, phase, pods, samples }) => ({
      ...{ variant, now: now(), phase: phase(), pods: pods(), samples: samples() },
    }));
    const frameSize = { width: Math.min(columns, WIDEST) - 1, height: Math.max(4, rows - 1) };
    const lines = frame(title, snapshots, frameSize, paint);
    // Line by line: clearing the whole screen would push every frame into the scrollback of some terminals.
    const all = [...lines, ...Array.from({ length: Math.max(0, height - lines.length) }, () => '')];
    const back = height === 0 ? '' : `\x1b[${height}A`;
    write(`${BEGIN_FRAME}${back}\r${all.map((line) => `${line}\x1b[K\n`).join('')}${END_FRAME}`);
    height = all.length;
  };
  const tick = (): void => {
    draw();
    cancel = clock.after(DRAW_EVERY, tick);
  };
  if (isLive) {
    write(HIDE_CURSOR);
    tick();
  }
  return {
    runStarted: (run) => void runs.push(run),
    happened(variant, at, about, what) {
      if (isLive) return;
      const label = hasSeveralRuns ? VARIANT_LABELS[variant].replace(/,.*/, '').padEnd(14) : '';
      write(`${(at / 1_000).toFixed(2).padStart(7)} s  ${label}${about.padEnd(9)}${printable(what)}\n`);
    },
    resized() {
      // The terminal has wrapped the last frame in another way: begin below it.
      height = 0;
    },
    close() {
      if (isClosed) return;
      isClosed = true;
      cancel();
      if (!isLive) return;
      draw();
      write(SHOW_CURSOR);
    },
    stdout: { columns: Math.min(isatty(STDOUT) ? size()[0] : WIDTH, WIDEST), paint: paintOn(STDOUT) },
  };
}

/** The columns and rows of the controlling terminal. A file description of its own leaves the flags of the shell's alone. */
function sizeOfTerminal(): () => readonly [columns: number, rows: number] {
  try {
    const terminal = new WriteStream(openSync('/dev/tty', 'r+'));
    // A terminal without a size says 0.
    return () => {
      const [columns, rows] = terminal.getWindowSize();
      return [columns || WIDTH, rows || HEIGHT];
    };
  } catch {
    return () => [WIDTH, HEIGHT];
  }
}
