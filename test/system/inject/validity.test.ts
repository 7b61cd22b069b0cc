import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DaemonSet } from 'kubernetes-models/apps/v1/DaemonSet';
import { Deployment } from 'kubernetes-models/apps/v1/Deployment';
import { StatefulSet } from 'kubernetes-models/apps/v1/StatefulSet';
import { CronJob } from 'kubernetes-models/batch/v1/CronJob';
import { Pod } from 'kubernetes-models/v1/Pod';
import { Service } from 'kubernetes-models/v1/Service';
import { parseAllDocuments } from 'yaml';
import { findingsIn } from '../../rig/check-run.ts';
import { inject, WRITTEN } from '../../unit/inject/zoo.ts';

const MODELS = { CronJob, DaemonSet, Deployment, Pod, Service, StatefulSet } as const;

describe('what k8s-run inject prints', () => {
  for (const [name, text] of Object.entries(WRITTEN)) {
    test(`${name}: it is valid by the published schemas of Kubernetes`, () => {
      for (const via of ['init-container', 'image-volume'] as const) {
        for (const document of parseAllDocuments(inject(text, { via }).text, { merge: true })) {
          const value = document.toJS();
          if (value === null) continue;
          const Model = MODELS[value.kind as keyof typeof MODELS];
          assert.ok(Model, value.kind);
          // What may be null in a manifest, the API server fills in.
          new Model(JSON.parse(JSON.stringify(value), (_, each) => each ?? undefined)).validate();
        }
      }
    });

    test(`${name}: k8s-run check finds nothing that it did not find before`, async () => {
      const rulesOf = async (manifest: string): Promise<ReadonlySet<string>> =>
        new Set((await findingsIn(manifest)).map(({ rule, object }) => `${rule} ${object}`));
      const before = await rulesOf(text);
      const found = await findingsIn(inject(text).text);
      assert.deepEqual(
        found.filter(({ rule, object, severity }) => severity !== 'note' && !before.has(`${rule} ${object}`)),
        [],
      );
      // The file of --config is in an annotation, where check does not look; and what a Job retries is said of every one with k8s-run.
      const expected = ['options-not-in-manifest', 'job-retries-mistakes'];
      const notes = found.filter(({ rule, object }) => !before.has(`${rule} ${object}`)).map(({ rule }) => rule);
      assert.deepEqual(
        [...new Set(notes)].filter((rule) => !expected.includes(rule)),
        [],
      );
    });
  }
});
