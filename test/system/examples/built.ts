import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { EXAMPLES } from '../../rig/example.ts';

/** What an example's Dockerfile makes of it, as far as its containers show it. */
export type Built = {
  readonly text: string;
  readonly env: Readonly<Record<string, string>>;
  readonly command: readonly string[];
};

export function built(example: string): Built {
  const text = readFileSync(join(EXAMPLES, example, 'Dockerfile'), 'utf8');
  const env = [...text.matchAll(/^ENV (.*)$/gm)].flatMap(([, words = '']) =>
    words.split(' ').map((word) => word.split('=') as [string, string]),
  );
  const command = /^CMD (\[.*\])$/m.exec(text)?.[1];
  if (command === undefined) throw new Error(`${example}/Dockerfile has no CMD in exec form`);
  return { text, env: Object.fromEntries(env), command: JSON.parse(command) };
}

export type Variable = { readonly name: string; readonly value: string };
export type Container = {
  readonly name: string;
  readonly args?: readonly string[];
  readonly env?: readonly Variable[];
} & Readonly<Record<string, unknown>>;
export type PodSpec = {
  readonly terminationGracePeriodSeconds: number;
  readonly initContainers?: readonly Container[];
  readonly containers: readonly Container[];
};
export type Document = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: Readonly<Record<string, unknown>>;
};

/** The documents of an example's kubernetes.yaml, or of another of its files. */
export function manifestsOf(example: string, file = 'kubernetes.yaml'): readonly Document[] {
  const text = readFileSync(join(EXAMPLES, example, file), 'utf8');
  return parseAllDocuments(text).map((document) => document.toJS() as Document);
}

/** The pod of a Deployment or a CronJob; null for what has none. */
export function podSpecOf({ spec }: Document): PodSpec | null {
  type Template = { template?: { spec: PodSpec }; jobTemplate?: { spec: { template: { spec: PodSpec } } } };
  const { template, jobTemplate } = spec as Template;
  return template?.spec ?? jobTemplate?.spec.template.spec ?? null;
}
