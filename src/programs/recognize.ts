import { KNOWN_PROGRAMS, type KnownProgram } from './known-programs.ts';

/** A known program in a command line, and whether only a wrapper was seen that may have started others. */
export type Recognized = { readonly program: KnownProgram; readonly name: string };

const BY_NAME = new Map(KNOWN_PROGRAMS.flatMap((program) => program.names.map((name) => [name, program] as const)));

/** What runs a script or a module: its first word that is no option names the program. */
const INTERPRETER = /^(python[\d.]*|ruby[\d.]*|node|node-MainThread|bun|perl|php[\d.]*)$/;
/** How the command stands in the words of what executes it: behind options, of which some have a value, and some operands. */
type Wrapper = { readonly values?: RegExp; readonly operands?: number };

/** By their manual pages. An operand is a user, a priority, a mask, or `exec` and `run`. */
const WRAPPERS: Readonly<Record<string, Wrapper>> = {
  env: { values: /^(-[uC]|--unset|--chdir)$/ },
  setpriv: { values: /^--(?!(clear|keep|init)-groups$|no-new-privs$|nnp$|reset-env$)[^=]+$/ },
  gosu: { operands: 1 },
  'su-exec': { operands: 1 },
  's6-setuidgid': { operands: 1 },
  chpst: { values: /^-[uUbeCnlLmdoptfcr/]$/ },
  nice: { values: /^(-n|--adjustment)$/ },
  ionice: { values: /^(-[cn]|--class|--classdata)$/ },
  chrt: { values: /^-[TPD]$/, operands: 1 },
  taskset: { operands: 1 },
  stdbuf: { values: /^(-[ioe]|--input|--output|--error)$/ },
  tini: { values: /^-[pe]$/ },
  'dumb-init': { values: /^(-r|--rewrite)$/ },
  catatonit: {},
  bundle: { operands: 1 },
  pipenv: { operands: 1 },
  poetry: { operands: 1 },
};
/** Entry points of images execute their words. */
const ENTRYPOINT = /^[\w-]*entrypoint[\w-]*(\.sh)?$/;
/** A shell, or a wrapper that stays: the program may be one of its children. */
export const STAYS_IN_FRONT: RegExp = /^(sh|bash|dash|ash|busybox|zsh|tini|dumb-init|catatonit|npm|npx|yarn|pnpm)$/;

/** The program of this name: `php-fpm8.2`, `uwsgi-core`, the comm `PM2 v7.0.4: God`, the title `nginx: master process …`. */
export function programNamed(name: string): Recognized | null {
  const own = baseNameOf(name);
  for (const each of [
    own,
    own.toLowerCase(),
    own.replace(/[\d.]+$/, ''),
    own.replace(/[-_](core|python[\d.]*)$/, ''),
  ]) {
    const program = BY_NAME.get(each);
    if (program !== undefined) return { program, name: program.names.includes(own) ? own : each };
  }
  return null;
}

/** The known program that a command line runs, behind interpreters and wrappers; null: none is known for certain. */
export function recognize(words: readonly string[]): Recognized | null {
  const [first = '', ...rest] = words;
  if (words.length === 0) return null;
  const own = programNamed(first);
  if (own !== null) return own;
  const name = baseNameOf(first);
  if (INTERPRETER.test(name)) {
    // `python3 -m celery`, `node --enable-source-maps pm2-runtime`, `ruby /usr/bin/unicorn`.
    const at = rest.findIndex((word) => !word.startsWith('-'));
    return at < 0 ? null : programNamed(rest[at] ?? '');
  }
  // Which of its options have a value is not known.
  if (ENTRYPOINT.test(name)) return rest[0]?.startsWith('-') === false ? recognize(rest) : null;
  const wrapper = Object.hasOwn(WRAPPERS, name) ? WRAPPERS[name] : undefined;
  return wrapper === undefined ? null : recognize(commandOf(rest, wrapper));
}

function commandOf(words: readonly string[], { values, operands = 0 }: Wrapper): readonly string[] {
  let left = operands;
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    if (word === '--') return words.slice(at + 1 + left);
    if (values?.test(word) === true) at += 1;
    else if (word.startsWith('-') || /^\w+=/.test(word)) continue;
    else if (left === 0) return words.slice(at);
    else left -= 1;
  }
  return [];
}

/** The program of an official image of Docker Hub: `nginx`, `docker.io/library/php:8.3-fpm`. */
export function programOfImage(image: string): KnownProgram | null {
  const [, name = '', tag = ''] =
    /^(?:docker\.io\/)?(?:library\/)?([a-z0-9-]+)(?::([\w.-]+))?(?:@.*)?$/.exec(image) ?? [];
  return KNOWN_PROGRAMS.find((each) => each.image?.name === name && (each.image.tag?.test(tag) ?? true)) ?? null;
}

/** The command or flag that runs the first known of these programs in the foreground. */
export function foregroundOf(names: readonly string[]): string | undefined {
  return names.map(foreground).find((each) => each !== undefined);
}

function foreground(name: string): string | undefined {
  const known = programNamed(name);
  const text = known?.program.foreground;
  // As this machine calls it: `php-fpm8.2 -F`, `apache2 -DFOREGROUND`.
  const [title = ''] = known?.program.names ?? [];
  const own = baseNameOf(name);
  return own.toLowerCase() === own && text?.startsWith(`${title} `) ? own + text.slice(title.length) : text;
}

function baseNameOf(word: string): string {
  return word.replace(/[:\s].*$/s, '').replace(/^.*\//, '');
}
