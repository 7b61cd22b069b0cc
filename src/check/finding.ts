import type { Path, Spot } from './document.ts';

export type { Path } from './document.ts';

/** `error` loses requests, `warning` loses them when something else goes wrong, `note` is what was assumed or may surprise. */
export type Severity = 'error' | 'warning' | 'note';

export type RuleId =
  | 'grace-too-short'
  | 'period-mismatch'
  | 'prestop-doubles-pause'
  | 'readiness-window'
  | 'no-readiness-probe'
  | 'bad-probe'
  | 'probe-port'
  | 'probe-path'
  | 'probe-past-k8s-run'
  | 'liveness-is-readiness'
  | 'liveness-kills-slow-start'
  | 'shell-entrypoint'
  | 'bad-option'
  | 'unknown-variable'
  | 'idle-option'
  | 'env-not-text'
  | 'no-memory-limit'
  | 'no-surge'
  | 'single-replica'
  | 'host-port'
  | 'port-conflict'
  | 'entrypoint-assumed'
  | 'options-unread'
  | 'no-k8s-run'
  | 'not-yaml'
  | 'not-kubernetes'
  | 'passed-over'
  | 'patch'
  | 'template-left'
  | 'too-much'
  | 'cannot-read';

/** Every finding there is, with what it is about. */
export const RULES: Readonly<Record<RuleId, readonly [severity: Severity, about: string]>> = {
  'grace-too-short': ['error', 'The pod is killed before its shutdown is over'],
  'period-mismatch': ['note', 'k8s-run counts with less time than the pod has'],
  'prestop-doubles-pause': ['warning', 'A preStop sleep comes before the pause of k8s-run'],
  'readiness-window': ['warning', 'Nobody sees readiness fail before the app is gone'],
  'no-readiness-probe': ['error', 'A pod gets requests before it can serve'],
  'bad-probe': ['error', 'The API server refuses a probe'],
  'probe-port': ['error', 'A probe asks a port where nobody answers'],
  'probe-path': ['error', 'A probe asks k8s-run the wrong question'],
  'probe-past-k8s-run': ['warning', 'A probe asks the app past k8s-run'],
  'liveness-is-readiness': ['error', 'A pod that is busy or leaving is killed instead of spared'],
  'liveness-kills-slow-start': ['error', 'The kubelet restarts an app that is still starting'],
  'shell-entrypoint': ['error', 'A shell keeps the stop signal to itself'],
  'bad-option': ['error', 'k8s-run refuses its options and does not start'],
  'unknown-variable': ['warning', 'A K8S_RUN_ variable is no option'],
  'idle-option': ['warning', 'An option can do nothing as the others are'],
  'env-not-text': ['error', 'A variable or a word of a command is not text, and the API server refuses it'],
  'no-memory-limit': ['warning', 'One leak takes the memory of the whole node'],
  'no-surge': ['error', 'An update takes pods away before it adds any'],
  'single-replica': ['note', 'One pod cannot be replaced without a gap'],
  'host-port': ['error', 'Two want one port of the node'],
  'port-conflict': ['error', 'Two containers of one pod want one port'],
  'entrypoint-assumed': ['note', "What the image's ENTRYPOINT is cannot be seen"],
  'options-unread': ['note', 'Options that stand elsewhere were not read'],
  'no-k8s-run': ['note', 'Nothing says that k8s-run runs the app'],
  'not-yaml': ['error', 'The text is not YAML'],
  'not-kubernetes': ['error', 'The document is not of Kubernetes'],
  'passed-over': ['note', 'A file in a folder is not of Kubernetes'],
  patch: ['note', 'A patch is only a part of a manifest'],
  'template-left': ['error', 'A template was not rendered'],
  'too-much': ['error', 'There is more than is looked at'],
  'cannot-read': ['error', 'The file cannot be read'],
};

/** A change of the document: what is under `path` becomes `value`, is gone, or has another key. */
export type Edit =
  | { readonly kind: 'set'; readonly path: Path; readonly value: Edited }
  | { readonly kind: 'remove'; readonly path: Path }
  | { readonly kind: 'rename'; readonly path: Path; readonly key: string };
export type Edited = string | number | { readonly [key: string]: Edited };

/** Something in one document. `edits` make it right, safely; where there are none it takes a person. */
export type Finding = {
  readonly rule: RuleId;
  /** That of the rule, but where less is at stake. */
  readonly severity: Severity;
  readonly offset: number;
  readonly reason: string;
  readonly fix: string;
  readonly edits: readonly Edit[];
};

/** A finding at `spot`; edits of what other places share are left to a person. */
export function find(rule: RuleId, spot: Spot, reason: string, fix: string, edits: readonly Edit[] = []): Finding {
  return { rule, severity: RULES[rule][0], offset: spot.offset, reason, fix, edits: spot.shared ? [] : edits };
}

/** A finding about the text itself. */
export function inText(rule: RuleId, offset: number, reason: string, fix: string): Finding {
  return { rule, severity: RULES[rule][0], offset, reason, fix, edits: [] };
}

/** What is under `spot` becomes `value`; nothing where it is shared. */
export function set(spot: Spot, value: Edited): readonly Edit[] {
  return spot.shared ? [] : [{ kind: 'set', path: spot.path, value }];
}

export function remove(spot: Spot): readonly Edit[] {
  return spot.shared ? [] : [{ kind: 'remove', path: spot.path }];
}

/** The key of what is under `spot` becomes another. */
export function rename(spot: Spot, key: string): readonly Edit[] {
  return spot.shared ? [] : [{ kind: 'rename', path: spot.path, key }];
}
