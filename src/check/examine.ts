import type { Document } from 'yaml';
import { field, isMap, isThere, itemsOf, keysOf, parse, rootOf, type Spot, textOf } from './document.ts';
import { type Finding, find, inText } from './finding.ts';
import type { Interpret } from './interpret.ts';
import { commandRules } from './rules/command.ts';
import { livenessRules } from './rules/liveness.ts';
import { type NodePorts, portRules } from './rules/ports.ts';
import { probeRules } from './rules/probes.ts';
import { readinessRules } from './rules/readiness.ts';
import { rolloutRules } from './rules/rollout.ts';
import { shutdownRules } from './rules/shutdown.ts';
import { isEmpty, type Slice } from './split-documents.ts';
import { templateIn } from './template.ts';
import { type Workload, workloadOf } from './workload.ts';

/** What one document was, and all that was found in it, in its order. */
export type Examined = {
  readonly findings: readonly (Finding & { readonly about: string })[];
  readonly document: Document.Parsed | null;
  /** How many workloads were looked at. */
  readonly workloads: number;
};

const NOTHING: Examined = { findings: [], document: null, workloads: 0 };
/** A List in a List in a List is a mistake; without an end it would be an attack. */
const MAX_LISTS = 3;

export function examine({ text }: Slice, interpret: Interpret, nodePorts: NodePorts): Examined {
  if (isEmpty(text)) return NOTHING;
  const document = parsed(text);
  if (document === null)
    return alone(
      inText('not-yaml', 0, 'It is nested too deeply to be read', 'Look for brackets that are never closed'),
    );
  const template = templateIn(text, document);
  if (template !== null) return alone(template);
  const [error] = document.errors;
  if (error !== undefined) {
    const sentence = error.message.replace(/\s+/g, ' ').trim();
    const fix = 'Correct it; the indentation is the first suspect';
    return alone(inText('not-yaml', error.pos[0], `The text is not YAML: ${sentence}`, fix));
  }
  const found: (Finding & { readonly about: string })[] = [];
  let workloads = 0;
  const object = (spot: Spot, depth: number): void => {
    const kind = textOf(field(spot, 'kind'));
    if (kind === null || textOf(field(spot, 'apiVersion')) === null) {
      found.push({ ...notKubernetes(spot), about: '' });
      return;
    }
    if (kind.endsWith('List') && isThere(field(spot, 'items'))) {
      if (depth < MAX_LISTS) for (const item of itemsOf(field(spot, 'items'))) object(item, depth + 1);
      return;
    }
    const workload = workloadOf(spot, interpret);
    if (workload === null) return;
    workloads += 1;
    const about = `${workload.kind} ${workload.name}`;
    if (isPatch(workload)) {
      found.push({ ...patch(spot, about), about });
      return;
    }
    if (workload.containers.length === 0) {
      found.push({ ...withoutContainers(workload.pod, about), about });
      return;
    }
    const rules = [shutdownRules, probeRules, readinessRules, livenessRules, commandRules, rolloutRules];
    const all = [...rules.flatMap((rule) => rule(workload)), ...portRules(workload, nodePorts)];
    for (const each of all) found.push({ ...each, about });
  };
  object(rootOf(document), 0);
  return { findings: found.toSorted((a, b) => a.offset - b.offset), document, workloads };
}

function alone(finding: Finding): Examined {
  return { ...NOTHING, findings: [{ ...finding, about: '' }] };
}

function parsed(text: string): Document.Parsed | null {
  try {
    const document = parse(text);
    return document.errors.some(({ message }) => message.startsWith('Maximum call stack')) ? null : document;
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function notKubernetes(spot: Spot): Finding {
  const keys = keysOf(spot);
  const seen =
    keys.length === 0 ? 'it is no map' : `its keys are ${keys.slice(0, 4).join(', ')}${keys.length > 4 ? ' …' : ''}`;
  return find(
    'not-kubernetes',
    spot,
    `Not a Kubernetes object: it has no apiVersion and kind; ${seen}`,
    'Name manifests only; for a chart, helm template . | k8s-run check -',
  );
}

/** What Kustomize lays over a workload says only what is to be changed; by itself the API server would refuse it. */
function isPatch({ kind, spec, containers }: Workload): boolean {
  const whole = kind === 'Pod' || isThere(field(spec, 'selector'));
  return isMap(spec.node) && !whole && !containers.some((each) => isThere(field(each.spot, 'image')));
}

function patch(spot: Spot, about: string): Finding {
  const reason = `${about} has no selector and no image: a patch, it seems, which was not looked at`;
  return find('patch', spot, reason, 'Look at the whole: kustomize build . | k8s-run check -');
}

function withoutContainers(pod: Spot, about: string): Finding {
  const path = [...pod.path, 'containers'].join('.');
  return find(
    'not-kubernetes',
    pod,
    `${about} has no list of containers at ${path}`,
    'Look at the indentation; kubectl explain shows the fields',
  );
}
