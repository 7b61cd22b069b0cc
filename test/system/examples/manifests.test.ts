import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseDuration } from '../../../src/duration.ts';
import { EXAMPLES } from '../../rig/example.ts';
import { BIN, cleanEnvironment } from '../../rig/supervised.ts';
import { built, type Container, manifestsOf, podSpecOf } from './built.ts';

const NAMES = readdirSync(EXAMPLES).filter((name) => existsSync(join(EXAMPLES, name, 'Dockerfile')));
const imageOf = (name: string): string => `k8s-run-example-${name}:1`;
/** How the README makes what the Dockerfile begins with, or copies from. */
const BASES = { node: /^k8s-run:node --target node \.\.\/\.\.$/, folder: /^k8s-run \.\.\/\.\.$/ } as const;
/** Seconds that k8s-run keeps for what comes after the app's exit. */
const RESERVE = 2;
const PHASES = { SHUTDOWN_DELAY: '5s', GRACE: '20s' } as const;
const HOOK = { HOOK_TIMEOUT: '10s' } as const;

test('every example has a Dockerfile, manifests, and says what to expect', () => {
  assert.ok(NAMES.length >= 14);
  for (const name of NAMES) {
    const page = readFileSync(join(EXAMPLES, name, 'README.md'), 'utf8');
    assert.match(page, /\*\*Expect:\*\*/, name);
    assert.match(page, /k8s-run .*-- |k8s-run --config/, name);
    const [base, image, loaded] = [...page.matchAll(/^docker build -t (.*)$|^kind load docker-image (\S+)/gm)].map(
      ([, made, brought]) => (made ?? brought ?? '').replace(/ +#.*/, ''),
    );
    assert.match(base ?? '', built(name).text.includes('FROM k8s-run:node') ? BASES.node : BASES.folder, name);
    assert.deepEqual([image, loaded], [`${imageOf(name)} .`, imageOf(name)]);
    assert.match(page, /^kubectl apply -f kubernetes\.yaml$[\s\S]*^kubectl delete -f kubernetes\.yaml /m, name);
  }
});

test('examples/README.md has each example once', () => {
  const page = readFileSync(join(EXAMPLES, 'README.md'), 'utf8');
  const listed = [...page.matchAll(/^\| \[([\w-]+)\]\(\1\) /gm)].map(([, name]) => name);
  assert.deepEqual(listed.toSorted(), NAMES.toSorted());
});

const FILES = NAMES.flatMap((name) =>
  globSync('kubernetes*.yaml', { cwd: join(EXAMPLES, name) }).map((file) => ({ name, file })),
);

for (const { name, file } of FILES) {
  test(`examples/${name}/${file}: the manifests agree with the Dockerfile, and meet the restricted standard`, () => {
    const { text, env } = built(name);
    assert.match(text, /^FROM k8s-run:node$|^ENTRYPOINT \["\/opt\/k8s-run\/bin\/k8s-run", "--"\]$/m);
    const documents = manifestsOf(name, file);
    const pods = documents.flatMap((document) => podSpecOf(document) ?? []);
    assert.equal(pods.length, 1);
    for (const pod of pods) {
      const ports: unknown[] = [];
      for (const container of [...(pod.initContainers ?? []), ...pod.containers]) {
        // Nobody's image on any registry, so that what is run is what was built here.
        assert.equal(container['image'], imageOf(name));
        assert.equal(container['imagePullPolicy'], 'IfNotPresent');
        const variables: Record<string, string> = { ...env };
        for (const each of container.env ?? []) variables[each.name] = each.value;
        assert.ok(
          needs(variables) <= pod.terminationGracePeriodSeconds,
          `${container.name} needs ${needs(variables)} s`,
        );
        ports.push(...healthPorts(container, variables));
        assert.deepEqual(container['securityContext'], {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
          seccompProfile: { type: 'RuntimeDefault' },
        });
      }
      assert.equal(new Set(ports).size, ports.length, 'containers of one pod share its ports');
    }
  });
}

test('k8s-run check finds nothing in the manifests of the examples', () => {
  const files = FILES.map(({ name, file }) => join(EXAMPLES, name, file));
  const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, 'check', ...files], {
    env: cleanEnvironment(),
    encoding: 'utf8',
    timeout: 60_000,
    killSignal: 'SIGKILL',
  });
  assert.equal(status, 0, stderr);
  assert.doesNotMatch(stdout, /^ +(error|warning) /m);
  assert.match(stdout, new RegExp(`in ${files.length} workloads`));
});

/** Seconds that the shutdown may take. */
function needs(variables: Readonly<Record<string, string>>): number {
  const phases = variables['K8S_RUN_PRE_STOP'] === undefined ? PHASES : { ...PHASES, ...HOOK };
  const milliseconds = Object.entries(phases).map(([phase, otherwise]) =>
    durationOf(variables[`K8S_RUN_${phase}`] ?? otherwise),
  );
  return milliseconds.reduce((total, each) => total + each, 0) / 1_000 + RESERVE;
}

function durationOf(text: string): number {
  const duration = parseDuration(text);
  if (typeof duration !== 'number') throw new Error(`not a duration: ${text}`);
  return duration;
}

/** The ports that its probes ask, by name or number; each must be k8s-run's. */
function healthPorts(container: Container, variables: Readonly<Record<string, string>>): readonly unknown[] {
  const ports = (container['ports'] ?? []) as readonly { name: string; containerPort: number }[];
  const wanted = Number(variables['K8S_RUN_HEALTH_PORT'] ?? 20_080);
  for (const probe of ['startupProbe', 'readinessProbe', 'livenessProbe']) {
    const asked = (container[probe] as { httpGet: { port: string } } | undefined)?.httpGet.port;
    if (asked === undefined) continue;
    assert.equal(ports.find(({ name }) => name === asked)?.containerPort, wanted, `${container.name}: ${probe}`);
  }
  return ports.map(({ containerPort }) => containerPort);
}
