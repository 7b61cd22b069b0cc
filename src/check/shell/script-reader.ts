/** A word of a script: `raw` as it stands there; `text` without its quotes, null where only a shell could tell it. */
export type ScriptWord = { readonly start: number; readonly raw: string; readonly text: string | null };

/** `text` is the operator or the word as it stands in the script; '' at the end. */
export type Token =
  | { readonly kind: 'word'; readonly text: string; readonly word: ScriptWord }
  | { readonly kind: 'operator' | 'end'; readonly text: string; readonly word: null };

export type ScriptReader = {
  readonly peek: () => Token;
  readonly next: () => Token;
  /** Reads a redirection with what it is to or from. */
  readonly redirection: () => void;
  /** Reads on behind this word. */
  readonly skipTo: (word: string) => void;
};

/** The script has something that is beyond this parser, or an error. */
export class UnclearScript extends Error {}

const BLANK = /(?:[ \t\r]|\\\r?\n)*(?:#[^\n]*)?/y;
const OPERATOR = /(?:\d*(?:<<<|<<-?|<&|<>|>>|>&|>\||<|>)(?!\()|&>>?|&&|\|\||\|&|;;&?|;&|[;&|()\n])/y;

export function createReader(script: string): ScriptReader {
  let at = 0;
  let ahead: Token | null = null;
  const hereDocuments: HereDocument[] = [];
  const read = (): Token => {
    at += matchAt(BLANK, script, at).length;
    if (at >= script.length) return { kind: 'end', text: '', word: null };
    const operator = matchAt(OPERATOR, script, at);
    if (operator !== '') {
      at += operator.length;
      if (operator === '\n') at = behindHereDocuments(script, at, hereDocuments.splice(0));
      return { kind: 'operator', text: operator === '|&' ? '|' : operator, word: null };
    }
    const word = readWord(script, at);
    at += word.raw.length;
    return { kind: 'word', text: word.raw, word };
  };
  const peek = (): Token => {
    ahead ??= read();
    return ahead;
  };
  const next = (): Token => {
    const token = peek();
    ahead = null;
    return token;
  };
  return {
    peek,
    next,
    redirection() {
      const operator = next().text;
      const { word } = next();
      if (word === null) throw new UnclearScript();
      if (/^\d*<<-?$/.test(operator)) hereDocuments.push({ end: word.text ?? word.raw, tabs: operator.endsWith('-') });
    },
    skipTo(word) {
      for (;;) {
        const token = next();
        if (token.kind === 'end') throw new UnclearScript();
        if (token.text === word) return;
      }
    },
  };
}

/** What a sticky expression matches there. */
function matchAt(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? '';
}

type HereDocument = { readonly end: string; readonly tabs: boolean };

function behindHereDocuments(script: string, start: number, documents: readonly HereDocument[]): number {
  return documents.reduce((from, { end, tabs }) => {
    for (let at = from; at < script.length; ) {
      const newline = script.indexOf('\n', at);
      const line = script.slice(at, newline < 0 ? script.length : newline);
      at = newline < 0 ? script.length : newline + 1;
      if ((tabs ? line.replace(/^\t+/, '') : line) === end) return at;
    }
    throw new UnclearScript();
  }, start);
}

function readWord(script: string, start: number): ScriptWord {
  let text: string | null = '';
  let at = start;
  const add = (more: string | null): void => {
    text = text === null || more === null ? null : text + more;
  };
  while (at < script.length) {
    const letter = script.charAt(at);
    if (/[\s;&|()<>]/.test(letter) && !/^[<>]\(/.test(script.slice(at, at + 2))) break;
    const end = endOfPart(script, at);
    add(literalOf(script.slice(at, end)));
    at = end;
  }
  if (at === start) throw new UnclearScript();
  return { start, raw: script.slice(start, at), text };
}

/** More substitutions in one another than this are beyond the parser, which calls itself for each. */
const MAX_DEPTH = 50;

/** The end of one quoted, expanded or plain part of a word. */
function endOfPart(script: string, at: number, depth = 0): number {
  const letter = script.charAt(at);
  if (letter === '\\') return Math.min(script.length, at + 2);
  if (letter === "'") return behind(script, "'", at + 1);
  if (script.startsWith("$'", at)) return endOfQuoted(script, at + 2, "'", depth);
  if (letter === '"' || letter === '`') return endOfQuoted(script, at + 1, letter, depth);
  if (/^(\$|<|>)\(/.test(script.slice(at, at + 2))) return endOfBrackets(script, at + 2, ')', depth);
  if (script.startsWith('${', at)) return endOfBrackets(script, at + 2, '}', depth);
  return at + 1;
}

/** What a part of a word stands for; null where only a shell could tell. */
function literalOf(part: string): string | null {
  if (part.startsWith("'")) return part.slice(1, -1);
  if (part.startsWith('"')) return /[$`\\]/.test(part) ? null : part.slice(1, -1);
  if (part.startsWith('\\')) return part === '\\\n' ? '' : part.slice(1);
  return /^[$`<>*?[~{]/.test(part) ? null : part;
}

function behind(script: string, end: string, from: number): number {
  const at = script.indexOf(end, from);
  if (at < 0) throw new UnclearScript();
  return at + end.length;
}

function endOfQuoted(script: string, from: number, mark: string, depth: number): number {
  for (let at = from; at < script.length; ) {
    if (script.charAt(at) === mark) return at + 1;
    if (mark === '"' && script.startsWith('$(', at)) at = endOfBrackets(script, at + 2, ')', depth);
    else at += script.charAt(at) === '\\' ? 2 : 1;
  }
  throw new UnclearScript();
}

function endOfBrackets(script: string, from: number, end: ')' | '}', depth: number): number {
  if (depth > MAX_DEPTH) throw new UnclearScript();
  for (let at = from; at < script.length; ) {
    const letter = script.charAt(at);
    if (letter === end) return at + 1;
    at =
      end === ')' && letter === '(' ? endOfBrackets(script, at + 1, ')', depth + 1) : endOfPart(script, at, depth + 1);
  }
  throw new UnclearScript();
}
