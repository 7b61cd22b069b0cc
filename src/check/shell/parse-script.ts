import { createReader, type ScriptReader, type ScriptWord, UnclearScript } from './script-reader.ts';

/** What stands between two commands; '' at the start and the end of a list. */
export type Separator = '' | ';' | '\n' | '&' | '&&' | '||' | '|';
export type Compound = 'if' | 'loop' | 'brace' | 'subshell';

/** A simple command (POSIX, 2.9.1). */
export type ScriptCommand = {
  /** Without assignments and redirections. */
  readonly words: readonly ScriptWord[];
  readonly hasAssignments: boolean;
  readonly isRedirected: boolean;
  readonly before: Separator;
  readonly after: Separator;
  /** The compound commands around it. */
  readonly inside: readonly Compound[];
  /** It is a part of a pipeline or a background list: a process of its own runs it. */
  readonly isForked: boolean;
  /** It follows `!` or `time`, so that the shell waits for its end. */
  readonly isAwaited: boolean;
};

/** The commands of a script in the order of the text. `isClear`: nothing in it was beyond this parser, as functions and `case` are. */
export type Script = { readonly commands: readonly ScriptCommand[]; readonly isClear: boolean };

/** Reads a script of a POSIX shell; it neither runs nor expands anything. */
export function parseScript(script: string): Script {
  const commands: ScriptCommand[] = [];
  try {
    readList(createReader(script), commands, [], ['']);
    return { commands, isClear: true };
  } catch (error) {
    if (error instanceof UnclearScript) return { commands, isClear: false };
    throw error;
  }
}

/** More compounds in one another than this are beyond the parser, which calls itself for each. */
const MAX_DEPTH = 50;

/** Reads commands up to one of these words or operators, '' for the end of the script, and returns which one it was. */
function readList(
  reader: ScriptReader,
  commands: ScriptCommand[],
  inside: readonly Compound[],
  ends: readonly string[],
): string {
  if (inside.length > MAX_DEPTH) throw new UnclearScript();
  let before: Separator = '';
  let listStart = commands.length;
  for (;;) {
    while (reader.peek().text === '\n') reader.next();
    const { kind, text } = reader.peek();
    if (ends.includes(text) && (kind !== 'word' || text !== '')) {
      reader.next();
      return text;
    }
    const first = commands.length;
    readCommand(reader, commands, { inside, before, isAwaited: false });
    const after = readSeparator(reader);
    if (before === '|' || after === '|') markForked(commands, first);
    if (after === '&') markForked(commands, listStart);
    if (!['&&', '||', '|'].includes(after)) listStart = commands.length;
    const last = commands.at(-1);
    if (last?.inside.length === inside.length) commands[commands.length - 1] = { ...last, after };
    before = after;
  }
}

function readSeparator(reader: ScriptReader): Separator {
  const { kind, text } = reader.peek();
  if (kind !== 'operator' || text === ')') return '';
  reader.next();
  if (isSeparator(text)) return text;
  throw new UnclearScript();
}

function isSeparator(text: string): text is Separator {
  return [';', '\n', '&', '&&', '||', '|'].includes(text);
}

function markForked(commands: ScriptCommand[], first: number): void {
  for (let index = first; index < commands.length; index += 1)
    commands[index] = { ...(commands[index] as ScriptCommand), isForked: true };
}

type CommandPlace = Pick<ScriptCommand, 'inside' | 'before' | 'isAwaited'>;

function readCommand(reader: ScriptReader, commands: ScriptCommand[], place: CommandPlace): void {
  const { kind, text } = reader.peek();
  if (kind !== 'end' && (text === '!' || text === 'time')) {
    reader.next();
    readCommand(reader, commands, { ...place, isAwaited: true });
  } else if (kind !== 'end' && Object.hasOwn(COMPOUNDS, text)) {
    reader.next();
    COMPOUNDS[text]?.(reader, (compound, ...ends) => readList(reader, commands, [...place.inside, compound], ends));
    while (reader.peek().kind === 'operator' && isRedirection(reader.peek().text)) reader.redirection();
  } else readSimple(reader, commands, place);
}

type ReadNested = (compound: Compound, ...ends: readonly string[]) => string;
type ReadCompound = (reader: ScriptReader, list: ReadNested) => void;

const readWhile: ReadCompound = (_, list) => {
  list('loop', 'do');
  list('loop', 'done');
};
const readFor: ReadCompound = (reader, list) => {
  reader.skipTo('do');
  list('loop', 'done');
};
const readUnclear: ReadCompound = () => {
  throw new UnclearScript();
};

/** How the rest of a compound command is read, by the word or operator that begins it. */
const COMPOUNDS: Readonly<Record<string, ReadCompound>> = {
  '(': (_, list) => list('subshell', ')'),
  '{': (_, list) => list('brace', '}'),
  if(_, list) {
    list('if', 'then');
    while (list('if', 'elif', 'else', 'fi') !== 'fi');
  },
  ...{ while: readWhile, until: readWhile, for: readFor, select: readFor },
  ...{ case: readUnclear, function: readUnclear, coproc: readUnclear },
};

function isRedirection(text: string): boolean {
  return /^\d*[<>]|^&>/.test(text);
}

function readSimple(reader: ScriptReader, commands: ScriptCommand[], place: CommandPlace): void {
  const words: ScriptWord[] = [];
  let [hasAssignments, isRedirected] = [false, false];
  for (;;) {
    const { kind, text, word } = reader.peek();
    if (kind === 'operator' && isRedirection(text)) {
      isRedirected = true;
      reader.redirection();
    } else if (word === null) break;
    else {
      reader.next();
      if (words.length === 0 && /^[A-Za-z_]\w*\+?=/.test(text)) hasAssignments = true;
      else words.push(word);
      if (words.length === 1 && text === '[[') reader.skipTo(']]');
    }
  }
  // An operator where a command should be, such as ( behind the name of a function.
  const { text } = reader.peek();
  if (text === '(' || !(words.length > 0 || hasAssignments || isRedirected)) throw new UnclearScript();
  commands.push({ ...place, words, hasAssignments, isRedirected, after: '', isForked: false });
}
