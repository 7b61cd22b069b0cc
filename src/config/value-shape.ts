import type { Option } from './options/row.ts';

/**
 * How an option may be written in a file, beside the text that its flag takes. `switch`: true or false; `probe`: a Kubernetes
 * probe stanza; `list`: several words; `pairs`: a map; `text`: no other way. It follows from what the flag takes.
 */
export type Form = 'switch' | 'probe' | 'list' | 'pairs' | 'text';

export function formOf({ takes, repeats }: Pick<Option<unknown>, 'takes' | 'repeats'>): Form {
  if (takes === null) return 'switch';
  if (takes === '<probe>') return 'probe';
  if (takes === '<from:to>') return 'pairs';
  return takes === '<signals>' || repeats === true ? 'list' : 'text';
}
