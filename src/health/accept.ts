/** How much a client wants a media type. `named`: by its own name, not by a wildcard. */
export type Acceptance = { readonly weight: number; readonly named: boolean };

/** From 0 to 1 with three digits at most; anything else counts as 0 (RFC 9110, 12.4.2). */
const WEIGHT = /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/;

/**
 * The weight that an Accept header gives a media type such as `text/html`, by the most specific range that has it (RFC 9110,
 * 12.5.1); 0: not wanted. Without a header everything is wanted. A range with parameters of its own, such as `level=1`, is none that
 * the health server has.
 */
export function acceptance(accept: string, type: string): Acceptance {
  if (accept.trim() === '') return { weight: 1, named: false };
  const family = `${type.split('/', 1)[0]}/*`;
  const ranges = accept.split(',').flatMap((range) => {
    const [name = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const specificity = ['*/*', family, type].indexOf(name);
    const others = parameters.filter((each) => !/^(q=|charset="?utf-8"?$|$)/.test(each));
    if (specificity < 0 || others.length > 0) return [];
    const text = parameters.find((each) => each.startsWith('q='))?.slice(2) ?? '1';
    return [{ specificity, weight: WEIGHT.test(text) ? Number(text) : 0 }];
  });
  const specificity = Math.max(-1, ...ranges.map((range) => range.specificity));
  const weights = ranges.flatMap((range) => (range.specificity === specificity ? [range.weight] : []));
  return { weight: Math.max(0, ...weights), named: specificity === 2 };
}
