import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HealthCheck } from '../../../../src/config/health-check.ts';
import { configOf, mistakesOf, parse } from '../../../rig/config-file.ts';

const SILENT = { initialDelay: 0, period: null, timeout: null, successThreshold: null, failureThreshold: null };

test('the probes of a manifest, pasted whole', async () => {
  const config = await configOf(`
startupProbe:
  exec: { command: [cat, /tmp/started] }
  failureThreshold: 30
readinessProbe:
  httpGet:
    path: /healthz?full=1
    port: 8080
    scheme: HTTPS
    httpHeaders:
      - name: X-Probe
        value: "yes"
      - { name: Host, value: shop.example }
  initialDelaySeconds: 5
  periodSeconds: 3
  timeoutSeconds: 2
  successThreshold: 4
  failureThreshold: 6
livenessProbe:
  grpc: { port: 50051, service: shop.v1.Orders }
  successThreshold: 1
`);
  const { ready, live, startup } = config;
  assert.ok(ready.kind === 'http');
  assert.deepEqual(
    [ready.url.href, ready.host, ready.headers],
    [
      'https://127.0.0.1:8080/healthz?full=1',
      'loopback',
      [
        ['X-Probe', 'yes'],
        ['Host', 'shop.example'],
      ],
    ],
  );
  assert.deepEqual(ready.timing, {
    initialDelay: 5_000,
    period: 3_000,
    timeout: 2_000,
    successThreshold: 4,
    failureThreshold: 6,
  });
  const service = 'shop.v1.Orders';
  assert.deepEqual(live, {
    ...{ kind: 'grpc', port: 50_051, host: 'loopback', service },
    timing: { ...SILENT, successThreshold: 1 },
  });
  assert.deepEqual(startup, {
    ...{ kind: 'exec', command: ['cat', '/tmp/started'] },
    timing: { ...SILENT, failureThreshold: 30 },
  });
  assert.deepEqual([...config.chosen].sort(), ['config', 'live', 'ready', 'startup']);
});

test("what is left out is the kubelet's default, and the host is loopback", async () => {
  const urlOf = async (httpGet: string): Promise<readonly string[]> => {
    const { ready } = await configOf(`ready: { httpGet: ${httpGet} }`);
    return ready.kind === 'http' ? [ready.url.href, ready.host] : [];
  };
  assert.deepEqual(await urlOf('{ port: 8080 }'), ['http://127.0.0.1:8080/', 'loopback']);
  assert.deepEqual(await urlOf('{ port: "8080", path: "" }'), ['http://127.0.0.1:8080/', 'loopback']);
  assert.deepEqual(await urlOf('{ port: 1, path: ready#x }'), ['http://127.0.0.1:1/ready', 'loopback']);
  assert.deepEqual(await urlOf('{ port: 1, path: //x, scheme: http }'), ['http://127.0.0.1:1//x', 'loopback']);
  assert.deepEqual(await urlOf('{ port: 1, host: 10.1.2.3 }'), ['http://10.1.2.3:1/', '10.1.2.3']);
  assert.deepEqual(await urlOf('{ port: 1, host: "fd00::1" }'), ['http://[fd00::1]:1/', 'fd00::1']);
  const { ready, live } = await configOf('ready: { tcpSocket: { port: 1, host: db } }\nlive: { grpc: { port: 2 } }');
  assert.deepEqual(ready, { kind: 'tcp', port: 1, host: 'db', timing: SILENT });
  assert.deepEqual(live, { kind: 'grpc', port: 2, host: 'loopback', service: '', timing: SILENT });
});

/** What is wrong with a stanza, and the sentence for it. */
const WRONG: readonly (readonly [yaml: string, mistake: RegExp])[] = [
  ['ready: {}', /F:1:8 ready: asks nothing; write one of httpGet, tcpSocket, grpc, exec$/],
  ['ready: { tcpSocket: { port: 1 }, grpc: { port: 2 } }', /F:1:34 ready\.grpc: tcpSocket is there already; keep one/],
  ['ready: { grpc: { port: 1 }, httpget: { port: 1 } }', /F:1:29 httpget: unknown key; did you mean httpGet\?/],
  ['ready: { tcpSocket: { port: 1 }, tcpSocket: { port: 2 } }', /tcpSocket: it is there already, at F:1:10/],
  ['ready: { tcpSocket: 8080 }', /F:1:21 ready\.tcpSocket: must be a map; write some of port, host/],
  ['ready: { tcpSocket: {} }', /F:1:21 ready\.tcpSocket\.port: is missing/],
  ['ready: { tcpSocket: { port: http } }', /F:1:29 .*port "http": a port's name means nothing inside the container/],
  ['ready: { tcpSocket: { port: 0 } }', /a port is a number from 1 to 65535/],
  ['ready: { tcpSocket: { port: 1.5 } }', /a port is a number/],
  ['ready: { grpc: { port: 65536 } }', /a port is a number/],
  ['ready: { httpGet: { port: 1, path: 7 } }', /ready\.httpGet\.path: must be text; put it in quotation marks/],
  ['ready: { httpGet: { port: 1, scheme: FTP } }', /F:1:30 ready\.httpGet\.scheme: must be HTTP or HTTPS/],
  ['ready: { httpGet: { port: 1, host: "a b" } }', /ready\.httpGet\.host: not a host/],
  ['ready: { httpGet: { port: 1, httpHeaders: { A: b } } }', /httpHeaders: must be a list; write - name: Host/],
  ['ready: { httpGet: { port: 1, httpHeaders: [{ value: b }] } }', /the name of a header is missing/],
  ['ready: { httpGet: { port: 1, httpHeaders: [{ name: "a b" }] } }', /the name of a header is missing, or is none/],
  ['ready: { httpGet: { port: 1, httpHeaders: [{ name: Upgrade, value: x }] } }', /Upgrade belongs to the connection/],
  [
    'ready: { httpGet: { port: 1, httpHeaders: [{ name: A, value: "x\\ny" }] } }',
    /the value of A holds what no header/,
  ],
  ['ready: { httpGet: { port: 1, httpHeaders: [{ name: Host }, { name: host }] } }', /Host is there twice; keep one/],
  ['ready: { exec: { command: cat } }', /F:1:27 ready\.exec\.command: must be a list of words/],
  ['ready: { exec: { command: [] } }', /must be a list of words/],
  ['ready: { exec: { command: [sleep, 1] } }', /must be a list of words, each of them text/],
  ['ready: { exec: { command: [""] } }', /must be a list of words/],
  ['ready: { exec: { command: [a], comand: [a] } }', /comand: unknown key; did you mean command\?/],
  [
    'ready: { grpc: { port: 1 }, periodSeconds: 0 }',
    /F:1:44 ready\.periodSeconds 0: must be a whole number, 1 or more$/,
  ],
  ['ready: { grpc: { port: 1 }, timeoutSeconds: 0.5 }', /timeoutSeconds 0\.5: must be a whole number/],
  ['ready: { grpc: { port: 1 }, periodSeconds: 10s }', /periodSeconds "10s": must be a whole number/],
  ['ready: { grpc: { port: 1 }, periodSeconds: "10" }', /must be a whole number, 1 or more, without quotation marks$/],
  [
    'ready: { grpc: { port: 1 }, initialDelaySeconds: -1 }',
    /initialDelaySeconds -1: must be a whole number, 0 or more/,
  ],
  ['ready: { grpc: { port: 1 }, failureThreshold: 3000000000 }', /failureThreshold 3000000000: must be/],
  [
    'live: { grpc: { port: 1 }, successThreshold: 2 }',
    /F:1:46 live\.successThreshold 2: must be 1 for startup and live/,
  ],
  ['startupProbe: { grpc: { port: 1 }, successThreshold: 2 }', /startupProbe\.successThreshold 2: must be 1/],
  [
    'ready: none\nreadinessProbe: { grpc: { port: 1 } }',
    /F:2:1 readinessProbe: ready says the same, at F:1:1; keep one/,
  ],
  ['checks: { name: a }', /F:1:9 checks: must be a list/],
  ['checks: [a]', /F:1:10 checks: must be a map; write some of name, tags, probe, degraded/],
  ['checks: [{ probe: none }]', /one has no name/],
  ['checks: [{ name: a/b, probe: none }]', /checks\.name "a\/b": must be letters, digits/],
  ['checks: [{ name: ready, probe: none }]', /checks\.name "ready": is the name of a main probe/],
  ['checks: [{ name: 1, probe: none }]', /checks\.name: must be text; put it in quotation marks/],
  ['checks: [{ name: a }]', /F:1:10 checks a\.probe: is missing/],
  ['checks: [{ name: a, probe: nope }]', /F:1:28 checks a\.probe: not a probe; write auto/],
  ['checks: [{ name: a, probe: [none] }]', /checks a\.probe: must be text/],
  ['checks: [{ name: a, probe: none, tags: [] }]', /checks a\.tags: must be some of ready, live, startup/],
  ['checks: [{ name: a, probe: none, tags: [alive] }]', /checks a\.tags "alive": must be some of ready/],
  ['checks: [{ name: a, probe: none, degraded: yes }]', /checks a\.degraded "yes": must be true or false/],
  ['checks: [{ name: a, probe: none }, { name: a, probe: none }]', /F:1:36 checks a: the name is taken, at F:1:10/],
  [
    'checks: [{ name: a, tags: live, probe: { grpc: { port: 1 }, successThreshold: 3 } }]',
    /successThreshold 3: must be 1/,
  ],
];

for (const [yaml, mistake] of WRONG) {
  test(`a stanza that is wrong: ${yaml.replace('\n', ' / ')}`, async () => {
    const mistakes = await mistakesOf(yaml);
    assert.equal(mistakes.length, 1, mistakes.join('\n'));
    assert.match(String(mistakes[0]), mistake);
  });
}

test('the value of a header is never in a mistake', async () => {
  const mistakes = await mistakesOf(
    'ready: { httpGet: { port: x, httpHeaders: [{ name: Authorization, value: "s3cret\\n" }] } }',
  );
  assert.equal(mistakes.length, 2);
  assert.doesNotMatch(mistakes.join(), /s3cret/);
});

test("what is the kubelet's alone is taken, and said to change nothing", async () => {
  const { warnings } = await parse('livenessProbe: { grpc: { port: 1 }, terminationGracePeriodSeconds: 3 }');
  assert.match(warnings.join(), /^F:1:37: terminationGracePeriodSeconds is for the kubelet, and changes nothing here/);
});

test('checks: for readiness when nothing is said, with a word or a stanza', async () => {
  const { checks } = await configOf(
    'checks:\n  - { name: db, probe: "tcp://:5432" }\n  - { name: c.1, tags: [live, ready, live], degraded: true, probe: { grpc: { port: 1 } } }\n',
  );
  const plain = checks.map(({ source, ...check }): Omit<HealthCheck, 'source'> => {
    assert.match(source, /:\d+:5 checks /);
    return check;
  });
  assert.deepEqual(plain, [
    { name: 'db', tags: ['ready'], degraded: false, probe: { kind: 'tcp', host: 'loopback', port: 5432 } },
    {
      ...{ name: 'c.1', tags: ['live', 'ready'], degraded: true },
      probe: { kind: 'grpc', port: 1, host: 'loopback', service: '', timing: SILENT },
    },
  ]);
});
