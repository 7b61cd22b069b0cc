import { parse, stringify } from 'yaml';
import { injectText, type TextOutcome } from '../../../src/inject/inject-text.ts';
import type { InjectSettings } from '../../../src/inject/settings.ts';

export const SETTINGS: InjectSettings = {
  via: 'init-container',
  image: 'registry.example.com/k8s-run:1.0.0',
  containers: null,
  variables: new Map(),
  entrypoints: new Map(),
  imageConfigs: [],
  user: 65_532,
  medium: 'disk',
};

export function inject(text: string, settings: Partial<InjectSettings> = {}): TextOutcome {
  const task = { isChosen: () => true, nodePorts: new Set<number>(), version: '1.0.0' };
  return injectText(text, { ...task, settings: { ...SETTINGS, ...settings } });
}

export function remove(text: string): TextOutcome {
  return injectText(text, { settings: null, isChosen: () => true, nodePorts: new Set(), version: '1.0.0' });
}

/** What several containers have in common, for both ways to have it again: an alias, and a merge key. */
const SHARED = `x-probe: &probe
  httpGet: { path: /ok, port: 8080 }
  periodSeconds: 5
x-base: &base
  image: web:1
  command: [web]
  env:
    - { name: A, value: a }
  readinessProbe: *probe
  lifecycle:
    preStop: { sleep: { seconds: 4 } }
    postStart: { exec: { command: ["true"] } }
x-stop: &stop
  terminationGracePeriodSeconds: 9
  lifecycle:
    preStop: { sleep: { seconds: 2 } }
`;

/** Manifests as people write them. */
export const WRITTEN: Readonly<Record<string, string>> = {
  'a small Deployment': `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers:
        - name: web
          image: web:1
          command: [node, server.js]
`,
  'comments everywhere': `# first
apiVersion: apps/v1 # v1
kind: Deployment
metadata:
  name: web # the name
  # above labels
  labels: { app: web } # labels

# before spec
spec:
  selector: { matchLabels: { app: web } }
  template:
    metadata:
      # in metadata
      annotations:
        # in annotations
        a: b # b
        # after b
      labels: { app: web }
    spec:
      # above grace
      terminationGracePeriodSeconds: 20 # twenty
      # above volumes
      volumes: # volumes
        # first volume
        - name: data # data
          emptyDir: {}
        # after volumes
      initContainers: # init
        # migrate first
        - name: migrate
          image: web:1 # image
          # done
      # above containers
      containers: # containers
        # the app
        - name: web # web
          # its image
          image: web:1
          command: # command
            # the program
            - node # node
            # its file
            - server.js
          # above env
          env: # env
            # A
            - name: A
              value: a # a
            # after A

          # above the probe

          readinessProbe: # ready
            # http
            httpGet: # get
              path: /ready # path
              port: 8080
            # often
            periodSeconds: 5 # five
            # after the probe
          # above lifecycle

          # and more
          lifecycle: # lifecycle
            # stop
            preStop: # preStop
              sleep: { seconds: 7 } # seven
            # after lifecycle
          # above mounts
          volumeMounts: # mounts
            - { name: data, mountPath: /data } # mount
          # the end of web
        # the next one
        - name: other
          image: other:1
          command: ["other"] # words
          livenessProbe: { httpGet: { path: /live, port: 9090, httpHeaders: [{ name: Host, value: shop }] } } # flow
      # the end
  # of the template
`,
  'a list at the column of its key, and block scalars': `apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: db
spec:
  serviceName: db
  selector:
    matchLabels: {app: db}
  template:
    metadata:
      labels: {app: db}
    spec:
      containers:
      - name: db
        image: db:1
        command:
        - sh
        - -c
        - |
          echo one
          exec db --flag

        env:
        - name: LAST
          value: |+
            kept

        - name: FOLDED
          value: >-
            two
            lines
        lifecycle:
          postStart: {exec: {command: ["true"]}}
          preStop: {exec: {command: [sh, -c, sleep 5]}}
        startupProbe:
          tcpSocket: {port: 5432}
          failureThreshold: 30
          periodSeconds: 2
`,
  'all in flow': `{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: 'web:1', command: [node], lifecycle: {preStop: {sleep: {seconds: 3}}}, env: [], ports: [{containerPort: 80}], readinessProbe: {grpc: {port: 80}}}]}}}}
`,
  'empty and null fields': `apiVersion: v1
kind: Pod
metadata:
  name: p
  annotations:
spec:
  volumes: []
  initContainers:
  containers:
  - name: a
    image: a:1
    env: null
    volumeMounts: ~
    command: ["a"]
  - command: ['b']
    name: b
    image: b:1
    env: # none
    volumeMounts: [ ]
`,
  'the hook is the first field of a container': `apiVersion: v1
kind: Pod
metadata: {name: p}
spec:
  containers:
    - lifecycle: {preStop: {sleep: {seconds: 4}}}
      # its name
      name: a
      image: a:1
      command: [a]
`,
  'a long flow list over lines': `apiVersion: v1
kind: Pod
metadata: { name: p }
spec:
  containers: [
    {
      name: a,
      image: "a:1",
      command: [
        "a", # the program
        "b"
      ],
      lifecycle: { preStop: { sleep: { seconds: 4 } } },
      livenessProbe: { exec: { command: [cat, /tmp/alive] } }
    },
  ]
`,
  'quoted keys and words of YAML 1.1': `"apiVersion": "v1"
'kind': Pod
"metadata": {"name": "p"}
"spec":
  "containers":
    - "name": 'a'
      "image": 'a:1'
      "command": ['on', "yes", '--', "it's"]
      "readinessProbe": {"exec": {"command": ["sh", "-c", "test -f '/a b' && echo $HOME"]}}
`,
  'several documents': `---
# nothing here
---
apiVersion: v1
kind: Service
metadata: {name: s}
spec: {ports: [{port: 80}]}
...
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: c}
spec:
  schedule: "* * * * *"
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: Never
          containers:
          - name: c
            image: c:1
            command: [c]
--- # the last
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: d, namespace: n}
spec:
  selector: {matchLabels: {app: d}}
  template:
    metadata: {labels: {app: d}}
    spec:
      hostNetwork: true
      terminationGracePeriodSeconds: 90
      containers:
      - name: d
        image: d:1
        command: [d]
        readinessProbe: {httpGet: {port: 20080}, successThreshold: 2}
        resources: {limits: {memory: 1Gi}}
`,
  'a merge key and anchors that are not touched': `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels: &labels { app: web }
spec:
  selector: { matchLabels: *labels }
  template:
    metadata: { labels: *labels }
    spec:
      containers:
        - &base
          name: web
          image: web:1
          command: [web]
          resources: &resources { limits: { memory: 1Gi } }
          readinessProbe: &probe { httpGet: { path: /, port: 80 } }
          livenessProbe: *probe
      initContainers:
        - name: init
          image: web:1
          resources: *resources
`,
  'merge keys that have what is taken over': `${SHARED}apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      <<: *stop
      containers:
        - <<: *base
          name: first
        - name: second # the second
          <<: [*stop, *base]
          livenessProbe: # alive
            <<: *probe
            failureThreshold: 9
        - { <<: *base, name: third }
        - { name: fourth, <<: *base, livenessProbe: *probe }
        # the last
        - name: fifth
          <<: *base
          lifecycle:
            preStop: { exec: { command: [drain] } }
`,
  'anchors in what is changed, with aliases elsewhere': `apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      terminationGracePeriodSeconds: &grace 9
      activeDeadlineSeconds: *grace
      containers:
        - name: a
          image: &image web:1
          command: &command [web]
          env: &env # shared
            - { name: A, value: a }
            - name: B
              value: 'b: "c"'
          readinessProbe: &probe
            httpGet: { path: /, port: 80 }
          volumeMounts: &mounts
          - { name: data, mountPath: /d }
        - name: b
          image: *image
          command: *command
          env: *env
          readinessProbe: *probe
          livenessProbe: { <<: *probe, periodSeconds: 3 }
          volumeMounts: *mounts
      initContainers:
        - name: init
          image: *image
          env: *env
          volumeMounts: *mounts
      volumes:
        - name: data
          emptyDir: {}
`,
  'a container that others merge': `apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers:
        - &base
          name: a
          image: web:1
          command: [web]
          args: [serve]
          env:
            - { name: A, value: a }
        - <<: *base
          name: b
          args: [work]
        - { <<: *base, name: c }
        - name: proxy
          <<: *base
`,
};

type Manifest = { spec: unknown };

/** The same manifests as programs write them. */
export const FORMS: Readonly<Record<string, (text: string) => string | null>> = {
  'as it is': (text) => text,
  'with CRLF': (text) => text.replaceAll('\n', '\r\n'),
  'without a newline at the end': (text) => text.replace(/\n$/, ''),
  'with CRLF and without a newline at the end': (text) => text.replaceAll('\n', '\r\n').replace(/\r\n$/, ''),
  'with blank lines at the end': (text) => `${text}\n\n`,
  'as kubectl writes it': (text) => single(text, (value) => stringify(value, { indentSeq: false, lineWidth: 0 })),
  'with four spaces': (text) => single(text, (value) => stringify(value, { indent: 4 })),
  'as JSON': (text) => single(text, (value) => JSON.stringify(value)),
  'as JSON on lines': (text) => single(text, (value) => `${JSON.stringify(value, null, 4)}\n`),
  'as JSON on lines with tabs': (text) => single(text, (value) => `${JSON.stringify(value, null, '\t')}\n`),
  'in a List': (text) =>
    single(text, (value) => stringify({ apiVersion: 'v1', kind: 'List', items: [value, OTHER, value] }, YAML)),
  'in a ResourceList': (text) =>
    single(text, (value) =>
      stringify({ apiVersion: 'config.kubernetes.io/v1', kind: 'ResourceList', items: [OTHER, value] }, YAML),
    ),
  'in a List as JSON': (text) =>
    single(text, (value) => JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [value, OTHER] }, null, 2)),
};

const YAML = { aliasDuplicateObjects: false } as const;
const OTHER = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' }, data: { a: 'b\n' } };

function single(text: string, write: (value: Manifest) => string): string | null {
  return /^---/m.test(text) ? null : write(parse(text, { merge: true }));
}
