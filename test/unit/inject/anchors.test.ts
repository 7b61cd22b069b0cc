import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { parse, stringify } from 'yaml';
import { inject, remove, WRITTEN } from './zoo.ts';

type Value = { readonly [key: string]: Value } | readonly Value[] | string | number | boolean | null;
type Container = { name: string };
type PodSpec = { containers: Container[]; initContainers?: Container[] };
type Workload = PodSpec & {
  kind: string;
  metadata: { name: string };
  spec: { template?: { spec: PodSpec } } & PodSpec;
};

const specOf = ({ spec }: Workload): PodSpec => spec.template?.spec ?? spec;

/** Each container a second time, and the first one as an init container, so that they have almost everything in common. */
function withTwins(workload: Workload): Workload {
  const copy = structuredClone(workload);
  const spec = specOf(copy);
  const twin = (container: Container, name: string): Container => ({ ...structuredClone(container), name });
  spec.containers = spec.containers.flatMap((each) => [each, twin(each, `${each.name}-twin`)]);
  spec.initContainers = [
    ...(spec.initContainers ?? []),
    ...spec.containers.slice(0, 1).map((each) => twin(each, 'first')),
  ];
  return copy;
}

/** With one object for all that is the same, which is then written once, with an anchor. */
function withOneOfEach(value: Value, known: Map<string, Value>): Value {
  if (typeof value !== 'object' || value === null) return value;
  const made: Value = Array.isArray(value)
    ? value.map((each) => withOneOfEach(each, known))
    : Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withOneOfEach(each, known)]));
  const text = JSON.stringify(made);
  const held = known.get(text);
  if (held === undefined) known.set(text, made);
  return held ?? made;
}

const text = readFileSync(new URL('../../rig/applications.yaml', import.meta.url), 'utf8');
const workloads = [...text.split('---\n'), ...Object.values(WRITTEN)]
  .filter((each) => !/^---/m.test(each) && !each.includes('kind: CronJob'))
  .map((each): Workload => parse(each, { merge: true }));

describe('where anchors and aliases say everything once', () => {
  for (const [collectionStyle, inList, step] of [
    ['block', false, 1],
    ['flow', false, 3],
    ['block', true, 4],
  ] as const)
    test(`in ${collectionStyle} style${inList ? ', in a List' : ''}: k8s-run goes into all or some containers, and comes out without a trace`, () => {
      for (const workload of workloads.filter((_, index) => index % step === 0)) {
        const twins = withTwins(workload);
        const other = { ...twins, metadata: { ...twins.metadata, name: 'other' } };
        const object = inList ? { apiVersion: 'v1', kind: 'List', items: [twins, other] } : twins;
        const shared = withOneOfEach(JSON.parse(JSON.stringify(object)), new Map());
        const manifest = stringify(shared, { collectionStyle, lineWidth: 0 });
        assert.match(manifest, /\*a1/);
        const plain = JSON.stringify(object);
        for (const containers of [
          null,
          ...specOf(twins)
            .containers.slice(0, 2)
            .map(({ name }) => new Set([name])),
        ]) {
          const once = inject(manifest, { containers });
          assert.deepEqual(once.problems, [], manifest);
          assert.equal(inject(once.text, { containers }).text, once.text, manifest);
          assert.equal(remove(once.text).text, manifest);
          const podsIn = (text: string): unknown => {
            const whole = parse(text, { maxAliasCount: -1 });
            return (inList ? whole.items : [whole]).map(specOf);
          };
          assert.deepEqual(podsIn(once.text), podsIn(inject(plain, { containers }).text));
        }
      }
    });
});
