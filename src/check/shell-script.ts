import { splitWords } from '../config/split-words.ts';

/** What a shell does with signals depends on which one it is; `sh` is one of the others. */
export type ShellName = 'sh' | 'bash' | 'dash' | 'busybox' | 'zsh' | 'ksh';

/** A command line that ends in `sh -c '…'`, whatever wraps it. */
export type ShellCommand = {
  /** As the command line names it: `/bin/bash`. */
  readonly program: string;
  readonly shell: ShellName;
  readonly script: string;
  /** Which word of the command line is the script; null where the script is a part of a word (`env -S`). */
  readonly index: number | null;
  /** `-l` or `-i`: it first reads files, which may define functions. */
  readonly readsProfile: boolean;
  /** The init program in front, which passes signals on to the shell; null: there is none, and the shell may be PID 1. */
  readonly init: string | null;
  /** The init program passes signals on to every process. */
  readonly signalsAll: boolean;
};

const NAMES: Readonly<Record<string, ShellName>> = {
  ...{ sh: 'sh', bash: 'bash', rbash: 'bash', dash: 'dash', ash: 'busybox', zsh: 'zsh' },
  ...{ ksh: 'ksh', mksh: 'ksh', ksh93: 'ksh' },
};
const LONG_WITH_VALUE = /^--(rcfile|init-file)$/;
const LONG_WITH_PROFILE = /^--(login|interactive)$/;

/** A word of the command line, with its index there; null where it is a part of a word. */
type Word = { readonly text: string; readonly index: number | null };
type Wrapping = Pick<ShellCommand, 'init' | 'signalsAll'>;

/** The script of a command line `sh -c '…'`; null for another command line. */
export function shellScriptOf(words: readonly string[]): string | null {
  return shellCommandOf(words)?.script ?? null;
}

/** Reads a command line as env, the init programs and the shells do; null where no shell gets a script by `-c`. */
export function shellCommandOf(words: readonly string[]): ShellCommand | null {
  return commandOf(
    words.map((text, index) => ({ text, index })),
    { init: null, signalsAll: false },
  );
}

function commandOf(words: readonly Word[], wrapping: Wrapping): ShellCommand | null {
  const [first, ...rest] = words;
  const name = baseName(first?.text ?? '');
  const shell = Object.hasOwn(NAMES, name) ? NAMES[name] : undefined;
  if (first === undefined) return null;
  if (shell !== undefined) return scriptOf(first.text, shell, rest, wrapping);
  switch (name) {
    case 'busybox': {
      const [applet, ...operands] = rest;
      return /^(sh|ash|bash|hush)$/.test(applet?.text ?? '')
        ? scriptOf(`${first.text} ${applet?.text}`, 'busybox', operands, wrapping)
        : null;
    }
    case 'env':
      return commandOf(behindEnv(rest), wrapping);
    case 'nohup':
      return commandOf(behindOptions(rest, /^$/), wrapping);
    case 'nice':
      return commandOf(behindOptions(rest, /^(-n|--adjustment)$/), wrapping);
    case 'stdbuf':
      return commandOf(behindOptions(rest, /^(-[ioe]|--input|--output|--error)$/), wrapping);
    case 'gosu':
    case 'su-exec':
      return commandOf(behindOptions(rest, /^$/).slice(1), wrapping);
    case 'tini':
    case 'tini-static':
    case 'docker-init':
    case 'catatonit':
    case 'dumb-init': {
      const options = rest.slice(0, rest.length - behindOptions(rest, INIT_WITH_VALUE).length);
      const hasLetter = (letter: string): boolean =>
        options.some(({ text }) => new RegExp(`^-[a-z]*${letter}`).test(text));
      const signalsAll = name === 'dumb-init' ? !hasLetter('c') && !hasLongSingleChild(options) : hasLetter('g');
      return commandOf(behindOptions(rest, INIT_WITH_VALUE), { init: name, signalsAll });
    }
    default:
      return null;
  }
}

/** tini -p SIGNAL and -e CODE, dumb-init -r FROM:TO. */
const INIT_WITH_VALUE = /^(-[per]|--rewrite)$/;

function hasLongSingleChild(options: readonly Word[]): boolean {
  return options.some(({ text }) => text === '--single-child');
}

function behindOptions(words: readonly Word[], withValue: RegExp): readonly Word[] {
  const [{ text = '' } = {}, ...rest] = words;
  if (text === '--') return rest;
  if (!text.startsWith('-')) return words;
  return behindOptions(withValue.test(text) ? rest.slice(1) : rest, withValue);
}

/** env [-i] [-u NAME] [-C DIR] [-S WORDS] [NAME=value…] command */
function behindEnv(words: readonly Word[]): readonly Word[] {
  const [{ text = '' } = {}, ...rest] = words;
  const [, inWord] = /^(?:-[iv0]*S|--split-string=)(.*)$/s.exec(text) ?? [];
  if (inWord !== undefined || text === '--split-string') {
    const [line, others] = inWord ? [inWord, rest] : [rest[0]?.text ?? '', rest.slice(1)];
    const split = splitWords(line);
    if (!('ok' in split)) return [];
    return behindEnv([...split.ok.map((each) => ({ text: each, index: null })), ...others]);
  }
  if (text === '--') return rest;
  if (/^(-u|-C|--unset|--chdir)$/.test(text)) return behindEnv(rest.slice(1));
  return text.startsWith('-') || /^[A-Za-z_]\w*=/.test(text) ? behindEnv(rest) : words;
}

/** The options of a shell end at its first operand, which is the script if one of them was `-c`: `sh -c -x -- 'node s.js'`. */
function scriptOf(program: string, shell: ShellName, words: readonly Word[], wrapping: Wrapping): ShellCommand | null {
  let [takesScript, readsProfile, at] = [false, false, 0];
  for (; at < words.length; at += 1) {
    const text = words[at]?.text ?? '';
    if (text === '--' || text === '-') {
      at += 1;
      break;
    }
    if (LONG_WITH_VALUE.test(text)) at += 1;
    else if (/^[-+][A-Za-z]+$/.test(text)) {
      const isOn = text.startsWith('-');
      takesScript ||= isOn && text.includes('c');
      readsProfile ||= isOn && /[li]/.test(text);
      // `-euo pipefail`: each o takes a word.
      at += text.match(/[oO]/g)?.length ?? 0;
    } else if (!text.startsWith('--')) break;
    readsProfile ||= LONG_WITH_PROFILE.test(text);
  }
  const script = words[at];
  if (!takesScript || script === undefined) return null;
  return { program, shell, script: script.text, index: script.index, readsProfile, ...wrapping };
}

function baseName(program: string): string {
  return program.replace(/^.*\//s, '');
}
