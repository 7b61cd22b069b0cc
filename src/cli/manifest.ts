import { readFileSync } from 'node:fs';
import type { ResolvedConfig } from '../config/config.ts';
import type { OptionKey } from '../config/options/table.ts';
import { readConfig } from '../config/resolve.ts';
import { EXIT_CONFIG, EXIT_USAGE } from '../exit/exit-codes.ts';
import { appObjects } from '../manifest/app-objects.ts';
import { helmValues } from '../manifest/helm-values.ts';
import { type Base, ownVariables, readBase } from '../manifest/kustomize/base.ts';
import { kustomization } from '../manifest/kustomize/kustomization.ts';
import { takeOver } from '../manifest/kustomize/take-over.ts';
import type { ManifestInput } from '../manifest/manifest-input.ts';
import { type ManifestDocument, writeDocuments } from '../manifest/yaml-writer.ts';
import { type AppCommandLine, readAppCommandLine } from './app-command-line.ts';
import type { Invocation } from './command-file.ts';
import { helpHint } from './command-line.ts';
import { manifestInput } from './manifest-input.ts';
import { type ManifestOptions, options, readManifestOptions } from './manifest-options.ts';
import { shutdownIn } from './manifest-times.ts';
import { print, STDERR } from './print.ts';

export { options };
export const operands = 'app';

const DESCRIPTION =
  'Prints a Deployment, or another workload, a Service and a PodDisruptionBudget that match the options of k8s-run. Comments in the YAML give the reasons.';

/** `k8s-run manifest`: prints the YAML or JSON to stdout, and all mistakes at once to stderr. */
export async function run({ words, environment, commands }: Invocation): Promise<number> {
  const read = readAppCommandLine('manifest', DESCRIPTION, options, words);
  if (typeof read === 'number') return read;
  const { own, mistakes } = readManifestOptions(read.ownOptions);
  const base = mistakes.length > 0 ? null : baseOf(own);
  const context = await contextOf(read, own, base !== null && 'ok' in base ? base.ok : null, environment);
  for (const warning of context.parsed.warnings) print(`k8s-run manifest: ${warning}\n`, STDERR);
  const allMistakes = [
    ...mistakes,
    ...(base !== null && 'problem' in base ? [`cannot use --kustomize ${own.base}: ${base.problem}`] : []),
    ...context.mistakes,
    ...('mistakes' in context.parsed ? context.parsed.mistakes.map(({ text }) => text) : []),
  ];
  if (read.command.length === 0)
    return refuse(
      ['cannot print a manifest: no command given; write k8s-run manifest [options] -- <command>', ...allMistakes],
      EXIT_USAGE,
    );
  if ('mistakes' in context.parsed) return refuse(allMistakes, EXIT_CONFIG);
  const result = manifestInput({
    own,
    config: context.parsed.ok,
    line: read,
    environment: context.environment,
    commands: Object.keys(commands),
    base: context.base,
  });
  if (allMistakes.length > 0 || result.mistakes.length > 0)
    return refuse([...allMistakes, ...result.mistakes], EXIT_CONFIG);
  print(writeDocuments(documentsOf(own, result.input, context), own.format));
  return 0;
}

function refuse(mistakes: readonly string[], code: number): number {
  const hint = code === EXIT_USAGE ? `${helpHint('manifest')}\n` : '';
  print(`${mistakes.map((mistake) => `k8s-run manifest: ${mistake}\n`).join('')}${hint}`, STDERR);
  return code;
}

/** The options as the container will have them. */
type Context = {
  readonly parsed: ResolvedConfig;
  readonly environment: NodeJS.ProcessEnv;
  readonly base: Base | null;
  readonly notes: readonly string[];
  readonly mistakes: readonly string[];
};

/** Variables of --env win over those of this shell, and these over what an existing manifest says. */
async function contextOf(
  { flags }: AppCommandLine,
  own: ManifestOptions,
  base: Base | null,
  shell: NodeJS.ProcessEnv,
): Promise<Context> {
  const given = { ...shell, ...Object.fromEntries(own.environment.filter(([name]) => name.startsWith('K8S_RUN_'))) };
  const environment = base === null ? given : { ...ownVariables(base), ...given };
  const parsed = await readConfig(flags, environment);
  const context: Context = { parsed, environment, base, notes: [], mistakes: [] };
  if (base === null || 'mistakes' in parsed) return context;
  const isChosen = (key: OptionKey): boolean => parsed.ok.chosen.has(key);
  const taken = takeOver(base, isChosen, shutdownIn(parsed.ok).seconds);
  if ('problem' in taken) return { ...context, mistakes: [`cannot use --kustomize ${own.base}: ${taken.problem}`] };
  const all = { ...taken.variables, ...environment };
  return { ...context, environment: all, parsed: await readConfig(flags, all), notes: taken.notes };
}

/** Null: there is none. */
function baseOf(own: ManifestOptions): ReturnType<typeof readBase> | null {
  if (own.base === null) return null;
  try {
    return readBase(readFileSync(own.base === '-' ? 0 : own.base, 'utf8'), own);
  } catch (error) {
    return { problem: `it cannot be read (${(error as NodeJS.ErrnoException).code ?? error})` };
  }
}

function documentsOf(
  own: ManifestOptions,
  input: ManifestInput,
  { base, notes }: Context,
): readonly ManifestDocument[] {
  if (base !== null) return [kustomization({ input, base, file: own.base ?? '-', notes })];
  if (own.output === 'helm-values') return [helmValues(input)];
  return appObjects(input).map((fields) => ({ fields }));
}
