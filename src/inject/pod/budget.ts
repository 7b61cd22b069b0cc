import { parseConfig } from '../../config/resolve.ts';
import { shutdownPhases } from '../../config/shutdown-budget.ts';

/** The time that a shutdown takes at most, in seconds, rounded up; or what is wrong with the options. */
export type Budget = { readonly needed: number; readonly added: number } | { readonly mistakes: readonly string[] };

/** `variables`: those of the container. `added`: what k8s-run needs beside the app. */
export function budgetFor(variables: Readonly<Record<string, string>>): Budget {
  // The file has probes only.
  const { K8S_RUN_CONFIG: _, ...others } = variables;
  const parsed = parseConfig([], others);
  if ('mistakes' in parsed) return { mistakes: parsed.mistakes.map(({ text }) => text) };
  const { phases, reserve } = shutdownPhases(parsed.ok);
  const sum = phases.reduce((total, [, ms]) => total + ms, reserve);
  return {
    needed: Math.ceil(sum / 1_000),
    added: Math.ceil((sum - parsed.ok.grace) / 1_000),
  };
}
