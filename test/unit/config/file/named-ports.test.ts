import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ProbeSpec } from '../../../../src/config/probe-spec.ts';
import { probePortOf } from '../../../../src/config/probe-spec.ts';
import { configOf, mistakesOf } from '../../../rig/config-file.ts';

/** Three probes, a check and a dependency that name their ports. */
const PROBES = `
readinessProbe: { httpGet: { path: /ready, port: http } }
livenessProbe: { tcpSocket: { port: admin } }
startupProbe: { grpc: { port: rpc } }
checks: [{ name: pages, probe: { httpGet: { port: http } } }]
waitFor: [{ tcpSocket: { host: db, port: rpc } }]
`;

const MAP = 'ports: { http: 8080, admin: 9090, rpc: 50051 }';
const LIST = `ports:
  - { name: http, containerPort: 8080, protocol: TCP }
  - { name: admin, containerPort: 9090, hostPort: 9090, hostIP: 127.0.0.1 }
  - { containerPort: 7070 }
  - name: rpc
    containerPort: 50051`;

for (const [form, ports] of Object.entries({ 'a map': MAP, 'the list of a container': LIST })) {
  test(`the probes of a file name the ports of ports, which is ${form}`, async () => {
    const { ready, live, startup, checks, waitFor } = await configOf(`${ports}\n${PROBES}`);
    const numbers = [ready, live, startup as ProbeSpec, checks[0]?.probe as ProbeSpec, waitFor[0] as ProbeSpec];
    assert.deepEqual(numbers.map(probePortOf), [8080, 9090, 50_051, 8080, 50_051]);
  });
}

test('digits are a number, also where ports are named', async () => {
  const { ready } = await configOf(`${MAP}\nready: { tcpSocket: { port: "9090" } }`);
  assert.equal(probePortOf(ready), 9090);
});

/** A file with one mistake, and its message. */
const WRONG: readonly (readonly [yaml: string, mistake: RegExp])[] = [
  [
    'ports: { http: 8080 }\nready: { tcpSocket: { port: htpp } }',
    /F:2:29 ready\.tcpSocket\.port "htpp": no port has this name; did you mean http\?$/,
  ],
  [
    'ports: { http: 8080, x: 1 }\nready: { tcpSocket: { port: metrics } }',
    /no port has this name, only http, x; write the number, or give it a name: ports: \{ http: 8080 \}$/,
  ],
  [
    'checks: [{ name: a, probe: { tcpSocket: { port: web } } }]',
    /F:1:49 checks\.probe\.tcpSocket\.port "web": no port has this name; write the number/,
  ],
  ['ports: 8080', /F:1:8 ports: must be a map; write ports: \{ http: 8080 \}$/],
  ['ports: { http: "8080" }', /F:1:16 ports\.http "8080": must be a port, a number from 1 to 65535$/],
  ['ports: { http: 0 }', /ports\.http 0: must be a port/],
  ['ports: { Http: 80 }', /F:1:10 ports\.Http: not the name of a port; at most 15 lower-case letters/],
  ['ports: { 80: 80 }', /ports\.80: not the name of a port/],
  ['ports: { http: 80, http: 81 }', /F:1:20 ports\.http: the name is taken by another port; rename one$/],
  ['ports: [{ name: http }]', /F:1:17 ports\.http: must be a port/],
  ['ports: [{ name: http, port: 80 }]', /port: unknown key/],
  ['ports: [{ name: 80, containerPort: 80 }]', /ports\.name: must be a string; put it in quotes$/],
];

for (const [yaml, mistake] of WRONG) {
  test(`a mistake about named ports has its place and a remedy: ${yaml.replaceAll('\n', ', ')}`, async () => {
    const mistakes = (await mistakesOf(yaml)).filter((text) => mistake.test(text));
    assert.equal(mistakes.length, 1, JSON.stringify(await mistakesOf(yaml)));
  });
}
