import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import type { CheckResult, ReportedFinding } from '../../../src/check/checker.ts';
import { RULE_LIST, RULES, type RuleName, SEVERITIES, type Severity } from '../../../src/check/rules/catalog.ts';
import { checkText, findingsIn } from '../../rig/check-run.ts';
import { finishWords } from '../../rig/finished.ts';
import {
  CONTAINER,
  k8sRun,
  type ManifestChange,
  manifestOf,
  probe,
  sleep,
  WITHOUT_K8S_RUN,
} from './manifest-builder.ts';

const RECREATE = { spec: { strategy: { type: 'Recreate' } } };
const SERVER: ManifestChange['container'] = { ...WITHOUT_K8S_RUN, readinessProbe: undefined };
const METRICS = { ports: [{ name: 'metrics', containerPort: 8080 }] };
const WORKER: ManifestChange['container'] = { ...SERVER, ports: undefined };

/** What a mistake costs decides how severe it is, so one rule has findings of more than one severity. */
const CASES: readonly (readonly [what: string, change: ManifestChange, rule: RuleName, severity: Severity])[] = [
  [
    'a default grace that does not fit',
    { pod: { terminationGracePeriodSeconds: 15 } },
    'grace-period-too-short',
    'warning',
  ],
  [
    'a grace period that ends with the shutdown delay',
    { pod: { terminationGracePeriodSeconds: 5 } },
    'grace-period-too-short',
    'error',
  ],
  [
    'a longer grace than the pod has',
    { container: { command: k8sRun('--grace', '40s') } },
    'grace-period-too-short',
    'error',
  ],
  [
    'a longer --termination-grace-period than the pod has',
    { container: { command: k8sRun('--termination-grace-period', '60') } },
    'grace-period-too-short',
    'error',
  ],
  [
    'a preStop sleep of the whole grace period',
    { container: { ...SERVER, lifecycle: sleep(30) } },
    'grace-period-too-short',
    'error',
  ],
  ['a preStop sleep beside the delay', { container: { lifecycle: sleep(2) } }, 'prestop-doubles-delay', 'note'],
  ['no readinessProbe and a port', { container: SERVER }, 'no-readiness-probe', 'warning'],
  ['no readinessProbe and no port', { container: WORKER }, 'no-readiness-probe', 'note'],
  ['no readinessProbe under k8s-run', { container: { readinessProbe: undefined } }, 'no-readiness-probe', 'warning'],
  ['no memory limit', { container: { resources: undefined } }, 'no-memory-limit', 'note'],
  ['Recreate, a port and no Service', RECREATE, 'no-surge', 'warning'],
  ['Recreate and only the health port', { ...RECREATE, container: { ports: undefined } }, 'no-surge', 'note'],
  [
    'Recreate and a port for metrics',
    { ...RECREATE, container: { ...WITHOUT_K8S_RUN, ...METRICS } },
    'no-surge',
    'note',
  ],
  [
    'no readinessProbe and a port for metrics',
    { container: { ...WORKER, ports: METRICS.ports } },
    'no-readiness-probe',
    'note',
  ],
  [
    'Recreate and a probe of the app',
    { ...RECREATE, container: { ...WITHOUT_K8S_RUN, ports: undefined } },
    'no-surge',
    'warning',
  ],
  ['a readinessProbe at /livez', { container: { readinessProbe: probe('/livez', 20_080) } }, 'probe-path', 'error'],
  [
    'a livenessProbe at /startupz',
    { container: { livenessProbe: probe('/startupz', 20_080) } },
    'probe-path',
    'warning',
  ],
  [
    'a startupProbe at /livez',
    { container: { startupProbe: probe('/livez', 20_080, { failureThreshold: 60 }) } },
    'probe-path',
    'note',
  ],
  [
    'a livenessProbe at an unknown path',
    { container: { livenessProbe: probe('/alive', 20_080) } },
    'probe-path',
    'error',
  ],
  [
    'a livenessProbe that only connects to the health port',
    { container: { livenessProbe: { tcpSocket: { port: 20_080 } } } },
    'probe-path',
    'note',
  ],
  [
    'a readinessProbe that only connects to the health port',
    { container: { readinessProbe: { tcpSocket: { port: 20_080 } } } },
    'probe-path',
    'error',
  ],
  [
    'a probe at a port name that is not there',
    { container: { readinessProbe: probe('/readyz', 'h') } },
    'probe-port',
    'error',
  ],
  [
    'a probe at a port that is not declared',
    { container: { readinessProbe: probe('/readyz', 1) } },
    'probe-port',
    'warning',
  ],
  [
    'a livenessProbe that waits ten seconds',
    { container: { ...SERVER, livenessProbe: probe('/up', 8080, { failureThreshold: 5 }) } },
    'liveness-kills-slow-start',
    'warning',
  ],
  [
    'a livenessProbe with the defaults of Kubernetes',
    { container: { ...SERVER, livenessProbe: { httpGet: { path: '/up', port: 8080 } } } },
    'liveness-kills-slow-start',
    'note',
  ],
  ['a shell', { container: { ...SERVER, command: ['sh', '-c', 'a; node b'] } }, 'shell-entrypoint', 'warning'],
  [
    'a shell with env in front of the app',
    { container: { ...SERVER, command: ['sh', '-c', 'cd /app; env A=1 node b; true'] } },
    'shell-entrypoint',
    'warning',
  ],
  [
    'one port in two containers',
    { others: [{ ...SERVER, name: 'b', image: 'b', ports: CONTAINER['ports'] }] },
    'port-conflict',
    'warning',
  ],
  ['one health port in two containers', { others: [{ ...CONTAINER, name: 'b', ports: [] }] }, 'port-conflict', 'error'],
];

describe('how severe a finding is', () => {
  let found: ReadonlyMap<string, readonly ReportedFinding[]> = new Map();
  before(async () => {
    const all = CASES.map(([, change], index) => manifestOf(`m${index}`, change)).join('---\n');
    found = Map.groupBy(await findingsIn(all), ({ object }) => object.split(' ')[1] ?? '');
  });

  for (const [index, [what, , rule, severity]] of CASES.entries()) {
    test(`${what}: ${rule} is ${severity === 'error' ? 'an' : 'a'} ${severity}`, () => {
      const findings = found.get(`m${index}`) ?? [];
      const severities = findings.filter((each) => each.rule === rule).map((each) => each.severity);
      assert.deepEqual(severities, [severity], JSON.stringify(findings, null, 1));
    });
  }

  test('a rule with findings of another severity says where', async () => {
    const corpus = new URL('../../check/corpus', import.meta.url).pathname;
    const { stdout } = await finishWords(['check', '--format', 'json', '--kubernetes-version', '1.28', corpus]);
    const { findings }: CheckResult = JSON.parse(stdout);
    assert.ok(findings.length > 100);
    for (const { rule, severity } of [...found.values()].flat().concat(findings))
      if (severity !== RULES[rule].severity) {
        const places = RULE_LIST.find(({ name }) => name === rule)?.elsewhere ?? '';
        assert.ok(places.includes(severity), `${rule} is ${severity}`);
      }
  });
});

test('most workloads in the wild do not make a pipeline fail: no limit, no readinessProbe, a shell, a liveness like readiness', async () => {
  const liveness = probe('/', 8080, { failureThreshold: 3 });
  for (const container of [
    { ...SERVER, resources: undefined },
    { ...WORKER, resources: undefined, command: ['sh', '-c', 'node a; node b'] },
    { ...SERVER, livenessProbe: liveness, readinessProbe: liveness },
  ])
    assert.equal((await checkText(manifestOf('web', { spec: { replicas: 1 }, container }))).code, 0);
});

describe('--fail-on', () => {
  const MANIFESTS: Readonly<Record<Severity, string>> = {
    error: manifestOf('web', { container: { command: k8sRun('--graze', '1s') } }),
    warning: manifestOf('web', { container: { readinessProbe: undefined } }),
    note: manifestOf('web', { container: { resources: undefined } }),
  };
  for (const failOn of [...SEVERITIES, 'never'] as const)
    test(`--fail-on ${failOn} exits with 1 from this severity on`, async () => {
      for (const severity of SEVERITIES) {
        const { code } = await checkText(MANIFESTS[severity], ['--fail-on', failOn]);
        const fails = failOn !== 'never' && SEVERITIES.indexOf(severity) <= SEVERITIES.indexOf(failOn);
        assert.equal(code, fails ? 1 : 0, severity);
      }
    });

  test('without --fail-on only an error makes it exit with 1', async () => {
    for (const severity of SEVERITIES)
      assert.equal((await checkText(MANIFESTS[severity])).code, severity === 'error' ? 1 : 0);
  });

  test('what --fix has corrected does not count', async () => {
    const text = manifestOf('web', { container: { readinessProbe: undefined } });
    assert.equal((await checkText(text, ['--fix', '--fail-on', 'note'])).code, 0);
  });

  test('another severity is a mistake of the command line', async () => {
    for (const words of [['--fail-on', 'errors'], ['--fail-on=', 'x'], ['--fail-on']]) {
      const { code, stderr } = await finishWords(['check', 'x.yaml', ...words]);
      assert.equal(code, 64);
      assert.match(stderr, /--fail-on/);
    }
  });
});
