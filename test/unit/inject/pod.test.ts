import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parse } from 'yaml';
import type { TextOutcome } from '../../../src/inject/inject-text.ts';
import type { InjectSettings } from '../../../src/inject/settings.ts';
import { inject, remove } from './zoo.ts';

type Container = {
  readonly name: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value: string }[];
  readonly volumeMounts?: readonly unknown[];
  readonly securityContext?: Readonly<Record<string, unknown>>;
  readonly resources?: unknown;
  readonly [key: string]: unknown;
};
type PodSpec = {
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly volumes?: readonly Readonly<Record<string, unknown>>[];
  readonly terminationGracePeriodSeconds?: number;
};

const pod = (spec: unknown, metadata: unknown = { name: 'p' }): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata, spec }, null, 2);
const web = (more: object = {}): object => ({ name: 'web', image: 'web:1', command: ['node', 'server.js'], ...more });
const specOf = ({ text }: TextOutcome): PodSpec => parse(text).spec;
const annotationsOf = ({ text }: TextOutcome): Readonly<Record<string, string>> => parse(text).metadata.annotations;
const notesOf = ({ notes }: TextOutcome): string => notes.map(({ object, text }) => `${object} ${text}`).join('\n');
const problemsOf = ({ problems }: TextOutcome): string =>
  problems.map(({ object, text }) => `${object} ${text}`).join('\n');

/** Injects one container, and gives its variables and itself. */
function injected(
  more: object,
  settings: Partial<InjectSettings> = {},
  podMore: object = {},
): {
  readonly variables: Readonly<Record<string, string>>;
  readonly container: Container;
  readonly outcome: TextOutcome;
} {
  const outcome = inject(pod({ ...podMore, containers: [web(more)] }), settings);
  assert.deepEqual(outcome.problems, []);
  const [container] = specOf(outcome).containers;
  assert.ok(container);
  const variables = Object.fromEntries(
    (container.env ?? []).map(({ name, value }) => [name.replace('K8S_RUN_', ''), value]),
  );
  return { variables, container, outcome };
}

describe('what a pod gets', () => {
  test('an init container, first in order, fills a volume that the app mounts read-only', () => {
    const before = {
      volumes: [{ name: 'k8s-run', emptyDir: {} }],
      initContainers: [{ name: 'migrate', image: 'm:1' }],
    };
    const { outcome, container } = injected({ args: ['--port', '80'] }, {}, before);
    const { initContainers = [], volumes = [] } = specOf(outcome);
    assert.deepEqual(
      initContainers.map(({ name }) => name),
      ['k8s-run-install', 'migrate'],
    );
    assert.deepEqual(initContainers[0]?.command, ['/opt/k8s-run/bin/k8s-run', 'install', '/k8s-run']);
    assert.deepEqual(volumes[1], { name: 'k8s-run-2', emptyDir: { sizeLimit: '256Mi' } });
    assert.deepEqual(container.volumeMounts, [{ name: 'k8s-run-2', mountPath: '/opt/k8s-run', readOnly: true }]);
    assert.deepEqual(container.command, ['/opt/k8s-run/bin/k8s-run', '--', 'node', 'server.js']);
    assert.deepEqual(container.args, ['--port', '80']);
  });

  test('the init container passes the restricted Pod Security Standard, as a user that the pod allows', () => {
    const userOf = (settings: Partial<InjectSettings>, securityContext: object): unknown =>
      specOf(injected({}, settings, { securityContext }).outcome).initContainers?.[0]?.securityContext?.['runAsUser'];
    assert.deepEqual(specOf(injected({}).outcome).initContainers?.[0]?.securityContext, {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
      runAsUser: 65532,
      seccompProfile: { type: 'RuntimeDefault' },
    });
    assert.equal(userOf({}, { runAsUser: 1000 }), undefined);
    assert.equal(userOf({}, { runAsUser: 0 }), 65532);
    assert.equal(userOf({ user: 'image' }, {}), undefined);
    assert.equal(userOf({ user: 7 }, {}), 7);
  });

  test('an image volume is mounted whole, and needs no init container', () => {
    const { outcome, container } = injected({}, { via: 'image-volume' });
    assert.equal(specOf(outcome).initContainers, undefined);
    assert.deepEqual(specOf(outcome).volumes, [
      { name: 'k8s-run', image: { reference: 'registry.example.com/k8s-run:1.0.0' } },
    ]);
    assert.equal(container.command?.[0], '/k8s-run/opt/k8s-run/bin/k8s-run');
    const yaml = inject(
      'apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n  - name: a\n    command: [a]\n',
      {
        via: 'image-volume',
      },
    );
    assert.match(yaml.text, /image: # .*1\.36/);
    assert.doesNotMatch(remove(yaml.text).text, /1\.36/);
  });

  test('a volume in memory gets an init container that has room for it', () => {
    const { outcome } = injected({}, { medium: 'memory' });
    assert.deepEqual(specOf(outcome).volumes?.[0]?.['emptyDir'], { medium: 'Memory', sizeLimit: '256Mi' });
    assert.match(JSON.stringify(specOf(outcome).initContainers?.[0]?.resources), /"memory":"320Mi"/);
  });

  test('a path that is mounted already is refused', () => {
    const readinessProbe = { httpGet: { port: 80, httpHeaders: [{ name: 'a', value: 'b' }] } };
    for (const mountPath of ['/opt/k8s-run', '/opt/k8s-run/', '/opt//k8s-run', '/opt/k8s-run/conf', '/etc/k8s-run'])
      assert.match(
        problemsOf(inject(pod({ containers: [web({ readinessProbe, volumeMounts: [{ name: 'v', mountPath }] })] }))),
        /^Pod p, container web has a volume at /,
      );
  });

  test('a path under a volume is refused where no mount point can be made in it', () => {
    const problemOf = (mount: object, volume: object): string =>
      problemsOf(
        inject(
          pod({
            containers: [web({ volumeMounts: [{ name: 'v', mountPath: '/opt', ...mount }] })],
            volumes: [{ name: 'v', ...volume }],
          }),
        ),
      );
    for (const [mount, volume] of [
      [{ readOnly: true }, { emptyDir: {} }],
      [{}, { configMap: { name: 'c' } }],
      [{}, { persistentVolumeClaim: { claimName: 'c', readOnly: true } }],
    ] as const)
      assert.match(problemOf(mount, volume), /has a read-only volume at \/opt, in which \/opt\/k8s-run cannot be made/);
    for (const mount of [{}, { mountPath: '/optional', readOnly: true }, { mountPath: '/etc', readOnly: true }])
      assert.equal(problemOf(mount, { emptyDir: {} }), '');
  });

  test('a pod of the class Guaranteed keeps its class', () => {
    const resourcesOf = (resources: object): unknown =>
      specOf(injected({ resources }).outcome).initContainers?.[0]?.resources;
    const guaranteed = { requests: { cpu: '250m', memory: '128Mi' }, limits: { cpu: '250m', memory: '128Mi' } };
    const limits = { cpu: 2, memory: '1Gi' };
    assert.deepEqual(resourcesOf({ limits }), guaranteed);
    assert.deepEqual(resourcesOf({ limits, requests: { cpu: '2000m', memory: '1024Mi' } }), guaranteed);
    for (const burstable of [{ limits, requests: { cpu: 1 } }, { limits: { cpu: 2 } }, {}])
      assert.notDeepEqual(resourcesOf(burstable), guaranteed);
  });

  test('a limit of ephemeral-storage is said to hold the copy too', () => {
    const resources = { limits: { 'ephemeral-storage': '50Mi' } };
    assert.match(notesOf(injected({ resources }).outcome), /has a limit of ephemeral-storage/);
    for (const settings of [{ via: 'image-volume' }, { medium: 'memory' }] as const)
      assert.doesNotMatch(notesOf(injected({ resources }, settings).outcome), /ephemeral-storage/);
  });

  test('several containers get a health port each, which none of the pod has', () => {
    const other = { ...web(), name: 'other', ports: [{ containerPort: 20081 }] };
    const sidecar = { name: 'side', image: 's:1', command: ['k8s-run', '--health-port', '20082', '--', 's'] };
    const outcome = inject(pod({ containers: [sidecar, web(), other, { ...web(), name: 'third' }] }));
    const ports = specOf(outcome).containers.map(
      ({ env = [] }) => env.find(({ name }) => name === 'K8S_RUN_HEALTH_PORT')?.value,
    );
    assert.deepEqual(ports, [undefined, undefined, '20083', '20084']);
    assert.match(notesOf(outcome), /container side runs k8s-run already/);
  });

  test("pods on the host's network do not share a port of the node", () => {
    const one = pod({ hostNetwork: true, containers: [web({ readinessProbe: { tcpSocket: { port: 20080 } } })] });
    const outcome = inject(`${one}\n---\n${one}`);
    assert.deepEqual(
      [...outcome.text.matchAll(/"K8S_RUN_HEALTH_PORT",\s*"value": "(\d+)"/g)].map(([, port]) => port),
      ['20081', '20082'],
    );
    assert.match(notesOf(outcome), /gets port 20082 for its health/);
  });
});

describe('notes about a pod', () => {
  const workload = (kind: string, more: object, spec: object): string =>
    JSON.stringify({
      apiVersion: 'apps/v1',
      kind,
      metadata: { name: 'w' },
      spec: { ...more, template: { spec: { hostNetwork: true, containers: [web()], ...spec } } },
    });

  test("pods of the host's network that may share a node are told to declare the health port", () => {
    const ports = [{ containerPort: 80 }];
    const surge = { updateStrategy: { rollingUpdate: { maxSurge: 1 } } };
    for (const [kind, more, spec, isTold] of [
      ['Deployment', {}, {}, true],
      ['Deployment', { replicas: 2, strategy: { type: 'Recreate' } }, {}, true],
      ['Deployment', { replicas: 1, strategy: { type: 'Recreate' } }, {}, false],
      ['Deployment', { replicas: 1, strategy: { rollingUpdate: { maxSurge: '0%' } } }, {}, false],
      ['Deployment', {}, { hostNetwork: false }, false],
      ['Deployment', {}, { containers: [web({ ports })] }, false],
      ['StatefulSet', { replicas: 3 }, {}, true],
      ['StatefulSet', {}, {}, false],
      ['DaemonSet', {}, {}, false],
      ['DaemonSet', surge, {}, true],
    ] as const) {
      const notes = notesOf(inject(workload(kind, more, spec)));
      assert.equal(/only one of them gets port 20080/.test(notes), isTold, JSON.stringify([kind, more, spec]));
    }
  });

  test('a Pod that is in the cluster already can only be made again', () => {
    const { text, notes } = inject(pod({ containers: [web()] }, { name: 'p', uid: '1' }));
    assert.match(notes.map((note) => note.text).join(), /is in the cluster already, .*kubectl replace --force/);
    assert.match(notesOf(remove(text)), /kubectl replace --force/);
    assert.equal(notesOf(inject(pod({ containers: [web()] }))), '');
  });

  test('a RuntimeClass that may be one for Windows is said', () => {
    const containers = [web()];
    assert.match(
      notesOf(inject(pod({ runtimeClassName: 'windows-2022', containers }))),
      /RuntimeClass windows-2022: if its nodes run Windows/,
    );
    assert.doesNotMatch(notesOf(inject(pod({ runtimeClassName: 'gvisor', containers }))), /RuntimeClass/);
  });
});

describe('what is left alone', () => {
  const left = (spec: object, settings: Partial<InjectSettings> = {}): string => {
    const text = pod(spec);
    const outcome = inject(text, settings);
    assert.equal(outcome.text, text);
    assert.deepEqual(outcome.problems, []);
    return notesOf(outcome);
  };

  test('pods for Windows, proxies of meshes, and containers that run k8s-run', () => {
    assert.match(left({ os: { name: 'windows' }, containers: [web()] }), /for Windows/);
    assert.match(left({ nodeSelector: { 'kubernetes.io/os': 'windows' }, containers: [web()] }), /for Windows/);
    assert.match(left({ nodeSelector: { 'beta.kubernetes.io/os': 'windows' }, containers: [web()] }), /for Windows/);
    assert.match(left({ containers: [{ ...web(), name: 'istio-proxy' }] }), /proxy beside the app/);
    assert.match(
      left({ containers: [web({ command: ['/opt/k8s-run/bin/k8s-run', '--', 'a'] })] }),
      /runs k8s-run already/,
    );
    assert.match(left({ containers: [web({ command: ['sh', '-c', 'exec k8s-run node a.js'] })] }), /already/);
    const assumed = { name: 'a', image: 'a:1', env: [{ name: 'K8S_RUN_GRACE', value: '9s' }] };
    assert.match(left({ containers: [assumed] }), /seems to have k8s-run/);
  });

  test('pods whose nodeAffinity requires Windows', () => {
    const affinityTo = (...terms: readonly (readonly object[])[]): object => ({
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: terms.map((matchExpressions) => ({ matchExpressions })),
        },
      },
    });
    const isIn = (...values: readonly string[]): object => ({ key: 'kubernetes.io/os', operator: 'In', values });
    const zone = { key: 'zone', operator: 'Exists' };
    const notLinux = { key: 'kubernetes.io/os', operator: 'NotIn', values: ['linux'] };
    for (const affinity of [affinityTo([isIn('windows')]), affinityTo([zone, isIn('windows')], [notLinux])])
      assert.match(left({ affinity, containers: [web()] }), /for Windows/);
    for (const affinity of [
      affinityTo([isIn('windows')], [zone]),
      affinityTo([isIn('windows', 'linux')]),
      affinityTo([isIn('linux')]),
      affinityTo(),
    ])
      assert.equal(inject(pod({ affinity, containers: [web()] })).changed, 1);
  });

  test('objects that others make, as kubectl get all prints them, when k8s-run is taken out too', () => {
    const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web-1', uid: '1', controller: true };
    const owned = pod({ containers: [web()] }, { name: 'p', ownerReferences: [owner] });
    for (const outcome of [inject(owned), remove(owned)]) {
      assert.equal(outcome.text, owned);
      assert.match(notesOf(outcome), /^Pod p is made by ReplicaSet web-1, which would not keep the change/);
    }
    const other = pod({ containers: [web()] }, { name: 'p', ownerReferences: [{ ...owner, controller: false }] });
    assert.equal(inject(other).changed, 1);
  });

  test('Services of Knative, which refuses most of it', () => {
    const template = { spec: { containers: [web()] } };
    const object = { kind: 'Service', metadata: { name: 's' }, spec: { template } };
    const text = JSON.stringify({ apiVersion: 'serving.knative.dev/v1', ...object });
    assert.equal(inject(text).text, text);
    assert.match(notesOf(inject(text)), /^Service s is of Knative, .* put k8s-run into the image/);
  });

  test('init systems that must be process 1, unless the container is named', () => {
    for (const program of ['/init', '/sbin/init', '/usr/sbin/init', '/lib/systemd/systemd', '/sbin/my_init']) {
      const text = pod({ containers: [web({ command: [program] })] });
      assert.equal(inject(text).text, text);
      assert.match(notesOf(inject(text)), /must be process 1 itself, so it is left alone/);
      assert.notEqual(inject(text, { containers: new Set(['web']) }).text, text);
    }
    const bare = pod({ containers: [{ name: 'web', image: 'web:1' }] });
    assert.equal(inject(bare, { entrypoints: new Map([['web', ['/init']]]) }).text, bare);
    assert.equal(specOf(injected({ command: ['/app/init'] }).outcome).initContainers?.length, 1);
  });

  test('init containers and native sidecars', () => {
    const outcome = inject(
      pod({ initContainers: [{ ...web(), name: 'side', restartPolicy: 'Always' }], containers: [web()] }),
    );
    assert.deepEqual(specOf(outcome).initContainers?.[1]?.command, ['node', 'server.js']);
  });

  test('what was not chosen', () => {
    assert.equal(left({ containers: [web()] }, { containers: new Set(['other']) }), '');
    const outcome = inject(pod({ containers: [{ name: 'no-command', image: 'a:1' }, web()] }), {
      containers: new Set(['web']),
    });
    assert.deepEqual(outcome.problems, []);
    const named = inject(pod({ containers: [{ ...web(), name: 'istio-proxy' }] }), {
      containers: new Set(['istio-proxy']),
    });
    assert.equal(named.changed, 1);
  });
});

describe('ENTRYPOINT', () => {
  const bare = { name: 'web', image: 'nginx:1.27' };
  const config = {
    names: ['nginx:1.27'],
    entrypoint: ['/docker-entrypoint.sh'],
    cmd: ['nginx', '-g', 'daemon off;'],
    stopSignal: 'SIGQUIT',
    user: null,
  };

  test('without command it is refused with one sentence, and nothing is changed', () => {
    const text = pod({ containers: [{ ...bare, args: ['x'] }] });
    const outcome = inject(text);
    assert.equal(outcome.text, text);
    assert.match(
      problemsOf(outcome),
      /^Pod p, container web has no command, and the ENTRYPOINT of nginx:1\.27 is not in a manifest: give --image-config FILE .*--entrypoint web=/,
    );
  });

  test('--entrypoint is taken for all of it, and args are kept', () => {
    const entrypoints = new Map([['web', ['a', '$(x)']]]);
    const outcome = inject(pod({ containers: [{ ...bare, args: ['x'] }] }), { entrypoints });
    const [container] = specOf(outcome).containers;
    // The kubelet makes $(x) of $$(x).
    assert.deepEqual(container?.command, ['/opt/k8s-run/bin/k8s-run', '--', 'a', '$$(x)']);
    assert.deepEqual(container?.args, ['x']);
    assert.equal('command' in (parse(remove(outcome.text).text).spec.containers[0] ?? {}), false);
  });

  test("the image's config tells ENTRYPOINT, CMD and STOPSIGNAL; args replace CMD", () => {
    for (const [args, command] of [
      [undefined, ['/docker-entrypoint.sh', 'nginx', '-g', 'daemon off;']],
      [['nginx-debug'], ['/docker-entrypoint.sh']],
    ] as const) {
      const outcome = inject(pod({ containers: [{ ...bare, ...(args && { args }) }] }), { imageConfigs: [config] });
      const [container] = specOf(outcome).containers;
      assert.deepEqual(container?.command, ['/opt/k8s-run/bin/k8s-run', '--', ...command]);
      const variables = Object.fromEntries((container?.env ?? []).map(({ name, value }) => [name, value]));
      assert.equal(variables['K8S_RUN_STOP_ON'], 'QUIT,TERM,INT');
      assert.equal(variables['K8S_RUN_STOP_SIGNAL'], 'QUIT');
    }
  });

  test('an image without ENTRYPOINT and CMD is refused, and one of k8s-run left alone', () => {
    const empty = { ...config, entrypoint: [], cmd: [] };
    assert.match(
      problemsOf(inject(pod({ containers: [bare] }), { imageConfigs: [empty] })),
      /no ENTRYPOINT and no CMD/,
    );
    const own = { ...config, entrypoint: ['/opt/k8s-run/bin/k8s-run'] };
    assert.match(notesOf(inject(pod({ containers: [bare] }), { imageConfigs: [own] })), /left alone/);
  });
});

describe('probes', () => {
  const http = { httpGet: { path: '/ok', port: 'http' } };
  const ports = { ports: [{ name: 'http', containerPort: 8080 }] };

  test('plain probes with one rhythm become variables, in which the period of Kubernetes is kept', () => {
    const { variables, container } = injected({
      ...ports,
      readinessProbe: http,
      livenessProbe: { tcpSocket: { port: 'http' } },
    });
    assert.deepEqual(variables, {
      READY: 'http://:8080/ok',
      LIVE: 'tcp://:8080',
      PROBE_PERIOD: '10s',
      STARTUP: 'none',
      TERMINATION_GRACE_PERIOD: '30s',
    });
    assert.deepEqual(container['readinessProbe'], {
      httpGet: { path: '/readyz', port: 20080 },
      periodSeconds: 2,
      timeoutSeconds: 2,
      failureThreshold: 1,
    });
  });

  test('the kubelet gives the app as much time to start as before, and keeps the grace period of a probe', () => {
    const startupProbe = {
      ...http,
      initialDelaySeconds: 5,
      periodSeconds: 3,
      failureThreshold: 20,
      terminationGracePeriodSeconds: 9,
    };
    const { container } = injected({ ...ports, startupProbe });
    assert.deepEqual(container['startupProbe'], {
      httpGet: { path: '/startupz', port: 20080 },
      periodSeconds: 1,
      failureThreshold: 65,
      // Beside the 9 s of the app those of k8s-run.
      terminationGracePeriodSeconds: 16,
    });
  });

  test('headers, two rhythms, an initial delay and words with quotes take a file, which is an annotation of the pod', () => {
    for (const [name, probes] of Object.entries({
      headers: { readinessProbe: { httpGet: { port: 80, httpHeaders: [{ name: 'Host', value: 'a' }] } } },
      rhythms: {
        readinessProbe: { tcpSocket: { port: 80 } },
        livenessProbe: { tcpSocket: { port: 80 }, periodSeconds: 3 },
      },
      delay: { readinessProbe: { tcpSocket: { port: 80 }, initialDelaySeconds: 3 } },
      host: { readinessProbe: { httpGet: { port: 80, host: 'other' } } },
      quotes: { livenessProbe: { exec: { command: ['sh', '-c', 'a b'] } } },
      variable: { livenessProbe: { exec: { command: ['echo', '$(A)'] } } },
    })) {
      const { variables, outcome, container } = injected(probes);
      assert.equal(variables['CONFIG'], '/etc/k8s-run/web.json', name);
      const file = JSON.parse(annotationsOf(outcome)['config.k8s-run/web'] ?? '');
      assert.deepEqual(Object.keys(file), Object.keys(probes), name);
      assert.deepEqual(specOf(outcome).volumes?.[1]?.['downwardAPI'], {
        items: [{ path: 'web.json', fieldRef: { fieldPath: "metadata.annotations['config.k8s-run/web']" } }],
      });
      assert.deepEqual(container.volumeMounts?.[1], {
        name: 'k8s-run-config',
        mountPath: '/etc/k8s-run',
        readOnly: true,
      });
    }
  });

  test('a probe that k8s-run cannot take over stays, and a note says so', () => {
    for (const readinessProbe of [{ httpGet: { port: 'nowhere' } }, { periodSeconds: 3 }, { tcpSocket: { port: 0 } }]) {
      const { container, outcome } = injected({ readinessProbe });
      assert.deepEqual(container['readinessProbe'], readinessProbe);
      assert.match(notesOf(outcome), /keeps its readinessProbe, because /);
    }
  });

  test('a worker without ports is ready as long as it runs', () => {
    assert.equal(injected({}).variables['READY'], 'process');
    assert.equal(injected(ports).variables['READY'], undefined);
  });
});

describe('the shutdown', () => {
  const preStop = (command: readonly string[]): object => ({ lifecycle: { preStop: { exec: { command } } } });

  test('a preStop hook that only sleeps becomes the delay', () => {
    for (const [hook, delay] of [
      [{ lifecycle: { preStop: { sleep: { seconds: 7 } } } }, '7s'],
      [preStop(['sleep', '7']), '7s'],
      [preStop(['/bin/sh', '-c', 'sleep 7']), '7s'],
      [preStop(['sh', '-ec', ' sleep 1m ']), '60s'],
    ] as const) {
      const { variables, container } = injected(hook);
      assert.equal(variables['SHUTDOWN_DELAY'], delay);
      assert.equal(container['lifecycle'], undefined);
    }
    const both = injected({
      lifecycle: { preStop: { sleep: { seconds: 1 } }, postStart: { exec: { command: ['a'] } } },
    });
    assert.deepEqual(both.container['lifecycle'], { postStart: { exec: { command: ['a'] } } });
  });

  test('a hook that does more stays, is said, and gets its time', () => {
    for (const hook of [preStop(['sh', '-c', 'sleep 5; nginx -s quit']), preStop(['sleep', '5', '6'])]) {
      const { variables, container, outcome } = injected(hook);
      assert.equal(variables['SHUTDOWN_DELAY'], undefined);
      assert.equal(variables['TERMINATION_GRACE_PERIOD'], undefined);
      assert.deepEqual(container['lifecycle'], (hook as Container)['lifecycle']);
      assert.match(notesOf(outcome), /keeps its preStop hook/);
      assert.equal(specOf(outcome).terminationGracePeriodSeconds, 37);
    }
  });

  test('an app beside a hook that stays has as much time as before', () => {
    const hook = preStop(['/drain.sh']);
    const long = { terminationGracePeriodSeconds: 600 };
    const { variables, outcome } = injected(hook, {}, long);
    assert.deepEqual([variables['GRACE'], specOf(outcome).terminationGracePeriodSeconds], ['600s', 607]);
    const given = injected(hook, { variables: new Map([['K8S_RUN_GRACE', '9s']]) }, long);
    assert.equal(given.variables['GRACE'], '9s');
    assert.equal(parse(inject(outcome.text).text).spec.terminationGracePeriodSeconds, 607);
  });

  test('the grace period of the pod is raised where the shutdown needs it, and told to k8s-run', () => {
    const graceOf = (
      seconds: number | undefined,
      settings: Partial<InjectSettings> = {},
    ): readonly [unknown, unknown] => {
      const { outcome, variables } = injected(
        {},
        settings,
        seconds === undefined ? {} : { terminationGracePeriodSeconds: seconds },
      );
      return [specOf(outcome).terminationGracePeriodSeconds, variables['TERMINATION_GRACE_PERIOD']];
    };
    assert.deepEqual(graceOf(undefined), [undefined, '30s']);
    assert.deepEqual(graceOf(90), [90, '90s']);
    assert.deepEqual(graceOf(10), [27, '27s']);
    assert.deepEqual(graceOf(undefined, { variables: new Map([['K8S_RUN_GRACE', '40s']]) }), [47, '47s']);
    assert.deepEqual(graceOf(90, { variables: new Map([['K8S_RUN_TERMINATION_GRACE_PERIOD', '50s']]) }), [50, '50s']);
  });

  test('options that contradict what the pod has are refused', () => {
    const outcome = inject(pod({ containers: [web({ lifecycle: { preStop: { sleep: { seconds: 20 } } } })] }), {
      variables: new Map([['K8S_RUN_TERMINATION_GRACE_PERIOD', '10s']]),
    });
    assert.match(problemsOf(outcome), /container web would not start: .*20s/);
  });

  test('the signal of the runtime begins the shutdown, and known programs get theirs', () => {
    const optionsOf = (more: object): unknown => {
      const { variables } = injected(more);
      return [variables['STOP_ON'], variables['STOP_SIGNAL'], variables['SIGNAL_SCOPE']];
    };
    assert.deepEqual(optionsOf({ image: 'nginx:1', command: ['nginx', '-g', 'daemon off;'] }), [
      'QUIT,TERM,INT',
      'QUIT',
      undefined,
    ]);
    assert.deepEqual(optionsOf({ command: ['nginx', '-g', 'daemon off;'] }), [undefined, 'QUIT', undefined]);
    assert.deepEqual(optionsOf({ command: ['celery', '-A', 'x', 'worker'] }), [undefined, undefined, 'process']);
    assert.deepEqual(optionsOf({ lifecycle: { stopSignal: 'SIGUSR1' } }), ['USR1,TERM,INT', 'USR1', undefined]);
    assert.deepEqual(optionsOf({}), [undefined, undefined, undefined]);
  });

  test('what the user gives goes before what was found out', () => {
    const variables = new Map([
      ['K8S_RUN_STOP_SIGNAL', 'INT'],
      ['K8S_RUN_READY', 'tcp://:1'],
      ['K8S_RUN_POST_EXIT', 'echo $(HOSTNAME)'],
    ]);
    const got = injected({ command: ['nginx'] }, { variables }).variables;
    assert.deepEqual([got['STOP_SIGNAL'], got['READY'], got['POST_EXIT']], ['INT', 'tcp://:1', 'echo $$(HOSTNAME)']);
  });
});

describe('taking it out', () => {
  test('what was changed since stays', () => {
    const once = inject(pod({ containers: [web({ env: [{ name: 'A', value: 'a' }] })] }));
    const value = parse(once.text);
    value.spec.containers[0].env.push({ name: 'NEW', value: 'n' });
    value.spec.containers[0].volumeMounts.push({ name: 'v', mountPath: '/v' });
    value.spec.volumes.push({ name: 'v', emptyDir: {} });
    value.spec.containers[0].image = 'web:2';
    value.metadata.annotations['mine'] = 'yes';
    const out = parse(remove(JSON.stringify(value)).text);
    assert.deepEqual(out.spec, {
      containers: [
        {
          ...web({ image: 'web:2' }),
          env: [
            { name: 'A', value: 'a' },
            { name: 'NEW', value: 'n' },
          ],
          volumeMounts: [{ name: 'v', mountPath: '/v' }],
        },
      ],
      volumes: [{ name: 'v', emptyDir: {} }],
    });
    assert.deepEqual(out.metadata.annotations, { mine: 'yes' });
  });

  test('a field that was written and changed since stays as it is, also a second time', () => {
    const text = pod({
      terminationGracePeriodSeconds: 5,
      containers: [web({ readinessProbe: { tcpSocket: { port: 80 } }, livenessProbe: { tcpSocket: { port: 81 } } })],
    });
    const value = parse(inject(text).text);
    const [container] = value.spec.containers;
    value.spec.terminationGracePeriodSeconds = 120;
    container.readinessProbe = { tcpSocket: { port: 90 } };
    // What the cluster fills in is no change, and a probe of k8s-run is taken out whatever its rhythm is.
    container.livenessProbe.httpGet.scheme = 'HTTP';
    container.livenessProbe.periodSeconds = 7;
    const wanted = parse(text);
    wanted.spec.terminationGracePeriodSeconds = 120;
    wanted.spec.containers[0].readinessProbe = { tcpSocket: { port: 90 } };
    const changed = JSON.stringify(value);
    assert.deepEqual(parse(remove(changed).text), wanted);
    assert.deepEqual(
      remove(changed).notes.map(({ object, text: note }) => `${object} ${note}`),
      ['readinessProbe of container web', 'terminationGracePeriodSeconds'].map(
        (field) => `Pod p keeps ${field} as it is now, because it was changed after k8s-run was injected`,
      ),
    );
    const again = parse(inject(changed).text);
    assert.equal(again.spec.terminationGracePeriodSeconds, 120);
    assert.match(JSON.stringify(again.spec.containers[0].env), /"tcp:\/\/:90"/);
    assert.deepEqual(parse(remove(JSON.stringify(again)).text), wanted);
  });

  test('other options, another image or another way replace what is there', () => {
    const text = pod({ containers: [web({ readinessProbe: { tcpSocket: { port: 80 } } })] });
    const first = inject(text).text;
    const settings: Partial<InjectSettings> = { via: 'image-volume', variables: new Map([['K8S_RUN_GRACE', '50s']]) };
    const second = inject(first, settings).text;
    assert.deepEqual(parse(second), parse(inject(text, settings).text));
    assert.equal(remove(second).text, text);
    assert.equal(inject(second).text, first);
  });

  test('a container that has gone, or a command that was changed, does no harm', () => {
    const once = parse(inject(pod({ containers: [web(), { ...web(), name: 'b' }] })).text);
    const without = structuredClone(once);
    without.spec.containers.pop();
    assert.deepEqual(parse(remove(JSON.stringify(without)).text).spec.containers, [web()]);
    once.spec.containers[0].command = ['another'];
    assert.match(problemsOf(remove(JSON.stringify(once))), /the command of web was changed since/);
  });

  test('a damaged record is said', () => {
    for (const record of ['', '{}', '{"version":1}', 'x']) {
      const text = pod({ containers: [web()] }, { name: 'p', annotations: { 'k8s-run/injected': record } });
      for (const outcome of [remove(text), inject(text)])
        assert.match(problemsOf(outcome), /^Pod p .*k8s-run\/injected is damaged/);
    }
  });
});

describe('manifests that cannot be changed', () => {
  const spec = (containers: string, before = ''): string =>
    `apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n${before}  containers:\n${containers}`;

  test('what has an anchor is changed alone: its aliases are written out, and come back', () => {
    const env = spec(
      '  - name: a\n    command: [a]\n    env: &env\n    - {name: A, value: a}\n  - name: b\n    command: [b]\n    env: *env\n',
    );
    const sizes = { a: [3, 1], b: [1, 3] } as const;
    for (const [name, wanted] of Object.entries(sizes)) {
      const outcome = inject(env, { containers: new Set([name]) });
      assert.deepEqual(
        specOf(outcome).containers.map((container) => container.env?.length),
        wanted,
      );
      assert.equal(remove(outcome.text).text, env);
    }
  });

  test('line ends and what is not changed stay as they are', () => {
    const text = spec('  - name: a\n    command: [a]\n');
    const carriage = text.replaceAll('\n', '\r');
    const once = inject(carriage);
    assert.equal(once.changed, 1);
    assert.doesNotMatch(once.text, /\n/);
    assert.equal(remove(once.text).text, carriage);
    const other = 'kind: Other\rapiVersion: v1\r\n# odd\r';
    assert.ok(inject(`${other}\n---\n${text}`).text.startsWith(other));
  });

  test('aliases that someone has written otherwise since stay as they are', () => {
    const env = spec(
      '  - name: a\n    command: [a]\n    env: &env\n    - {name: A, value: a}\n  - name: b\n    image: b:1\n    env: *env\n',
    );
    const { text } = inject(env, { containers: new Set(['a']) });
    const changed = text.replace('env: [{ name: A, value: a }]', 'env: [{ name: A, value: b }]');
    assert.notEqual(changed, text);
    assert.deepEqual(parse(remove(changed).text).spec.containers[1].env, [{ name: 'A', value: 'b' }]);
  });

  test('two containers with one name, one without, and too many aliases, are refused', () => {
    assert.match(problemsOf(inject(spec('  - {command: [a]}\n'))), /without a name/);
    assert.match(problemsOf(inject(spec('  - {name: a, command: [a]}\n  - {name: a, command: [b]}\n'))), /one name/);
    const bomb = Array.from({ length: 40 }, (_, n) => `  a${n + 1}: &a${n + 1} [*a${n}, *a${n}]\n`).join('');
    const text = spec('  - {name: a, command: [a]}\n', `  a0: &a0 [x]\n${bomb}`);
    assert.match(problemsOf(inject(text)), /aliases/);
  });

  test('what is no YAML, or a template, is said with its line', () => {
    assert.match(problemsOf(inject('a: [')), /not valid YAML/);
    assert.match(
      problemsOf(inject('apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {{ .Values.x }}\n')),
      /template/,
    );
    assert.equal(inject('just text\n').text, 'just text\n');
    assert.match(problemsOf(inject('['.repeat(100_000))), /./);
  });
});
