/** Text as it may stand in XML, in an attribute too; what XML 1.0 cannot hold at all is left out. */
export function escaped(text: string): string {
  const shown = text.replace(/[^\t\n\x20-\uFFFD\u{10000}-\u{10FFFF}]/gu, '');
  const names: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  return shown.replace(/[&<>"']/g, (character) => names[character] ?? '');
}

export type Attributes = Readonly<Record<string, string | number>>;

/** One element; what it holds is markup already. */
export function element(name: string, attributes: Attributes, content = ''): string {
  const written = Object.entries(attributes)
    .map(([key, value]) => ` ${key}="${typeof value === 'number' ? round(value) : escaped(value)}"`)
    .join('');
  return content === '' ? `<${name}${written}/>` : `<${name}${written}>${content}</${name}>`;
}

export const words = (x: number, y: number, text: string, kind: string, attributes: Attributes = {}): string =>
  element('text', { x, y, class: kind, ...attributes }, escaped(text));

/** A tenth of a pixel is more than anybody sees. */
export const round = (value: number): string => String(Math.round(value * 10) / 10);
