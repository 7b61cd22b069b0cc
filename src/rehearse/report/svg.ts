/** Text as XML content or attribute value, without the characters that XML 1.0 does not allow. */
export function escaped(text: string): string {
  const allowed = text.replace(/[^\t\n\x20-\uFFFD\u{10000}-\u{10FFFF}]/gu, '');
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  return allowed.replace(/[&<>"']/g, (character) => entities[character] ?? '');
}

export type Attributes = Readonly<Record<string, string | number>>;

/** One element; `content` is markup already. */
export function element(name: string, attributes: Attributes, content = ''): string {
  const written = Object.entries(attributes)
    .map(([key, value]) => ` ${key}="${typeof value === 'number' ? svgNumber(value) : escaped(value)}"`)
    .join('');
  return content === '' ? `<${name}${written}/>` : `<${name}${written}>${content}</${name}>`;
}

/** `kind`: a class of the stylesheet. `anchor`: which part of the text is at `x`. */
export type TextPlace = {
  readonly x: number;
  readonly y: number;
  readonly kind: string;
  readonly anchor?: 'start' | 'middle' | 'end';
};

export const svgText = (text: string, { x, y, kind, anchor }: TextPlace): string =>
  element('text', { x, y, class: kind, ...(anchor === undefined ? {} : { 'text-anchor': anchor }) }, escaped(text));

/** To a tenth of a pixel: more cannot be seen. */
export const svgNumber = (value: number): string => String(Math.round(value * 10) / 10);

/** The same for a page, where a number stays with its unit: `27 ms`. */
export function unbroken(text: string): string {
  return escaped(text).replace(/(?<=\d) (?=m?s\b)/g, '\u00a0');
}
