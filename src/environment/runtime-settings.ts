import type { Limits } from '../resources/limits.ts';
import { RULES, type Rule, shareOf } from './runtime-rules.ts';

/** What becomes of one variable. `reason` is a sentence without a full stop; it never holds a value that was there. */
export type Setting = {
  readonly name: string;
  readonly runtime: string;
  /** null: left alone. */
  readonly value: string | null;
  readonly reason: string;
  /** The files that bound it. */
  readonly sources: readonly string[];
};

type Environment = Readonly<Record<string, string | undefined>>;

/** Every variable there is a rule for. One that is set is left alone, if only to nothing: whoever set it meant it. */
export function settingsFor(limits: Limits, environment: Environment): readonly Setting[] {
  return RULES.map((rule) => {
    const { name, runtime } = rule;
    const given = [name, ...(rule.also ?? [])].find((each) => environment[each] !== undefined);
    const value = rule.value(limits);
    if (given !== undefined || value === null) {
      const reason = given === undefined ? unlimited(rule, limits) : given === name ? 'it is set' : `${given} is set`;
      return { name, runtime, value: null, reason, sources: [] };
    }
    const bounds = [limits.cpu, limits.memory].filter(
      (limit, index) => limit !== null && rule.by.includes(index === 0 ? 'processors' : 'memory'),
    );
    return { name, runtime, value, reason: rule.why, sources: bounds.flatMap((limit) => limit?.source ?? []) };
  });
}

/** The environment with what `--resource-env` sets. */
export function withSettings(environment: NodeJS.ProcessEnv, limits: Limits): NodeJS.ProcessEnv {
  const set = settingsFor(limits, environment).filter(({ value }) => value !== null);
  return { ...environment, ...Object.fromEntries(set.map(({ name, value }) => [name, value ?? ''])) };
}

function unlimited(rule: Rule, limits: Limits): string {
  if (rule.by.includes('memory') && limits.memory !== null && shareOf(limits.memory) === null) {
    return 'the memory limit leaves next to nothing for the app';
  }
  return rule.by.length === 2 ? 'neither processors nor memory are limited' : `no limit of ${rule.by[0]}`;
}
