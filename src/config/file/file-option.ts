import type { GivenOption, SettledOption } from '../config.ts';
import { OPTIONS, type Option, type OptionKey } from '../options/table.ts';
import type { ProbeSpec } from '../probe-spec.ts';
import { formOf } from '../value-shape.ts';
import { type Diagnostics, keyShown, placeOf, valueShown } from './diagnostics.ts';
import { readProbeStanza } from './kubernetes-probe.ts';
import type { MapEntry, Position, YamlTree } from './yaml.ts';

/**
 * Reads the value of one option in a file. A list or a map becomes the texts that the flag would take, so that the option's
 * row of the table validates both; a probe stanza is read here. `name` is the key as the file has it.
 */
export function readFileOption(
  key: OptionKey,
  name: string,
  { value: tree, position }: MapEntry,
  diagnostics: Diagnostics,
): readonly (GivenOption | SettledOption)[] {
  const option: Option<unknown> = OPTIONS[key];
  const source = `${diagnostics.locate(position)} ${name}`;
  const form = formOf(option);
  const given = (texts: readonly OptionText[]): readonly GivenOption[] =>
    texts.map(({ text, at }) => ({ key, text, source: `${diagnostics.locate(at)} ${name}`, place: placeOf(at) }));
  if (form === 'probe') {
    const items = option.repeats === true && tree.kind === 'list' ? tree.items : [tree];
    return items.flatMap((item): readonly (GivenOption | SettledOption)[] => {
      if (item.kind !== 'map') return given(scalarText(item, name, diagnostics));
      const context = { oneSuccess: key === 'live' || key === 'startup' };
      const value: ProbeSpec | null = readProbeStanza(item, name, context, diagnostics);
      return value === null ? [] : [{ key, source, value, place: placeOf(position) }];
    });
  }
  if (form === 'pairs') {
    const items = tree.kind === 'list' ? tree.items : [tree];
    return given(
      items.flatMap((item) =>
        item.kind === 'map' ? pairTexts(item, name, diagnostics) : scalarText(item, name, diagnostics),
      ),
    );
  }
  if (form === 'list' && tree.kind === 'list') {
    const texts = tree.items.flatMap((item) => scalarText(item, name, diagnostics));
    const [first] = texts;
    if (option.repeats === true) return given(texts);
    if (first === undefined) return given([{ text: '', at: tree.position }]);
    const words = texts.map(({ at }) => diagnostics.locate(at));
    return given([{ text: texts.map(({ text }) => text).join(','), at: first.at }]).map((each) => ({ ...each, words }));
  }
  return given(scalarText(tree, name, diagnostics));
}

type OptionText = { readonly text: string; readonly at: Position };

function scalarText(tree: YamlTree, name: string, diagnostics: Diagnostics): readonly OptionText[] {
  if (tree.kind === 'scalar' && tree.value !== null) return [{ text: String(tree.value), at: tree.position }];
  diagnostics.addMistake(tree.position, `${name}${valueShown(tree)}`, 'must be a single value');
  return [];
}

/** `{HUP: QUIT}` as the flag has it: HUP:QUIT. */
function pairTexts(tree: YamlTree & { kind: 'map' }, name: string, diagnostics: Diagnostics): readonly OptionText[] {
  return tree.entries.flatMap(({ key, value, position }, index) => {
    const first = tree.entries.findIndex((entry) => entry.key === key);
    if (first < index) {
      const before = diagnostics.locate(tree.entries[first]?.position ?? position);
      diagnostics.addMistake(position, `${name}.${keyShown(key)}`, `already set at ${before}; keep one`);
      return [];
    }
    return scalarText(value, `${name}.${keyShown(key)}`, diagnostics).map(({ text }) => ({
      text: `${key}:${text}`,
      at: position,
    }));
  });
}
