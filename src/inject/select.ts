import { isJsonMap, type Json, valueAt } from './json.ts';

/** Whether an object is one of those that the user wants. */
export type Selection = (object: Json) => boolean;

type Requirement = (labels: Readonly<Record<string, string>>) => boolean;

const KEY = String.raw`[A-Za-z0-9][\w./-]*`;
const VALUE = String.raw`[\w.-]*`;
const IN_SET = new RegExp(`^(${KEY})\\s+(in|notin)\\s+\\(([^()]*)\\)$`);
const EQUAL = new RegExp(`^(${KEY})\\s*(=|==|!=)\\s*(${VALUE})$`);
const EXISTS = new RegExp(`^(!?)\\s*(${KEY})$`);

/** Reads a label selector as kubectl has it: `app=web,tier in (front,back),!canary`; null: it is none. */
export function readSelector(text: string): ((object: Json) => boolean) | null {
  const requirements = text.split(/,(?![^(]*\))/).map((part) => requirementIn(part.trim()));
  if (!requirements.every((each) => each !== null)) return null;
  return (object) => {
    const labels = valueAt(object, ['metadata', 'labels']);
    const texts = Object.entries(isJsonMap(labels) ? labels : {}).map(([key, value]) => [key, String(value)] as const);
    return requirements.every((fits) => fits(Object.fromEntries(texts)));
  };
}

function requirementIn(text: string): Requirement | null {
  const [, setKey = '', word, list = ''] = IN_SET.exec(text) ?? [];
  if (word !== undefined) {
    const values = list.split(',').map((each) => each.trim());
    return (labels) => values.includes(labels[setKey] ?? '\n') === (word === 'in');
  }
  const [, equalKey = '', sign, value = ''] = EQUAL.exec(text) ?? [];
  if (sign !== undefined) return (labels) => (labels[equalKey] === value) === (sign !== '!=');
  const [, not, key = ''] = EXISTS.exec(text) ?? [];
  return not === undefined ? null : (labels) => Object.hasOwn(labels, key) === (not === '');
}

/** kubectl puts an object without a namespace into the one that it is told. */
export function isInNamespace(object: Json, namespace: string): boolean {
  return (valueAt(object, ['metadata', 'namespace']) ?? namespace) === namespace;
}
