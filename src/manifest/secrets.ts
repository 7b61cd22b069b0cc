import { escapeVariables } from '../config/pod-manifest/expand.ts';

/** Words without the values that may be secrets, and the variables that replace these. */
export type ExtractedWords = { readonly words: readonly string[]; readonly secrets: readonly ExtractedSecret[] };
/** The variable `name` gets its value from `key` of the Secret. */
export type ExtractedSecret = { readonly name: string; readonly key: string };

const SECRET_WORDS =
  '(?:password|passwd|passphrase|secret|token|(?:api|access|private|secret|signing|encryption)[-_.]?key|credentials?)';
/** `--db-password=x`, `DB_PASSWORD=x`. */
const NAME_AND_VALUE = new RegExp(`^((?:--?)?([\\w.-]*${SECRET_WORDS})=)(.+)$`, 'is');
/** `--db-password`, with the value in the next word. */
const NAME_ONLY = new RegExp(`^--?([\\w.-]*${SECRET_WORDS})$`, 'i');
/** `postgres://user:password@host/` */
const IN_URL = /^(.*?[a-z][a-z+.-]*:\/\/[^/:@\s]*:)([^/@\s]+)(@.*)$/is;
/** `?token=x&…`, or `Authorization: Bearer x` in one word. */
const IN_TEXT = new RegExp(`((?:[?&][\\w.-]*${SECRET_WORDS}=)|(?:\\b(?:Bearer|Basic)\\s+))([^&\\s'"]+)`, 'i');

/** Whether a text (a configuration file, a value) looks as if it contains a secret. */
export function mayBeSecret(text: string): boolean {
  return (
    new RegExp(`${SECRET_WORDS}["']?\\s*[:=]\\s*\\S`, 'i').test(text) ||
    /\bauthorization\b/i.test(text) ||
    IN_TEXT.test(text) ||
    text.split(/\s+/).some((word) => IN_URL.test(word))
  );
}

/**
 * The words of a command line with each secret replaced by `$(NAME)`, which the kubelet expands to a variable of the
 * container. All else that the kubelet would expand is escaped.
 */
export function extractSecrets(words: readonly string[]): ExtractedWords {
  const secrets: ExtractedSecret[] = [];
  const extract = (label: string): string => {
    const base =
      label
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, '-')
        .replace(/^-|-$/g, '') || 'secret';
    const others = secrets.filter((secret) => secret.key.replace(/-\d+$/, '') === base).length;
    const key = others === 0 ? base : `${base}-${others + 1}`;
    const name = key.toUpperCase().replaceAll('-', '_');
    secrets.push({ name, key });
    return `$(${name})`;
  };
  const result: string[] = [];
  let label: string | null = null;
  for (const word of words) {
    const plain = escapeVariables(word);
    const [, before = '', name, value] = NAME_AND_VALUE.exec(plain) ?? [];
    if (label !== null && !word.startsWith('-')) result.push(extract(label));
    else if (name !== undefined && value !== undefined) result.push(before + extract(name));
    else {
      const inUrl = plain.replace(
        IN_URL,
        (_, head: string, _secret, tail: string) => head + extract('url-password') + tail,
      );
      result.push(
        inUrl.replace(IN_TEXT, (_, head: string) => head + extract(/[\w.-]*=$/.exec(head)?.[0] ?? 'authorization')),
      );
    }
    label = NAME_ONLY.exec(word)?.[1] ?? null;
  }
  return { words: result, secrets };
}
