import { basename } from 'node:path';
import { findManifests } from '../check/find-manifests.ts';
import { isKustomization } from '../check/kustomization.ts';
import { type ManifestText, readManifest } from '../check/manifest-file.ts';
import { mayHaveColours } from '../colours.ts';
import { EXIT_CONFIG, EXIT_USAGE } from '../exit/exit-codes.ts';
import type { InjectMessage } from '../inject/inject-document.ts';
import { injectText, isManifest, type TextOutcome } from '../inject/inject-text.ts';
import { functionConfigIn } from '../inject/resource-list.ts';
import { VERSION } from '../version.ts';
import type { CommandOption, Invocation } from './command-file.ts';
import { commandLine, helpHint, readWords } from './command-line.ts';
import { type InjectFlags, type InjectRequest, OWN_OPTIONS, REPEATABLE, readRequest } from './inject-options.ts';
import { print, STDERR, STDOUT } from './print.ts';

export const options: readonly CommandOption[] = OWN_OPTIONS;
export const operands = 'files';

const DESCRIPTION = `Prints Kubernetes manifests with k8s-run in front of the apps in them, whose images stay as they are.
Reads files, folders (their *.yaml, *.yml and *.json), or - for stdin; comments and order are kept.
Serves as a post-renderer of Helm and as a KRM function of kustomize too.`;

type InputFile = { readonly file: string } & ManifestText;

/** `k8s-run inject`: prints the manifests to stdout, and what it has to say to stderr. Prints no manifest when one cannot be injected. */
export async function run({ words, environment }: Invocation): Promise<number> {
  const first = read(words);
  if (typeof first === 'number') return first;
  if (first.files.length === 0)
    return refuse(['cannot inject: no manifest given; name files, folders, or - for stdin'], EXIT_USAGE);
  const input = readFiles(first.files);
  if ('problems' in input) return refuse(input.problems, 1);
  const [only] = input.files;
  const configured = input.files.length === 1 && only !== undefined ? functionConfigIn(only.text) : null;
  const parsed = configured === null || configured.length === 0 ? first : read([...configured, ...words]);
  if (typeof parsed === 'number') return parsed;
  const request = readRequest(parsed.flags);
  if ('mistakes' in request) return refuse(request.mistakes, EXIT_CONFIG);
  return inject(input.files, request, { flags: parsed.flags, colours: mayHaveColours(STDOUT, environment) });
}

function read(words: readonly string[]): { readonly flags: InjectFlags; readonly files: readonly string[] } | number {
  const program = commandLine('inject', DESCRIPTION)
    .usage('[options] <file…>')
    .argument('[file...]', 'files, folders, or - for stdin');
  for (const { flags, help } of options) {
    const option = program.createOption(flags, help);
    if (REPEATABLE.includes(option.long ?? ''))
      option.argParser((value: string, before: readonly string[] | undefined) => [...(before ?? []), value]);
    program.addOption(option);
  }
  const parsed = readWords(program, words);
  if (typeof parsed === 'number') return parsed;
  return { flags: parsed.opts<InjectFlags>(), files: [...new Set(parsed.args)] };
}

/** Reads all of it first: a pipe gets all manifests or none. */
function readFiles(
  names: readonly string[],
): { readonly files: readonly InputFile[] } | { readonly problems: readonly string[] } {
  const files: InputFile[] = [];
  const problems: string[] = [];
  for (const name of names) {
    for (const found of findManifests(name, false)) {
      const file = name === '-' ? 'stdin' : found.file;
      if ('patchOf' in found) {
        say(`${file} is left out, because it is a patch of ${found.patchOf}`);
        continue;
      }
      if ('chartIn' in found) {
        problems.push(`cannot read the chart in ${found.chartIn}: render it first: helm template . | k8s-run inject -`);
        continue;
      }
      const manifest = 'problem' in found ? found : readManifest(found.file);
      if ('problem' in manifest) problems.push(`cannot read ${file}: ${manifest.problem}`);
      else if (name === '-' || found.file === name || isAppliedFile(found.file, manifest.text))
        files.push({ file, ...manifest });
      else say(`${file} is left out, because it is no Kubernetes manifest`);
    }
  }
  return problems.length > 0 ? { problems } : { files };
}

/** In a folder a file may be something else, such as the values of a chart. */
function isAppliedFile(file: string, text: string): boolean {
  return !isKustomization(basename(file)) && isManifest(text);
}

async function inject(
  files: readonly InputFile[],
  request: InjectRequest,
  { flags, colours }: { readonly flags: InjectFlags; readonly colours: boolean },
): Promise<number> {
  const nodePorts = new Set<number>();
  const { settings, isChosen } = request;
  const outcomes = files.map(({ file, text, mark }) => ({
    file,
    mark,
    before: text,
    outcome: injectText(text, { settings, isChosen, nodePorts, version: VERSION }),
  }));
  const sentences = (messages: (outcome: TextOutcome) => readonly InjectMessage[]): readonly string[] =>
    outcomes.flatMap(({ file, outcome }) =>
      messages(outcome).map(({ line, object, text }) => `${file}:${line}${object === '' ? '' : ` ${object}`} ${text}`),
    );
  const seen = new Set(outcomes.flatMap(({ outcome }) => outcome.containers));
  const missing = [...new Set([...(flags.container ?? []), ...(settings?.entrypoints.keys() ?? [])])]
    .filter((name) => !seen.has(name))
    .map((name) => `no container is called ${name}; there are ${[...seen].join(', ') || 'none'}`);
  const problems = [...sentences((outcome) => outcome.problems), ...missing];
  const sayNotes = (): void => {
    for (const note of sentences(({ notes }) => notes)) say(note);
  };
  if (problems.length > 0) {
    sayNotes();
    refuse(problems, 1);
    say('nothing is printed, because something cannot be injected');
    return 1;
  }
  const sayAll = (): void => {
    sayNotes();
    if (outcomes.every(({ outcome }) => outcome.changed === 0))
      say(settings === null ? 'nothing was injected here, so nothing is taken out' : 'there is no container to inject');
  };
  if (!request.asDiff) {
    sayAll();
    print((outcomes[0]?.mark ?? '') + joined(outcomes.map(({ outcome }) => outcome.text)));
    return 0;
  }
  const { painted, unifiedDiff } = await import('./inject-diff.ts');
  for (const { file, mark, before, outcome } of outcomes) {
    const diff = unifiedDiff(file, mark + before, mark + outcome.text);
    print(colours ? painted(diff) : diff);
  }
  // Below the diff, which is longer than a screen.
  sayAll();
  return 0;
}

/** One stream of documents. A single text stays as it is. */
function joined(texts: readonly string[]): string {
  return texts
    .map((text, index) => {
      const begin = index === 0 || /^(---|%)/.test(text) ? '' : '---\n';
      return begin + (index === texts.length - 1 || text.endsWith('\n') ? text : `${text}\n`);
    })
    .join('');
}

function say(sentence: string): void {
  print(`k8s-run inject: ${sentence}\n`, STDERR);
}

function refuse(mistakes: readonly string[], code: number): number {
  const hint = code === EXIT_USAGE ? `${helpHint('inject')}\n` : '';
  print(`${mistakes.map((mistake) => `k8s-run inject: ${mistake}\n`).join('')}${hint}`, STDERR);
  return code;
}
