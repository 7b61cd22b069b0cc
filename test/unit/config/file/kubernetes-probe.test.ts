import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HealthCheck } from '../../../../src/config/health-check.ts';
import { configOf, mistakesOf, parse } from '../../../rig/config-file.ts';

const SILENT = { initialDelay: 0, period: null, timeout: null, successThreshold: null, failureThreshold: null };

test('a config file takes the probes of a manifest unchanged', async () => {
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

test("a probe stanza has the kubelet's defaults, but loopback as its host", async () => {
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

test('protocol and mode of a stanza are those of Kubernetes 1.37', async () => {
  const one = await configOf(
    'ready: { httpGet: { port: 1, protocol: HTTP2 } }\nlive: { grpc: { port: 2, mode: TLS } }',
  );
  assert.equal(one.ready.kind === 'http' && one.ready.h2c, true);
  assert.equal(one.live.kind === 'grpc' && one.live.tls, true);
  const other = 'ready: { httpGet: { port: 1, protocol: HTTP1 } }\nlive: { grpc: { port: 2, mode: Plaintext } }';
  const { ready, live } = await configOf(other);
  assert.equal(ready.kind === 'http' && ready.h2c, undefined);
  assert.deepEqual(live, { kind: 'grpc', port: 2, host: 'loopback', service: '', timing: SILENT });
});

/** A config file with one mistake in a probe stanza or a check, and the message for it. */
const WRONG: readonly (readonly [yaml: string, mistake: RegExp])[] = [
  ['ready: {}', /F:1:8 ready: has no handler; write one of httpGet, tcpSocket, grpc, exec$/],
  ['ready: { tcpSocket: { port: 1 }, grpc: { port: 2 } }', /F:1:34 ready\.grpc: tcpSocket is already set; keep one/],
  ['ready: { grpc: { port: 1 }, httpget: { port: 1 } }', /F:1:29 httpget: unknown key; did you mean httpGet\?/],
  ['ready: { tcpSocket: { port: 1 }, tcpSocket: { port: 2 } }', /tcpSocket: already set at F:1:10; keep one/],
  ['ready: { tcpSocket: 8080 }', /F:1:21 ready\.tcpSocket: must be a map; write any of port, host/],
  ['ready: { tcpSocket: {} }', /F:1:21 ready\.tcpSocket\.port: is missing/],
  [
    'ready: { tcpSocket: { port: http } }',
    /F:1:29 ready\.tcpSocket\.port "http": no port has this name; write the number, or give it a name: ports: \{ http: 8080 \}$/,
  ],
  ['ready: { tcpSocket: { port: 0 } }', /must be a port, a number from 1 to 65535/],
  ['ready: { tcpSocket: { port: 1.5 } }', /must be a port/],
  ['ready: { grpc: { port: 65536 } }', /must be a port/],
  ['ready: { httpGet: { port: 1, path: 7 } }', /ready\.httpGet\.path: must be a string; put it in quotes/],
  ['ready: { httpGet: { port: 1, scheme: FTP } }', /F:1:30 ready\.httpGet\.scheme: must be HTTP or HTTPS/],
  ['ready: { httpGet: { port: 1, protocol: h2c } }', /F:1:40 ready\.httpGet\.protocol "h2c": must be HTTP1 or HTTP2$/],
  ['ready: { httpGet: { port: 1, protocol: http2 } }', /must be HTTP1 or HTTP2; did you mean HTTP2\?/],
  [
    'ready: { httpGet: { port: 1, scheme: HTTPS, protocol: HTTP2 } }',
    /protocol HTTP2: is HTTP\/2 in clear text, and cannot be combined with scheme HTTPS; leave protocol out/,
  ],
  [
    'ready: { grpc: { port: 1, mode: tls } }',
    /F:1:33 ready\.grpc\.mode "tls": must be Plaintext or TLS; did you mean TLS\?/,
  ],
  ['ready: { httpGet: { port: 1, host: "a b" } }', /ready\.httpGet\.host: not a host/],
  ['ready: { httpGet: { port: 1, httpHeaders: { A: b } } }', /httpHeaders: must be a list; write - name: Host/],
  ['ready: { httpGet: { port: 1, httpHeaders: [{ value: b }] } }', /the name of a header is missing or invalid/],
  [
    'ready: { httpGet: { port: 1, httpHeaders: [{ name: "a b" }] } }',
    /the name of a header is missing or invalid; write name: Host/,
  ],
  [
    'ready: { httpGet: { port: 1, httpHeaders: [{ name: Upgrade, value: x }] } }',
    /Upgrade is set by the HTTP client; leave it out/,
  ],
  [
    'ready: { httpGet: { port: 1, httpHeaders: [{ name: A, value: "x\\ny" }] } }',
    /the value of A has characters that no header may have/,
  ],
  ['ready: { httpGet: { port: 1, httpHeaders: [{ name: Host }, { name: host }] } }', /Host is set twice; keep one/],
  ['ready: { exec: { command: cat } }', /F:1:27 ready\.exec\.command: must be a list of strings/],
  ['ready: { exec: { command: [] } }', /must be a list of strings/],
  ['ready: { exec: { command: [sleep, 1] } }', /must be a list of strings/],
  ['ready: { exec: { command: [""] } }', /must be a list of strings/],
  ['ready: { exec: { command: [a], comand: [a] } }', /comand: unknown key; did you mean command\?/],
  [
    'ready: { grpc: { port: 1 }, periodSeconds: 0 }',
    /F:1:44 ready\.periodSeconds 0: must be a whole number, 1 or more$/,
  ],
  ['ready: { grpc: { port: 1 }, timeoutSeconds: 0.5 }', /timeoutSeconds 0\.5: must be a whole number/],
  ['ready: { grpc: { port: 1 }, periodSeconds: 10s }', /periodSeconds "10s": must be a whole number/],
  ['ready: { grpc: { port: 1 }, periodSeconds: "10" }', /must be a whole number, 1 or more, without quotes$/],
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
    /F:2:1 readinessProbe: already set as ready at F:1:1; keep one/,
  ],
  ['checks: { name: a }', /F:1:9 checks: must be a list/],
  ['checks: [a]', /F:1:10 checks: must be a map; write any of name, tags, probe, degraded/],
  ['checks: [{ probe: none }]', /a check has no name; write name: database/],
  ['checks: [{ name: a/b, probe: none }]', /checks\.name "a\/b": must be at most 63 letters, digits/],
  ['checks: [{ name: ready, probe: none }]', /checks\.name "ready": is the name of a main probe; choose another name/],
  ['checks: [{ name: 1, probe: none }]', /checks\.name: must be a string; put it in quotes/],
  ['checks: [{ name: a }]', /F:1:10 checks a\.probe: is missing/],
  ['checks: [{ name: a, probe: nope }]', /F:1:28 checks a\.probe: not a probe; write auto/],
  ['checks: [{ name: a, probe: [none] }]', /checks a\.probe: must be a string/],
  ['checks: [{ name: a, probe: none, tags: [] }]', /checks a\.tags: must be one or more of ready, live, startup/],
  ['checks: [{ name: a, probe: none, tags: [alive] }]', /checks a\.tags "alive": must be one or more of ready/],
  ['checks: [{ name: a, probe: none, degraded: yes }]', /checks a\.degraded "yes": must be true or false/],
  [
    'checks: [{ name: a, probe: none }, { name: a, probe: none }]',
    /F:1:36 checks a: the check at F:1:10 has the same name/,
  ],
  [
    'checks: [{ name: a, tags: live, probe: { grpc: { port: 1 }, successThreshold: 3 } }]',
    /successThreshold 3: must be 1/,
  ],
];

for (const [yaml, mistake] of WRONG) {
  test(`a config file with ${yaml.replace('\n', ' / ')} is a mistake`, async () => {
    const mistakes = await mistakesOf(yaml);
    assert.equal(mistakes.length, 1, mistakes.join('\n'));
    assert.match(String(mistakes[0]), mistake);
  });
}

test('no mistake of a config file quotes the value of a header', async () => {
  const mistakes = await mistakesOf(
    'ready: { httpGet: { port: x, httpHeaders: [{ name: Authorization, value: "s3cret\\n" }] } }',
  );
  assert.equal(mistakes.length, 2);
  assert.doesNotMatch(mistakes.join(), /s3cret/);
});

test('a config file may have terminationGracePeriodSeconds in a probe, with a warning that only the kubelet reads it', async () => {
  const { warnings } = await parse('livenessProbe: { grpc: { port: 1 }, terminationGracePeriodSeconds: 3 }');
  assert.match(
    warnings.join(),
    /^F:1:37: terminationGracePeriodSeconds has no effect here, because only the kubelet reads it/,
  );
});

test('a check of a config file has a URL or a stanza as its probe, and the tag ready by default', async () => {
  const { checks } = await configOf(
    'checks:\n  - { name: db, probe: "tcp://:5432" }\n  - { name: c.1, tags: [live, ready, live], degraded: true, probe: { grpc: { port: 1 } } }\n',
  );
  const plain = checks.map(({ source, place, ...check }): Omit<HealthCheck, 'source' | 'place'> => {
    assert.match(source, /:\d+:5 checks /);
    assert.equal(place?.[2], 5);
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
