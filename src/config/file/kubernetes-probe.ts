import {
  bracketed,
  type Header,
  isPort,
  type KubernetesHandler,
  type ProbeHost,
  type ProbeSpec,
  type ProbeTiming,
} from '../probe-spec.ts';
import { entriesIn, type Findings, MOST_WHOLE, shownIn, textIn, wholeIn } from './diagnostics.ts';
import type { Entry, Tree } from './yaml.ts';

/** The numbers of a Kubernetes probe: k8s.io/api/core/v1 Probe, and what pkg/apis/core/v1/defaults.go makes of silence. */
export const NUMBERS = {
  initialDelaySeconds: { least: 0, fallback: 0, help: 'seconds after the start of the app before it is first asked' },
  periodSeconds: { least: 1, fallback: 10, help: 'seconds between two questions' },
  timeoutSeconds: { least: 1, fallback: 1, help: 'seconds after which no answer is a failure' },
  successThreshold: { least: 1, fallback: 1, help: 'successes in a row that make it pass; 1 for startup and liveness' },
  failureThreshold: { least: 1, fallback: 3, help: 'failures in a row that make it fail' },
} as const;

/** What may be asked, one of them, and the keys of each. */
export const ACTIONS = {
  httpGet: ['port', 'path', 'scheme', 'host', 'httpHeaders'],
  tcpSocket: ['port', 'host'],
  grpc: ['port', 'service'],
  exec: ['command'],
} as const;

const ACTION_NAMES = Object.keys(ACTIONS) as (keyof typeof ACTIONS)[];
const NUMBER_NAMES = Object.keys(NUMBERS) as (keyof typeof NUMBERS)[];
/** Of a probe in a manifest, and nothing to k8s-run, which kills no app because a probe fails. */
export const KUBELETS = 'terminationGracePeriodSeconds';

/** Belong to the connection, and to whoever makes it. */
const NOT_FOR_USERS = /^(connection|content-length|expect|keep-alive|te|trailer|transfer-encoding|upgrade)$/i;

/** Whose probe it is: the kubelet lets one success of startup and liveness count, no more. */
export type StanzaRule = {
  readonly oneSuccess: boolean;
  /** Whether it stands in a pod, where Kubernetes takes a 0 for silence (pkg/apis/core/v1/defaults.go). */
  readonly inPod?: boolean;
};

/** A probe as it stands in a pod's manifest. null when it is wrong, which has been said then. */
export function readStanza(tree: Tree, name: string, rule: StanzaRule, findings: Findings): ProbeSpec | null {
  const entries = entriesIn(tree, name, [...ACTION_NAMES, ...NUMBER_NAMES, KUBELETS], findings);
  if (entries === null) return null;
  const ignored = entries.get(KUBELETS);
  if (ignored !== undefined && rule.inPod !== true)
    findings.warn(
      ignored.place,
      `${KUBELETS} is for the kubelet, and changes nothing here; keep it in the pod's own probe`,
    );
  const timing = readTiming(entries, name, rule, findings);
  const given = ACTION_NAMES.flatMap((action) => {
    const entry = entries.get(action);
    return entry === undefined ? [] : [{ action, entry }];
  });
  const [first, second] = given;
  if (first === undefined) findings.wrong(tree.place, name, `asks nothing; write one of ${ACTION_NAMES.join(', ')}`);
  if (first === undefined) return null;
  if (second !== undefined)
    findings.wrong(second.entry.place, `${name}.${second.action}`, `${first.action} is there already; keep one`);
  const question = READERS[first.action](first.entry.value, `${name}.${first.action}`, findings);
  return question === null || timing === null ? null : { ...question, timing };
}

function readTiming(
  entries: ReadonlyMap<string, Entry>,
  name: string,
  { oneSuccess, inPod }: StanzaRule,
  findings: Findings,
): ProbeTiming | null {
  let sound = true;
  const number = (key: keyof typeof NUMBERS): number | null => {
    const entry = entries.get(key);
    if (entry === undefined) return null;
    if (inPod === true && entry.value.kind === 'scalar' && entry.value.value === 0) return null;
    const value = wholeIn(entry, `${name}.${key}`, NUMBERS[key].least, MOST_WHOLE, findings);
    if (value === null) sound = false;
    return value;
  };
  const milliseconds = (key: keyof typeof NUMBERS): number | null => {
    const seconds = number(key);
    return seconds === null ? null : seconds * 1_000;
  };
  const timing: ProbeTiming = {
    initialDelay: milliseconds('initialDelaySeconds') ?? NUMBERS.initialDelaySeconds.fallback,
    period: milliseconds('periodSeconds'),
    timeout: milliseconds('timeoutSeconds'),
    successThreshold: number('successThreshold'),
    failureThreshold: number('failureThreshold'),
  };
  const successes = entries.get('successThreshold');
  if (oneSuccess && successes !== undefined && timing.successThreshold !== null && timing.successThreshold > 1) {
    const what = `${name}.successThreshold ${timing.successThreshold}`;
    findings.wrong(successes.value.place, what, 'must be 1 for startup and liveness, as in Kubernetes');
    return null;
  }
  return sound ? timing : null;
}

type Reader = (tree: Tree, name: string, findings: Findings) => ProbeSpec | null;

const READERS: Readonly<Record<KubernetesHandler, Reader>> = {
  httpGet(tree, name, findings) {
    const entries = entriesIn(tree, name, ACTIONS.httpGet, findings);
    if (entries === null) return null;
    const port = portIn(entries.get('port'), tree, name, findings);
    const host = hostIn(entries.get('host'), `${name}.host`, findings);
    const headers = headersIn(entries.get('httpHeaders'), `${name}.httpHeaders`, findings);
    const path = optionalText(entries.get('path'), '/', `${name}.path`, findings);
    const scheme = optionalText(entries.get('scheme'), 'HTTP', `${name}.scheme`, findings);
    if (port === null || host === null || headers === null || path === null || scheme === null) return null;
    if (!/^https?$/i.test(scheme)) {
      findings.wrong(entries.get('scheme')?.place ?? tree.place, `${name}.scheme`, 'must be HTTP or HTTPS');
      return null;
    }
    const authority = `${host === 'loopback' ? '127.0.0.1' : bracketed(host)}:${port}`;
    const url = new URL(`${scheme.toLowerCase()}://${authority}/${path.replace(/^\//, '')}`);
    url.hash = '';
    return { kind: 'http', url, host, headers };
  },
  tcpSocket(tree, name, findings) {
    const entries = entriesIn(tree, name, ACTIONS.tcpSocket, findings);
    if (entries === null) return null;
    const port = portIn(entries.get('port'), tree, name, findings);
    const host = hostIn(entries.get('host'), `${name}.host`, findings);
    return port === null || host === null ? null : { kind: 'tcp', port, host };
  },
  grpc(tree, name, findings) {
    const entries = entriesIn(tree, name, ACTIONS.grpc, findings);
    if (entries === null) return null;
    const port = portIn(entries.get('port'), tree, name, findings);
    const service = optionalText(entries.get('service'), '', `${name}.service`, findings);
    return port === null || service === null ? null : { kind: 'grpc', port, host: 'loopback', service };
  },
  exec(tree, name, findings) {
    const entry = entriesIn(tree, name, ACTIONS.exec, findings)?.get('command');
    const items = entry?.value.kind === 'list' ? entry.value.items : [];
    const words = items.flatMap((item) =>
      item.kind === 'scalar' && typeof item.value === 'string' ? [item.value] : [],
    );
    if (words.length > 0 && words.length === items.length && words[0] !== '') return { kind: 'exec', command: words };
    const right = 'must be a list of words, each of them text: [cat, /tmp/healthy]';
    findings.wrong(entry?.value.place ?? tree.place, `${name}.command`, right);
    return null;
  },
};

function portIn(entry: Entry | undefined, parent: Tree, name: string, findings: Findings): number | null {
  const what = `${name}.port`;
  if (entry === undefined) {
    findings.wrong(parent.place, what, 'is missing; write the port that the app listens on');
    return null;
  }
  const { value } = entry;
  const written = value.kind === 'scalar' ? value.value : null;
  // An IntOrString: the kubelet takes digits for a number when no port has that name.
  const port = typeof written === 'string' && /^\d{1,5}$/.test(written) ? Number(written) : written;
  if (typeof port === 'number' && isPort(port)) return port;
  const problem =
    typeof written === 'string' && /^[a-z0-9-]*[a-z][a-z0-9-]*$/i.test(written)
      ? "a port's name means nothing inside the container; write its number"
      : 'a port is a number from 1 to 65535';
  findings.wrong(value.place, `${what}${shownIn(value)}`, problem);
  return null;
}

function hostIn(entry: Entry | undefined, name: string, findings: Findings): ProbeHost | null {
  const host = optionalText(entry, 'loopback', name, findings);
  if (host === null || host === 'loopback') return host;
  if (/^[\w.:-]+$/.test(host) && URL.canParse(`http://${bracketed(host)}/`)) return host;
  if (entry !== undefined)
    findings.wrong(entry.value.place, name, 'not a host; write a name or an address, or leave it out');
  return null;
}

function headersIn(entry: Entry | undefined, name: string, findings: Findings): readonly Header[] | null {
  if (entry === undefined) return [];
  if (entry.value.kind !== 'list') {
    findings.wrong(entry.value.place, name, 'must be a list; write - name: Host');
    return null;
  }
  const headers = entry.value.items.map((item): Header | null => {
    const parts = entriesIn(item, name, ['name', 'value'], findings);
    if (parts === null) return null;
    const header = optionalText(parts.get('name'), '', `${name}.name`, findings);
    const value = optionalText(parts.get('value'), '', `${name}.value`, findings);
    if (header === null || value === null) return null;
    // RFC 9110 5.1 and 5.5. The value is not repeated here: it may be a token.
    const problem = !/^[!#$%&'*+.^_`|~\w-]+$/.test(header)
      ? 'the name of a header is missing, or is none'
      : NOT_FOR_USERS.test(header)
        ? `${header} belongs to the connection; leave it out`
        : /^[\t\x20-\x7e\x80-\xff]*$/.test(value)
          ? null
          : `the value of ${header} holds what no header can`;
    if (problem !== null) findings.wrong(item.place, name, problem);
    return problem === null ? [header, value] : null;
  });
  const hosts = headers.filter((header) => header?.[0].toLowerCase() === 'host');
  if (hosts.length > 1) findings.wrong(entry.value.place, name, 'Host is there twice; keep one');
  return headers.every((header) => header !== null) && hosts.length <= 1 ? headers : null;
}

function optionalText(entry: Entry | undefined, fallback: string, name: string, findings: Findings): string | null {
  if (entry === undefined) return fallback;
  const text = textIn(entry, name, findings);
  return text === '' ? fallback : text;
}
