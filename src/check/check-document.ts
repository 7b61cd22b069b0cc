import { basename } from 'node:path';
import type { Document } from 'yaml';
import { apiGroupOf } from './api-group.ts';
import type { CheckedSet, Origin } from './checked-set.ts';
import type { DocumentCache } from './document-cache.ts';
import { type Finding, findingAt, findingInText } from './finding.ts';
import { heldDataAt } from './held-data.ts';
import { ignoredRulesOf } from './ignored-rules.ts';
import { isKustomization } from './kustomization.ts';
import { field, isMap, isSet, itemsOf, keysOf, type ManifestNode, rootOf, textOf } from './manifest-node.ts';
import { hasUnknownTemplate } from './pod-templates.ts';
import { otherObjectRules, WORKLOAD_RULES } from './rules/by-object.ts';
import { entrypointRules } from './rules/entrypoint.ts';
import { type HostPortUsers, hostPortRules } from './rules/host-ports.ts';
import { livenessRules } from './rules/liveness.ts';
import { portConflictRules } from './rules/pod-ports.ts';
import { probeTargetRules } from './rules/probe-target.ts';
import { programRules } from './rules/program.ts';
import { readinessRules } from './rules/readiness.ts';
import { rolloutRules } from './rules/rollout.ts';
import type { RuleContext } from './rules/rule-context.ts';
import { shellEntrypointRules } from './rules/shell-entrypoint.ts';
import { shutdownRules } from './rules/shutdown.ts';
import { wrongTypeRules } from './rules/wrong-types.ts';
import { type DocumentText, isEmpty } from './split-documents.ts';
import type { ReadOptions } from './supervisor-options.ts';
import { unrenderedTemplate } from './unrendered-template.ts';
import { nameOf, type Workload, workloadOf } from './workload.ts';

/** A finding with the kind and name of its object, empty where it is about the text; and whether the object wants it ignored. */
export type ObjectFinding = Finding & { readonly object: string; readonly ignored: boolean };

/** The findings of one document, in the order of the text. */
export type DocumentResult = {
  readonly findings: readonly ObjectFinding[];
  readonly document: Document.Parsed | null;
  /** How many workloads were checked. */
  readonly workloads: number;
};

const NOTHING: DocumentResult = { findings: [], document: null, workloads: 0 };
/** A List inside a List inside a List is a mistake; without a limit it could be an attack. */
const MAX_LISTS = 3;

/** What a run knows beside the document that it checks. */
export type CheckContext = {
  readonly readOptions: ReadOptions;
  readonly hostPortUsers: HostPortUsers;
  readonly set: CheckedSet;
  readonly documents: DocumentCache;
  /** The first object of each kind that has pods and is not checked. */
  readonly unknownKinds: Map<string, string>;
  /** The minor version of Kubernetes: 33 for 1.33. */
  readonly kubernetes: number;
};

export function checkDocument({ text }: DocumentText, file: string, context: CheckContext): DocumentResult {
  if (isEmpty(text)) return NOTHING;
  const document = context.documents.take(text);
  if (document === null)
    return only(
      findingInText(0, {
        rule: 'not-yaml',
        reason: 'The document is nested too deeply to be parsed',
        remedy: 'Look for brackets that are not closed',
      }),
    );
  const template = unrenderedTemplate(text, document);
  if (template !== null) return only(template);
  const [error] = document.errors;
  if (error !== undefined) {
    const message = error.message.replace(/\s+/g, ' ').trim();
    return only(
      findingInText(error.pos[0], { rule: 'not-yaml', reason: `The document is not valid YAML: ${message}` }),
    );
  }
  const findings: ObjectFinding[] = [];
  let workloads = 0;
  const check = (node: ManifestNode, depth: number): void => {
    const kind = textOf(field(node, 'kind'));
    if (kind === null || textOf(field(node, 'apiVersion')) === null) {
      findings.push({ ...notKubernetes(node), object: '', ignored: false });
      return;
    }
    if (kind.endsWith('List') && isSet(field(node, 'items'))) {
      if (depth < MAX_LISTS) for (const item of itemsOf(field(node, 'items'))) check(item, depth + 1);
      return;
    }
    const origin: Origin = { file, namespace: textOf(field(node, 'metadata', 'namespace')) };
    const { readOptions, set, kubernetes } = context;
    const workload = workloadOf(node, { readOptions, heldData: heldDataAt(set, origin) });
    const ruleContext = { set, origin, kubernetes };
    const object = `${kind} ${workload?.name ?? nameOf(node)}`;
    const found =
      workload === null
        ? [...otherObjectRules(node, ruleContext), ...unknownKind(node, `${file} ${object}`, context)]
        : findingsOf(workload, object, node, { ...context, ruleContext });
    if (workload !== null) workloads += 1;
    const { names, unknown } = ignoredRulesOf(node);
    for (const finding of [...unknown, ...found])
      findings.push({ ...finding, object, ignored: names.has(finding.rule) });
  };
  const root = rootOf(document);
  const isPlain = isKustomization(basename(file)) && textOf(field(root, 'apiVersion')) === null;
  if (isKustomization(basename(file))) findings.push(...unreadSources(file, context.set));
  // kustomize takes one without apiVersion and kind.
  if (!isPlain) check(root, 0);
  return { findings: findings.toSorted((a, b) => a.offset - b.offset), document, workloads };
}

function findingsOf(
  workload: Workload,
  object: string,
  node: ManifestNode,
  { hostPortUsers, ruleContext }: CheckContext & { readonly ruleContext: RuleContext },
): readonly Finding[] {
  if (isPatch(workload)) return [patch(node, object)];
  if (workload.containers.length === 0) return [noContainers(workload.pod, object)];
  return [
    ...[shutdownRules, probeTargetRules, readinessRules, livenessRules].flatMap((rules) => rules(workload)),
    ...[shellEntrypointRules, entrypointRules, programRules, portConflictRules].flatMap((rules) => rules(workload)),
    ...wrongTypeRules(node),
    ...rolloutRules(workload, ruleContext),
    ...hostPortRules(workload, ruleContext.origin.file, hostPortUsers),
    ...WORKLOAD_RULES.flatMap((rules) => rules(workload, ruleContext)),
  ];
}

function only(finding: Finding): DocumentResult {
  return { ...NOTHING, findings: [{ ...finding, object: '', ignored: false }] };
}

function notKubernetes(node: ManifestNode): Finding {
  const keys = keysOf(node);
  const content =
    keys.length === 0 ? 'it is not a map' : `its keys are ${keys.slice(0, 4).join(', ')}${keys.length > 4 ? ' …' : ''}`;
  return findingAt(node, {
    rule: 'not-kubernetes',
    reason: `The document is not a Kubernetes object, because it has no apiVersion and kind: ${content}`,
  });
}

/** Said at the first object of the kind only. `own`: which object this is. */
function unknownKind(node: ManifestNode, own: string, { unknownKinds }: CheckContext): readonly Finding[] {
  if (!hasUnknownTemplate(node)) return [];
  const kind = `${textOf(field(node, 'kind'))} of ${apiGroupOf(node)}`;
  const first = unknownKinds.get(kind) ?? own;
  unknownKinds.set(kind, first);
  if (first !== own) return [];
  const reason = `No ${kind} was checked, because how this kind runs its pods is not known`;
  return [findingAt(field(node, 'kind'), { rule: 'unknown-kind', reason })];
}

/** A Kustomize patch has only the fields to change, so the API server would reject it as an object. */
function isPatch({ kind, spec, containers }: Workload): boolean {
  const isComplete = kind === 'Pod' || isSet(field(spec, 'selector'));
  return isMap(spec.value) && !isComplete && !containers.some(({ node }) => isSet(field(node, 'image')));
}

function patch(node: ManifestNode, object: string): Finding {
  return findingAt(node, {
    rule: 'skipped-patch',
    reason: `${object} was not checked, because it is probably a patch: it has no selector and no image`,
  });
}

function noContainers(pod: ManifestNode, object: string): Finding {
  const path = [...pod.path, 'containers'].join('.');
  return findingAt(pod, {
    rule: 'not-kubernetes',
    reason: `${object} has no list of containers at ${path}`,
    remedy: 'Check the indentation; kubectl explain lists the fields',
  });
}

/** What the generators of a kustomization.yaml could not read, once, and not at each container that gets it. */
function unreadSources(file: string, set: CheckedSet): readonly ObjectFinding[] {
  return set.unreadSources.get([file]).map(({ offset, what, problem }) => ({
    ...findingInText(offset, {
      rule: 'unread-generator',
      reason: `${what} was read without what is in ${problem}`,
    }),
    object: '',
    ignored: false,
  }));
}
