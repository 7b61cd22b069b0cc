import { type Finding, findingAt } from '../finding.ts';
import { type Edit, set } from '../fix/edit.ts';
import { type ManifestNode, numberOf, scalarOf, textOf } from '../manifest-node.ts';
import { type ValueType, valueTypeOf } from '../value-type.ts';
import { type FieldType, type TypedField, typedFieldsOf } from './field-types.ts';

/**
 * Values that the API server cannot decode into the type of their field: "json: cannot unmarshal string into Go struct field
 * DeploymentSpec.spec.replicas of type int32" (k8s.io/apimachinery/pkg/runtime/serializer/json). What it takes is no finding: 30.0 for 30,
 * a number or a name as targetPort, nothing at all.
 */
export function wrongTypeRules(object: ManifestNode): readonly Finding[] {
  return typedFieldsOf(object).flatMap((typed) => wrongType(typed));
}

const WANTED: Readonly<Record<FieldType, string>> = {
  'whole number': 'a whole number',
  'number or name of a port': 'a whole number or the name of a port',
  'whole number or percentage': 'a whole number or a percentage',
  boolean: 'true or false',
  string: 'a string',
  list: 'a list',
  map: 'a map',
};

function wrongType({ node, name, of, type }: TypedField): readonly Finding[] {
  const has = valueTypeOf(node.value);
  if (has === null || isTaken(node, has, type)) return [];
  const { remedy, edits = [] } = correctionOf(node, has, name.split('.').at(-1) ?? name, type);
  const reason = `The API server rejects ${name}${of === '' ? '' : ` of ${of}`}, because it must be ${WANTED[type]}, and ${found(node, has, type)}`;
  return [findingAt(node, { rule: 'wrong-type', reason, remedy, edits })];
}

function isTaken(node: ManifestNode, has: ValueType, type: FieldType): boolean {
  if (has === type) return true;
  const text = textOf(node) ?? '';
  if (has === 'string' && type !== 'string' && isPlaceholder(text)) return true;
  switch (type) {
    case 'number or name of a port':
      return has === 'whole number' || (has === 'string' && !/^-?\d+$/.test(text));
    case 'whole number or percentage':
      return has === 'whole number' || (has === 'string' && /^\d+%$/.test(text));
    default:
      return false;
  }
}

/** What a tool replaces before the manifest is applied: `${REPLICAS}`, `<replicas>`, `__PORT__`, `REPLICAS`. */
function isPlaceholder(text: string): boolean {
  return /^[${<%@_#]\S*$|^\S*\$[({]\S*$|^[A-Z][A-Z0-9_]*$/.test(text);
}

function found(node: ManifestNode, has: ValueType, type: FieldType): string {
  const text = textOf(node);
  if (has === 'list' || has === 'map') return `it is a ${has}`;
  if (has === 'boolean') return `${sourceOf(node)} is a boolean`;
  if (has !== 'string') return `${sourceOf(node)} is ${has === 'fraction' && isNumeric(type) ? 'none' : 'a number'}`;
  if (type === 'list' || type === 'map') return 'it is a string';
  const quoted = JSON.stringify(text);
  if (type === 'number or name of a port') return `${quoted} is a name without a letter`;
  return type === 'whole number or percentage' ? `${quoted} is neither` : `${quoted} is a string`;
}

function isNumeric(type: FieldType): boolean {
  return /number/.test(type);
}

type Correction = { readonly remedy: string; readonly edits?: readonly Edit[] };

/** `key`: of the field, for a remedy that can be pasted. */
function correctionOf(node: ManifestNode, has: ValueType, key: string, type: FieldType): Correction {
  const text = textOf(node) ?? '';
  switch (type) {
    case 'string':
      if (has === 'list' || has === 'map') return { remedy: 'Write one string' };
      return { remedy: 'Put it in quotes', edits: set(node, sourceOf(node)) };
    case 'list':
      if (has === 'map' || !LISTS_OF_WORDS.has(key)) return { remedy: `Write a list: a - before each item of ${key}` };
      return { remedy: /^[\w@%+=:,./ -]+$/.test(text) ? `${key}: ${asList(text)}` : SCRIPT };
    case 'map':
      if (has === 'list') return { remedy: `Write a map: no - before the keys of ${key}` };
      return { remedy: key.endsWith('trategy') ? `${key}: { type: ${text} }` : `Write the fields of ${key} below it` };
    case 'boolean':
      return { remedy: /^(true|false)$/.test(text) ? `Remove the quotes: ${text}` : 'Write true or false' };
    default:
      return numberFrom(node, has, key);
  }
}

const LISTS_OF_WORDS: ReadonlySet<string> = new Set(['command', 'args', 'accessModes']);
const SCRIPT = 'Write a list of words; that of a script is [sh, -c, the script]';

/** The words of a command line as a list of YAML, where no word can be read as something else than a string. */
function asList(text: string): string {
  const words = text.trim().split(/ +/);
  const isSafe = (word: string): boolean =>
    /^[a-z/.-][\w@%+=./-]+$/i.test(word) && !/^(true|false|yes|no|on|off|null)$/i.test(word);
  return `[${words.map((word) => (isSafe(word) ? word : JSON.stringify(word))).join(', ')}]`;
}

function numberFrom(node: ManifestNode, has: ValueType, key: string): Correction {
  const text = textOf(node) ?? '';
  if (/^-?\d+$/.test(text)) return { remedy: `Remove the quotes: ${text}`, edits: set(node, Number(text)) };
  const [, seconds] = /Seconds$/.test(key) ? (/^(\d+) ?s(?:ec|econds)?$/.exec(text) ?? []) : [];
  if (seconds !== undefined)
    return { remedy: `Write the seconds alone: ${seconds}`, edits: set(node, Number(seconds)) };
  const number = has === 'fraction' ? numberOf(node) : null;
  return { remedy: number === null ? 'Write a whole number' : `Write a whole number: ${Math.ceil(number)}` };
}

function sourceOf({ value, ...node }: ManifestNode): string {
  return (value as { readonly source?: string } | null)?.source ?? String(scalarOf({ ...node, value }));
}
