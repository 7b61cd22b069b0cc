import { escapeVariables } from '../config/pod-manifest/expand.ts';

/** A word of the app's, without what may be a secret, and the variable that has it instead. */
export type Kept = { readonly words: readonly string[]; readonly secrets: readonly Secret[] };
/** `key` of the Secret becomes the variable `name`. */
export type Secret = { readonly name: string; readonly key: string };

const TELLING = '(?:password|passwd|passphrase|secret|token|api-?key|access-?key|private-?key|credentials?)';
/** `--db-password=x`, `DB_PASSWORD=x`. */
const NAMED = new RegExp(`^((?:--?)?([\\w.-]*${TELLING})=)(.+)$`, 'is');
/** `--db-password`, and the word after it is the value. */
const NAMING = new RegExp(`^--?([\\w.-]*${TELLING})$`, 'i');
/** `postgres://user:password@host/` */
const IN_URL = /^(.*?[a-z][a-z+.-]*:\/\/[^/:@\s]*:)([^/@\s]+)(@.*)$/is;
/** `?token=x&…`, `Authorization: Bearer x` in one word. */
const IN_TEXT = new RegExp(`((?:[?&][\\w.-]*${TELLING}=)|(?:\\b(?:Bearer|Basic)\\s+))([^&\\s'"]+)`, 'i');

/** Whether a text (a configuration file, a value) looks as if it held a secret. */
export function mayBeSecret(text: string): boolean {
  return (
    new RegExp(`${TELLING}["']?\\s*[:=]\\s*\\S`, 'i').test(text) ||
    /\bauthorization\b/i.test(text) ||
    IN_TEXT.test(text) ||
    text.split(/\s+/).some((word) => IN_URL.test(word))
  );
}

/**
 * The words of a command line with each secret replaced by `$(NAME)`, which the kubelet fills in from a variable of the
 * container. What it would fill in by accident is escaped.
 */
export function withoutSecrets(words: readonly string[]): Kept {
  const secrets: Secret[] = [];
  const take = (from: string): string => {
    const key =
      from
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, '-')
        .replace(/^-|-$/g, '') || 'secret';
    const others = secrets.filter((secret) => secret.key.replace(/-\d+$/, '') === key).length;
    const own = others === 0 ? key : `${key}-${others + 1}`;
    const name = own.toUpperCase().replaceAll('-', '_');
    secrets.push({ name, key: own });
    return `$(${name})`;
  };
  const kept: string[] = [];
  let naming: string | null = null;
  for (const word of words) {
    const plain = escapeVariables(word);
    const [, before = '', named, value] = NAMED.exec(plain) ?? [];
    if (naming !== null && !word.startsWith('-')) kept.push(take(naming));
    else if (named !== undefined && value !== undefined) kept.push(before + take(named));
    else {
      const inUrl = plain.replace(
        IN_URL,
        (_, head: string, _secret, tail: string) => head + take('url-password') + tail,
      );
      kept.push(
        inUrl.replace(IN_TEXT, (_, head: string) => head + take(/[\w.-]*=$/.exec(head)?.[0] ?? 'authorization')),
      );
    }
    naming = NAMING.exec(word)?.[1] ?? null;
  }
  return { words: kept, secrets };
}
