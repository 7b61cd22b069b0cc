import { spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

type Texts = Readonly<Record<string, string>>;
type Step = {
  readonly id?: string;
  readonly shell: string;
  readonly run: string;
  readonly env?: Texts;
};
type Action = {
  readonly inputs: Readonly<Record<string, { readonly default: string }>>;
  readonly outputs: Readonly<Record<string, { readonly value: string }>>;
  readonly runs: { readonly using: 'composite'; readonly steps: readonly Step[] };
};

export type ActionRun = {
  readonly code: number | null;
  /** What the steps wrote to stdout and stderr. */
  readonly log: string;
  readonly outputs: Texts;
  /** The PATH of the steps that follow in the job. */
  readonly path: string;
};

/** `folder`: an empty one, for the files of the runner. `path`: the PATH of the runner. */
export type Runner = { readonly folder: string; readonly workspace: string; readonly path: string };

/**
 * Runs the steps of a composite action as a runner of GitHub does: each script by bash with `-e -o pipefail`, in the workspace, with
 * the variables and files that GitHub documents. Of expressions it knows `inputs`, `steps` and `github.action_path`; another is an error.
 */
export function runAction(action: string, inputs: Texts, { folder, workspace, path }: Runner): ActionRun {
  const { inputs: declared, outputs, runs }: Action = parse(readFileSync(join(action, 'action.yml'), 'utf8'));
  for (const name of Object.keys(inputs)) if (!(name in declared)) throw new Error(`${action} has no input ${name}`);
  const values: Record<string, string> = { 'github.action_path': action };
  for (const [name, input] of Object.entries(declared)) values[`inputs.${name}`] = inputs[name] ?? input.default;
  const evaluated = (text: string): string =>
    text.replace(/\$\{\{\s*(.*?)\s*\}\}/g, (_, expression: string) => {
      const value = values[expression] ?? (/^steps\.[\w-]+\.outputs\.[\w-]+$/.test(expression) ? '' : undefined);
      if (value === undefined) throw new Error(`cannot evaluate ${expression}`);
      return value;
    });
  const temporary = join(folder, 'temp');
  mkdirSync(temporary, { recursive: true });
  const added = join(folder, 'path');
  writeFileSync(added, '');
  const pathNow = (): string => [...linesOf(added).toReversed(), path].join(':');
  let [code, log]: [number | null, string] = [0, ''];
  for (const [index, step] of runs.steps.entries()) {
    if (step.shell !== 'bash') throw new Error(`cannot run a step by ${step.shell}`);
    const [script, output] = [join(folder, `${index}.sh`), join(folder, `${index}.output`)];
    // A script with an expression in it would execute what an input has.
    if (step.run.includes('${{')) throw new Error(`step ${index} has an expression in its script`);
    writeFileSync(script, step.run);
    appendFileSync(output, '');
    const env: Record<string, string> = {
      ...{ CI: 'true', GITHUB_ACTIONS: 'true', GITHUB_WORKSPACE: workspace, RUNNER_TEMP: temporary, HOME: folder },
      ...{ GITHUB_OUTPUT: output, GITHUB_PATH: added, PATH: pathNow() },
    };
    for (const [name, value] of Object.entries(step.env ?? {})) env[name] = evaluated(value);
    const words = ['--noprofile', '--norc', '-e', '-o', 'pipefail', script];
    const run = spawnSync('bash', words, { cwd: workspace, env, encoding: 'utf8' });
    log += `${run.stdout}${run.stderr}`;
    for (const line of linesOf(output)) {
      const [name = '', ...value] = line.split('=');
      values[`steps.${step.id}.outputs.${name}`] = value.join('=');
    }
    code = run.status;
    if (code !== 0) break;
  }
  return {
    ...{ code, log, path: pathNow() },
    outputs: Object.fromEntries(Object.entries(outputs).map(([name, { value }]) => [name, evaluated(value)])),
  };
}

function linesOf(file: string): readonly string[] {
  return existsSync(file)
    ? readFileSync(file, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
    : [];
}
