import { parseAllDocuments } from 'yaml';
import { OPTIONS, variableFor } from '../../config/options/table.ts';
import { expandVariables } from '../../config/pod-manifest/expand.ts';
import { WORKLOAD_KINDS, type WorkloadKind } from '../manifest-input.ts';
import { WORKLOADS } from '../workload.ts';
import { jsonField, jsonList, jsonText, jsonWords } from './json-access.ts';

/** The workload of the user's that is patched, and its container for the app. */
export type Base = {
  readonly kind: WorkloadKind;
  readonly apiVersion: string;
  readonly name: string;
  readonly object: unknown;
  readonly pod: unknown;
  readonly container: unknown;
  readonly containerName: string;
};

/** What the user says about it; null: whatever the manifest has. */
export type BaseChoice = {
  readonly kind: WorkloadKind | null;
  readonly name: string | null;
  readonly container: string | null;
};

type BaseResult = { readonly ok: Base } | { readonly problem: string };

/** Where each kind keeps its pod template. */
export const TEMPLATE_PATHS: Readonly<Record<WorkloadKind, readonly string[]>> = {
  deployment: ['spec', 'template'],
  statefulset: ['spec', 'template'],
  daemonset: ['spec', 'template'],
  job: ['spec', 'template'],
  cronjob: ['spec', 'jobTemplate', 'spec', 'template'],
};

/** Finds the workload in a manifest. There must be one that the choice fits, and one container that can be meant. */
export function readBase(text: string, choice: BaseChoice): BaseResult {
  if (/\{\{.*\}\}/.test(text) && 'problem' in objectsIn(text))
    return { problem: 'a template in it is not rendered; write helm template . | k8s-run manifest --kustomize - …' };
  const objects = objectsIn(text);
  if ('problem' in objects) return objects;
  const workloads = objects.ok.flatMap(workloadIn);
  const fitting = workloads.filter(
    ({ kind, name }) => (choice.kind ?? kind) === kind && (choice.name ?? name) === name,
  );
  const [workload] = fitting;
  if (workload === undefined || fitting.length > 1) {
    const found = workloads.map(({ kind, name }) => `${WORKLOADS[kind].kind} ${name}`).join(', ');
    const which = workload === undefined ? 'it has no such workload' : 'it has several workloads';
    const has =
      found === ''
        ? `it has none of ${Object.values(WORKLOADS)
            .map(({ kind }) => kind)
            .join(', ')}`
        : '';
    return { problem: has === '' ? `${which} (it has ${found}); name one by --kind and --name` : has };
  }
  const containers = jsonList(workload.pod, 'containers');
  const names = containers.map((each) => jsonText(each, 'name') ?? '');
  const wanted = choice.container ?? (names.length === 1 ? names[0] : names.find((name) => name === workload.name));
  const container = containers[names.indexOf(wanted ?? '')];
  if (names.length === 0) return { problem: `its ${WORKLOADS[workload.kind].kind} ${workload.name} has no containers` };
  if (wanted === undefined || container === undefined)
    return {
      problem: `its ${WORKLOADS[workload.kind].kind} ${workload.name} has the containers ${names.join(', ')}; name that of the app by --container`,
    };
  const program = [...(jsonWords(container, 'command') ?? []), ...(jsonWords(container, 'args') ?? []).slice(0, 1)];
  if (program.some((word) => /(^|\/)k8s-run(\.js)?$/.test(word)))
    return { problem: `its container ${wanted} runs k8s-run already; k8s-run check compares it with the options` };
  return { ok: { ...workload, container, containerName: wanted } };
}

function objectsIn(text: string): { readonly ok: readonly unknown[] } | { readonly problem: string } {
  try {
    const documents = parseAllDocuments(text, { merge: true, logLevel: 'silent', prettyErrors: true });
    const objects: unknown[] = [];
    for (const document of documents) {
      const [error] = document.errors;
      if (error !== undefined) return { problem: `it is not valid YAML: ${error.message.split('\n')[0]}` };
      const object: unknown = document.toJS();
      objects.push(...(jsonText(object, 'kind') === 'List' ? jsonList(object, 'items') : [object]));
    }
    return { ok: objects };
  } catch (error) {
    return { problem: `it is not valid YAML: ${(error as Error).message}` };
  }
}

function workloadIn(object: unknown): readonly Omit<Base, 'container' | 'containerName'>[] {
  const kind = WORKLOAD_KINDS.find((each) => WORKLOADS[each].kind === jsonText(object, 'kind'));
  const apiVersion = jsonText(object, 'apiVersion') ?? '';
  const [group] = kind === undefined ? [] : WORKLOADS[kind].apiVersion.split('/');
  if (kind === undefined || apiVersion.split('/')[0] !== group) return [];
  const pod = jsonField(object, ...TEMPLATE_PATHS[kind], 'spec');
  return [{ kind, apiVersion, name: jsonText(object, 'metadata', 'name') ?? '', object, pod }];
}

/** The K8S_RUN_… variables that the container has as text. */
export function ownVariables({ container }: Base): Readonly<Record<string, string>> {
  const environment: Record<string, string> = {};
  for (const each of jsonList(container, 'env')) {
    const [name, value] = [jsonText(each, 'name'), jsonText(each, 'value')];
    // A value may refer to the variables before it.
    if (name !== null && value !== null) environment[name] = expandVariables(value, environment);
  }
  // The file is in the image or in a volume.
  return Object.fromEntries(
    Object.entries(environment).filter(([name]) => name.startsWith('K8S_RUN_') && name !== variableFor(OPTIONS.config)),
  );
}

/** The port of the container with this number that is not for k8s-run, by its name; null: there is none. */
export function portInTheWay({ container }: Base, healthPort: number): string | null {
  const port = jsonList(container, 'ports').find((each) => jsonField(each, 'containerPort') === healthPort);
  const name = jsonText(port, 'name');
  return name === null || name === 'health' ? null : name;
}
