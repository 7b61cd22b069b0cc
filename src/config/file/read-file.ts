import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import type { ProbeName } from '../../lifecycle/state.ts';
import type { ConfigMistake, GivenOption, SettledOption } from '../config.ts';
import type { HealthCheck } from '../health-check.ts';
import { OPTIONS, type Option, type OptionKey } from '../options/table.ts';
import type { ProbeSpec } from '../probe-spec.ts';
import { formOf } from '../value-shape.ts';
import { readChecks } from './checks-section.ts';
import { collect, entriesIn, type Findings, shownIn, shownKey } from './diagnostics.ts';
import { readStanza } from './kubernetes-probe.ts';
import { type Entry, readDocument, type Tree } from './yaml.ts';

/** What a configuration file says, as far as it could be understood. */
export type ConfigFile = {
  readonly given: readonly (GivenOption | SettledOption)[];
  readonly checks: readonly HealthCheck[];
  readonly mistakes: readonly ConfigMistake[];
  readonly warnings: readonly string[];
};

/** Bytes. A ConfigMap holds no more. */
const MAX_SIZE = 1024 * 1024;

/** A probe may keep the name that it has in a manifest. */
export const PASTED: Readonly<Record<string, ProbeName>> = {
  readinessProbe: 'ready',
  livenessProbe: 'live',
  startupProbe: 'startup',
};
/** For editors: where they find the schema of a file that takes no comments. */
const SCHEMA = '$schema';
/** Every option but the one that names the file. */
export const FILE_KEYS: readonly OptionKey[] = (Object.keys(OPTIONS) as OptionKey[]).filter((key) => key !== 'config');

/** Reads a configuration file, YAML or JSON. Never throws: whatever is wrong is among the mistakes, with its place. */
export function readConfigFile({ text: path, source }: GivenOption): ConfigFile {
  const findings = collect(path);
  const nothing = { given: [], checks: [], warnings: [] };
  const text = readText(path);
  if ('problem' in text)
    return { ...nothing, mistakes: [valueMistake(`cannot read ${source} ${path}: ${text.problem}`)] };
  const read = readDocument(text.ok);
  if ('complaints' in read) {
    const texts = read.complaints.map(({ place, text }) => `cannot read ${source} ${findings.at(place)}: ${text}`);
    return { ...nothing, mistakes: texts.map(valueMistake) };
  }
  const { tree } = read;
  if (tree.kind === 'scalar' && tree.value === null)
    return {
      ...nothing,
      mistakes: [valueMistake(`cannot use ${source} ${path}: it is empty; write grace: 20s, or {}`)],
    };
  const entries = entriesIn(tree, 'the file', [...FILE_KEYS, ...Object.keys(PASTED), 'checks', SCHEMA], findings);
  const given = [...(entries ?? [])].flatMap(([key, entry]) =>
    key === 'checks' || key === SCHEMA ? [] : readOption(key, entry, findings),
  );
  for (const [pasted, key] of Object.entries(PASTED)) {
    const [one, other] = [entries?.get(key), entries?.get(pasted)];
    if (one !== undefined && other !== undefined)
      findings.wrong(other.place, pasted, `${key} says the same, at ${findings.at(one.place)}; keep one`);
  }
  const checks = readChecks(entries?.get('checks'), findings);
  return { given, checks, mistakes: findings.mistakes().map(valueMistake), warnings: findings.warnings };
}

function valueMistake(text: string): ConfigMistake {
  return { kind: 'value', text };
}

/** Reads a plain file, and waits for nothing: a pipe, or a terminal, might never end. */
export function readText(path: string): { readonly ok: string } | { readonly problem: string } {
  let file: number | null = null;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stat = fstatSync(file);
    if (stat.isDirectory()) return { problem: 'it is a directory; name a file in it' };
    if (!stat.isFile()) return { problem: 'it is not a plain file' };
    const buffer = Buffer.alloc(MAX_SIZE + 1);
    let length = 0;
    for (let more = -1; more !== 0 && length < buffer.length; length += more) {
      more = readSync(file, buffer, length, buffer.length - length, null);
    }
    if (length > MAX_SIZE) return { problem: 'it is larger than 1 MiB' };
    const text = new TextDecoder('utf-8', { fatal: true }).decode(buffer.subarray(0, length));
    return text.includes('\0') ? { problem: NOT_TEXT } : { ok: text };
  } catch (error) {
    if (error instanceof TypeError) return { problem: NOT_TEXT };
    return { problem: REASONS[(error as NodeJS.ErrnoException).code ?? ''] ?? (error as Error).message };
  } finally {
    if (file !== null) closeSync(file);
  }
}

const NOT_TEXT = 'it is not text in UTF-8';
const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EACCES: 'permission denied',
  ELOOP: 'its links go round in circles',
};

/** One option, as its row of the table has it; a value of several parts becomes the words that its flag would take. */
function readOption(
  name: string,
  { value: tree, place }: Entry,
  findings: Findings,
): readonly (GivenOption | SettledOption)[] {
  const key = (PASTED[name] ?? name) as OptionKey;
  const option: Option<unknown> = OPTIONS[key];
  const source = `${findings.at(place)} ${name}`;
  const form = formOf(option);
  const texts = (parts: readonly Part[]): readonly GivenOption[] =>
    parts.map(({ text, at }) => ({ key, text, source: at ?? source }));
  if (form === 'probe') {
    const items = option.repeats === true && tree.kind === 'list' ? tree.items : [tree];
    return items.flatMap((item): readonly (GivenOption | SettledOption)[] => {
      if (item.kind !== 'map') return texts(wordsIn(item, name, findings));
      const value: ProbeSpec | null = readStanza(
        item,
        name,
        { oneSuccess: key === 'live' || key === 'startup' },
        findings,
      );
      return value === null ? [] : [{ key, source, value }];
    });
  }
  if (form === 'pairs') {
    const items = tree.kind === 'list' ? tree.items : [tree];
    return texts(
      items.flatMap((item) => (item.kind === 'map' ? pairsIn(item, name, findings) : wordsIn(item, name, findings))),
    );
  }
  if (form === 'list' && tree.kind === 'list') {
    const words = tree.items.flatMap((item) => wordsIn(item, name, findings));
    return option.repeats === true ? texts(words) : [{ key, source, text: words.map(({ text }) => text).join(',') }];
  }
  return texts(wordsIn(tree, name, findings));
}

type Part = { readonly text: string; readonly at?: string };

function wordsIn(tree: Tree, name: string, findings: Findings): readonly Part[] {
  if (tree.kind === 'scalar' && tree.value !== null)
    return [{ text: String(tree.value), at: `${findings.at(tree.place)} ${name}` }];
  findings.wrong(tree.place, `${name}${shownIn(tree)}`, 'must be one value');
  return [];
}

/** `{HUP: QUIT}` as the flag has it: HUP:QUIT. */
function pairsIn(tree: Tree & { kind: 'map' }, name: string, findings: Findings): readonly Part[] {
  return tree.entries.flatMap(({ key, value, place }, index) => {
    const first = tree.entries.findIndex((entry) => entry.key === key);
    if (first < index) {
      findings.wrong(
        place,
        `${name}.${shownKey(key)}`,
        `it is there already, at ${findings.at(tree.entries[first]?.place ?? place)}; keep one`,
      );
      return [];
    }
    return wordsIn(value, `${name}.${shownKey(key)}`, findings).map(({ text }) => ({
      text: `${key}:${text}`,
      at: `${findings.at(place)} ${name}`,
    }));
  });
}
