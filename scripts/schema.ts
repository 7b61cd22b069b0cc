import { writeFileSync } from 'node:fs';
import { type HEALTH_CHECK_KEYS, HEALTH_CHECK_NAME, HEALTH_CHECK_TAGS } from '../src/config/file/checks-section.ts';
import { KUBELET_ONLY, PROBE_NUMBERS } from '../src/config/file/kubernetes-probe.ts';
import { CONTAINER_PORT_KEYS, PORT_NAME } from '../src/config/file/named-ports.ts';
import { GRPC_MODES, HTTP_PROTOCOLS, PROBE_HANDLERS } from '../src/config/file/probe-handlers.ts';
import { FILE_KEYS, MANIFEST_PROBE_KEYS } from '../src/config/file/read-file.ts';
import { OPTIONS, type Option } from '../src/config/options/table.ts';
import type { ProbeKind } from '../src/config/probe-spec.ts';
import { formOf } from '../src/config/value-shape.ts';
import { HOMEPAGE } from '../src/version.ts';

/**
 * Prints config.schema.json, by which editors complete and check a configuration file: the options from their table, the
 * probes from what reads them. With --write it is written. test/unit/config/schema.test.ts fails while the two differ.
 * Draft 7, which is what editors know best.
 */
export const SCHEMA_FILE: URL = new URL('../config.schema.json', import.meta.url);

type Schema = Readonly<Record<string, unknown>>;

export function schemaText(): string {
  const options = FILE_KEYS.map((key): [string, Schema] => [key, optionSchema(OPTIONS[key])]);
  const pasted = Object.entries(MANIFEST_PROBE_KEYS).map(([name, key]): [string, Schema] => [
    name,
    { description: `${OPTIONS[key].help}; as in a manifest`, ...probe(key !== 'ready') },
  ]);
  const schema = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    // Where SchemaStore's catalogue would fetch it: the newest of the main branch, which takes what older versions took.
    $id: `${HOMEPAGE.replace('github.com', 'raw.githubusercontent.com')}/main/config.schema.json`,
    title: 'k8s-run',
    description: 'The configuration file of k8s-run: --config, K8S_RUN_CONFIG',
    type: 'object',
    additionalProperties: false,
    properties: {
      $schema: { type: 'string' },
      ...Object.fromEntries([...options, ...pasted]),
      ports,
      checks: { description: 'named checks beside the main probes', type: 'array', items: check },
    },
    definitions: { stanza: stanza(false), stanzaOfOneSuccess: stanza(true) },
  };
  return `${JSON.stringify(schema, null, 2)}\n`;
}

function optionSchema(option: Option<unknown>): Schema {
  const { help, fallback, fallbackWords } = option;
  const told = fallbackWords ?? fallback;
  return { description: told === null ? help : `${help} (default: ${told})`, ...valueSchema(option) };
}

/** What the row's flag takes, as a file may write it. Bounds are the row's own: it is asked whether it takes a 0. */
function valueSchema(option: Option<unknown>): Schema {
  const { takes, words, repeats, read } = option;
  const least = 'ok' in read('0') ? { minimum: 0 } : { exclusiveMinimum: 0 };
  switch (formOf(option)) {
    case 'switch':
      return { type: 'boolean' };
    case 'probe': {
      const one = probe(option.flag === 'live' || option.flag === 'startup');
      return repeats === true ? { anyOf: [one, { type: 'array', items: one }] } : one;
    }
    case 'list': {
      const word = takes === '<signals>' ? TEXT_OR_NUMBER : { type: 'string' };
      return { anyOf: [word, { type: 'array', items: word, minItems: 1 }] };
    }
    case 'pairs': {
      const pair = { type: 'string', pattern: '^[^:]+:[^:]+$' };
      const map = { type: 'object', additionalProperties: TEXT_OR_NUMBER };
      return { anyOf: [pair, map, { type: 'array', items: { anyOf: [pair, map] } }] };
    }
    case 'text':
      break;
  }
  const listed = words ?? takes?.slice(1, -1).split('|') ?? [];
  // Where any word is taken, such as the name of a program, those in `takes` are no list of values.
  const isList = listed.length > 1 && listed.every((word) => 'ok' in read(word)) && 'problem' in read('another');
  if (isList) return { enum: listed };
  if (takes === '<duration>')
    return {
      anyOf: [
        { type: 'number', ...least },
        { type: 'string', pattern: DURATION },
        ...('ok' in read('off') ? [{ const: 'off' }] : []),
      ],
    };
  if (takes === '<n>') return { type: 'integer', ...least };
  if (takes === '<port>') return { anyOf: [{ type: 'integer', ...least, maximum: 65_535 }, { const: 'off' }] };
  return takes === '<signal>' ? TEXT_OR_NUMBER : { type: 'string' };
}

/** Not as two types at once, which SchemaStore's strict mode refuses. */
const TEXT_OR_NUMBER: Schema = { anyOf: [{ type: 'string' }, { type: 'integer' }] };
const DURATION = '^(\\d+(\\.\\d+)?|(\\d+(\\.\\d+)?(ms|s|m|h))+)$';
/** A probe of each kind as one word or a URL. */
const PROBE_PATTERNS: Readonly<Record<ProbeKind, string>> = {
  auto: 'auto',
  process: 'process',
  none: 'none',
  http: '(https?|h2c)://.*',
  tcp: 'tcp://.*',
  grpc: 'grpcs?://.*',
  exec: 'exec:.*',
  file: 'file:/.*',
};
const PROBE_PATTERN = `^(${Object.values(PROBE_PATTERNS).join('|')})$`;

function probe(oneSuccess: boolean): Schema {
  const stanza = oneSuccess ? 'stanzaOfOneSuccess' : 'stanza';
  return { anyOf: [{ type: 'string', pattern: PROBE_PATTERN }, { $ref: `#/definitions/${stanza}` }] };
}

const portNumber = { type: 'integer', minimum: 1, maximum: 65_535 };
/** A number, or a name of `ports`. */
const port = { anyOf: [portNumber, { type: 'string', pattern: '^(\\d{1,5}|[a-z0-9-]{1,15})$' }] };
const portName = { type: 'string', pattern: PORT_NAME.source };
const ports = {
  description: 'the names of ports, for probes: names and numbers, or the ports of a container in a manifest',
  anyOf: [
    { type: 'object', propertyNames: portName, additionalProperties: portNumber },
    {
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['containerPort'],
        properties: {
          ...Object.fromEntries(CONTAINER_PORT_KEYS.map((key) => [key, {}])),
          name: portName,
          containerPort: portNumber,
        },
      },
    },
  ],
};
const text = { type: 'string' };
const header = {
  type: 'object',
  additionalProperties: false,
  required: ['name'],
  properties: { name: { type: 'string', pattern: "^[!#$%&'*+.^_`|~\\w-]+$" }, value: text },
};

/** A new key in src/config/file/probe-handlers.ts does not compile without its line here. */
const ACTION_KEYS: {
  readonly [A in keyof typeof PROBE_HANDLERS]: Readonly<Record<(typeof PROBE_HANDLERS)[A][number], Schema>>;
} = {
  httpGet: {
    port,
    path: text,
    scheme: { enum: ['HTTP', 'HTTPS', 'http', 'https'] },
    protocol: { enum: HTTP_PROTOCOLS },
    host: text,
    httpHeaders: { type: 'array', items: header },
  },
  tcpSocket: { port, host: text },
  grpc: { port, service: text, mode: { enum: GRPC_MODES } },
  exec: { command: { type: 'array', items: text, minItems: 1 } },
};

function stanza(oneSuccess: boolean): Schema {
  const actions = Object.entries(ACTION_KEYS).map(([name, properties]) => [
    name,
    { type: 'object', additionalProperties: false, required: ['port' in properties ? 'port' : 'command'], properties },
  ]);
  const numbers = Object.entries(PROBE_NUMBERS).map(([name, { least, fallback, help }]) => [
    name,
    {
      description: `${help} (default: ${defaultOf(name, fallback)})`,
      ...(oneSuccess && name === 'successThreshold' ? { const: 1 } : { type: 'integer', minimum: least }),
    },
  ]);
  return {
    type: 'object',
    additionalProperties: false,
    properties: {
      ...Object.fromEntries([...actions, ...numbers]),
      [KUBELET_ONLY]: {
        description: 'no effect: k8s-run kills no app for a failed probe; it belongs in the probe of the pod',
        type: 'integer',
      },
    },
    // With the key again, because SchemaStore's strict mode wants what is required to be among the properties beside it.
    oneOf: Object.keys(PROBE_HANDLERS).map((action) => ({ required: [action], properties: { [action]: {} } })),
  };
}

/** Numbers of a probe for which an option of all probes counts first, where it was set. */
const OF_ALL_PROBES: Readonly<Record<string, string>> = {
  periodSeconds: 'probePeriod',
  timeoutSeconds: 'probeTimeout',
  successThreshold: 'successThreshold',
  failureThreshold: 'failureThreshold',
};

function defaultOf(name: string, fallback: number): string {
  const option = OF_ALL_PROBES[name];
  return option === undefined ? String(fallback) : `${option} if it is set, else ${fallback}`;
}

const CHECK_PROPERTIES: Readonly<Record<(typeof HEALTH_CHECK_KEYS)[number], Schema>> = {
  name: {
    description: 'name of the check in the log and in the responses of the health server',
    type: 'string',
    pattern: HEALTH_CHECK_NAME.source,
    not: { enum: HEALTH_CHECK_TAGS },
  },
  tags: {
    description: 'verdicts that the check is part of (default: ready)',
    anyOf: [{ enum: HEALTH_CHECK_TAGS }, { type: 'array', items: { enum: HEALTH_CHECK_TAGS }, minItems: 1 }],
  },
  probe: { description: 'probe of the check: a word, a URL, or a Kubernetes probe', ...probe(false) },
  degraded: {
    description: 'true: a failure is logged and shown, and the verdict stays as it is (default: false)',
    type: 'boolean',
  },
};

const check = {
  type: 'object',
  additionalProperties: false,
  required: ['name', 'probe'],
  properties: CHECK_PROPERTIES,
};

if (import.meta.main) {
  if (process.argv.includes('--write')) writeFileSync(SCHEMA_FILE, schemaText());
  else process.stdout.write(schemaText());
}
