import { ASSUMPTIONS_RULES } from './catalog/assumptions.ts';
import { DOCUMENTS_RULES } from './catalog/documents.ts';
import { JOBS_RULES } from './catalog/jobs.ts';
import { PORTS_RULES } from './catalog/ports.ts';
import { PROBES_RULES } from './catalog/probes.ts';
import { PROGRAM_RULES } from './catalog/program.ts';
import { REJECTED_RULES } from './catalog/rejected.ts';
import { RESOURCES_RULES } from './catalog/resources.ts';
import { SHUTDOWN_RULES } from './catalog/shutdown.ts';
import { UPDATES_RULES } from './catalog/updates.ts';

/**
 * `error`: with these very settings requests or data are lost, or no pod runs. `warning`: that is likely. `note`: worth knowing,
 * an assumption for example. docs/decisions/0099-severities.md says how to choose.
 */
export const SEVERITIES = ['error', 'warning', 'note'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** What a rule is about. A finding has a reason and a remedy of its own, for its place in a manifest. */
export type RuleDescription = {
  /** The severity of its findings, unless more or less is at stake in a place. */
  readonly severity: Severity;
  /** Where it is another: `warning where …`. */
  readonly elsewhere?: string;
  /** One sentence: what happens, and because of what. */
  readonly reason: string;
  readonly remedy: string;
};

/** Every rule of `k8s-run check`, by name, in the order of the documentation: a rule is declared in the table of its subject only. */
export const RULES: typeof SHUTDOWN_RULES &
  typeof PROBES_RULES &
  typeof PROGRAM_RULES &
  typeof REJECTED_RULES &
  typeof UPDATES_RULES &
  typeof PORTS_RULES &
  typeof RESOURCES_RULES &
  typeof JOBS_RULES &
  typeof ASSUMPTIONS_RULES &
  typeof DOCUMENTS_RULES = {
  ...SHUTDOWN_RULES,
  ...PROBES_RULES,
  ...PROGRAM_RULES,
  ...REJECTED_RULES,
  ...UPDATES_RULES,
  ...PORTS_RULES,
  ...RESOURCES_RULES,
  ...JOBS_RULES,
  ...ASSUMPTIONS_RULES,
  ...DOCUMENTS_RULES,
};

/** A finding takes its rule from here: another name does not compile. */
export type RuleName = keyof typeof RULES;

export function isRuleName(name: string): name is RuleName {
  return Object.hasOwn(RULES, name);
}

/** The rules as a list, for reports and for generated documentation. A row of the table that is not complete does not compile here. */
export const RULE_LIST: readonly (RuleDescription & { readonly name: RuleName })[] = (
  Object.keys(RULES) as RuleName[]
).map((name) => ({ name, ...RULES[name] }));
