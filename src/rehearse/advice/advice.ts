import { sentence } from '../labels.ts';
import type { RehearsalSettings, VariantResult } from '../results.ts';
import { wasLoaded } from '../summary.ts';
import { adviceOnComparison } from './comparison.ts';
import { failuresByCause } from './failure-cause.ts';
import { adviceOnKills } from './kills.ts';
import { adviceOnLostRequests } from './lost-requests.ts';
import { observationsOn } from './observations.ts';
import { remedyFor } from './remedy.ts';
import { stopsOf } from './stops.ts';

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
  if (all.some(({ severity }) => severity === 'problem')) return all;
  const text = wasLoaded(run)
    ? 'No request was lost, and no replica had to be killed.'
    : stopsOf(deleted, run.variant, settings);
  return [{ severity: 'ok', text }, ...all];
}

function onAppFailure({ appFailure }: VariantResult): readonly Advice[] {
  if (appFailure === null) return [];
  return [{ severity: 'problem', text: `${sentence(appFailure.text)}. ${remedyFor(appFailure)}` }];
}
