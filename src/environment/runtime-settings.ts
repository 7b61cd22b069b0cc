import type { Limits } from '../resources/limits.ts';
import { RUNTIME_RULES, type RuntimeRule, type SettingOption, shareOf } from './runtime-rules.ts';

/** What `--resource-env` or `--web-concurrency` does with one variable. `reason` is for people, and never contains a value that was set. */
export type Setting = {
  readonly name: string;
  readonly runtime: string;
  readonly option: SettingOption;
  /** null: it is not set. */
  readonly value: string | null;
  readonly reason: string;
  /** The files with the limits that it follows from. */
  readonly sources: readonly string[];
};

/** A setting for each rule. A variable that is set is left alone, even if it is empty, because that may be on purpose. */
export function settingsFor(limits: Limits, environment: Readonly<NodeJS.ProcessEnv>): readonly Setting[] {
  return RUNTIME_RULES.map((rule) => {
    const { name, runtime, option } = rule;
    const alreadySet = [name, ...(rule.aliases ?? [])].find((each) => environment[each] !== undefined);
    const value = rule.value(limits);
    if (alreadySet !== undefined || value === null) {
      const reason =
        alreadySet === undefined ? unlimited(rule, limits) : alreadySet === name ? 'it is set' : `${alreadySet} is set`;
      return { name, runtime, option, value: null, reason, sources: [] };
    }
    const used = [limits.cpu, limits.memory].filter(
      (limit, index) => limit !== null && rule.dependsOn.includes(index === 0 ? 'processors' : 'memory'),
    );
    return { name, runtime, option, value, reason: rule.reason, sources: used.flatMap((limit) => limit?.source ?? []) };
  });
}

/** The environment with what these options set. */
export function withSettings(
  environment: NodeJS.ProcessEnv,
  limits: Limits,
  options: ReadonlySet<SettingOption>,
): NodeJS.ProcessEnv {
  const set = settingsFor(limits, environment).filter(({ option, value }) => options.has(option) && value !== null);
  return { ...environment, ...Object.fromEntries(set.map(({ name, value }) => [name, value ?? ''])) };
}

function unlimited(rule: RuntimeRule, limits: Limits): string {
  if (rule.dependsOn.includes('memory') && limits.memory !== null && shareOf(limits.memory) === null) {
    return 'the memory limit leaves too little for the app';
  }
  return rule.dependsOn.length === 2 ? 'neither processors nor memory are limited' : `no limit of ${rule.dependsOn[0]}`;
}
