/** Text that is HTML already. Only `html` makes it, so nothing else reaches a page without being escaped. */
export type Html = { readonly markup: string };

type MarkupPart = Html | string | number | readonly Html[];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Control characters (all but the printable; without \p{Cc}, which needs ICU), and those that turn the direction of what follows: a name could pretend to be another. */
const UNSEEN = /[^ -~\u00a0-\uffff]|[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Markup with values in it; each is escaped, for text and for a quoted attribute. */
export function html(parts: TemplateStringsArray, ...values: readonly MarkupPart[]): Html {
  return { markup: parts.map((part, index) => part + written(values[index] ?? '')).join('') };
}

function written(part: MarkupPart): string {
  if (typeof part === 'number') return String(part);
  if (typeof part === 'string') return escaped(part);
  return 'markup' in part ? part.markup : part.map(({ markup }) => markup).join('');
}

function escaped(text: string): string {
  return text
    .replace(/[\t\n\r]+/g, ' ')
    .replace(UNSEEN, '\ufffd')
    .replace(/[&<>"']/g, (char) => ENTITIES[char] ?? '');
}
