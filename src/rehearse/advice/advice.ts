import type { RehearsalSettings, VariantResult } from '../results.ts';
import { adviceOnComparison } from './comparison.ts';
import { failuresByCause } from './failure-cause.ts';
import { adviceOnKills } from './kills.ts';
import { adviceOnLostRequests } from './lost-requests.ts';
import { observationsOn } from './observations.ts';
import { remedyFor } from './remedy.ts';

/** What was seen, why, and what to change. `ok`: nothing needs to change. */
export type Advice = { readonly severity: 'problem' | 'note' | 'ok'; readonly text: string };

/** Whether this k8s-run has an option: advice names no other. */
export type HasOption = (flag: string) => boolean;

/** The advice on one run, problems first. */
export function adviceOn(run: VariantResult, settings: RehearsalSettings, has: HasOption): readonly Advice[] {
  const failures = failuresByCause(run);
  const deleted = run.pods.filter((pod) => pod.deleted !== null);
  const all =
    run.variant === 'k8s-run'
      ? [
          ...onAppFailure(run),
          ...adviceOnKills(deleted, settings),
          ...adviceOnLostRequests({ failures, deleted, settings, has }),
          ...observationsOn(run, settings),
        ]
      : [...onAppFailure(run), ...adviceOnComparison(run, { failures, deleted, settings })];
  return all.some(({ severity }) => severity === 'problem') ? all : [ok(run), ...all];
}

function ok({ load }: VariantResult): Advice {
  const seen = load === null ? 'Every old replica exited by itself, and in time.' : 'No request was lost.';
  return { severity: 'ok', text: `${seen} Nothing needs to change.` };
}

function onAppFailure({ appFailure }: VariantResult): readonly Advice[] {
  if (appFailure === null) return [];
  const { text } = appFailure;
  const sentence = `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
  return [{ severity: 'problem', text: `${sentence} ${remedyFor(appFailure)}` }];
}
