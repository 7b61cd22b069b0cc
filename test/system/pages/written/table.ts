import type { Program } from '../../../../scripts/programs.js';
import {
  ANY_APP,
  GRPC_SERVER,
  HTTP_SERVER,
  IMAGE_OF_SHOP,
  JAVA_APP,
  MAKE_DATABASE,
  MANIFEST,
  POSTGRES,
  PSQL,
  WITHOUT_COMMAND,
  WORKER,
} from './files.ts';
import { elsewhere, ends, goesOn, notRun, type Way } from './ways.ts';

/**
 * `files`: what the reader has beside the page. `before`: a script that makes the rest of it. `lines`: how each line of the page is
 * tested, and each block that is neither typed nor YAML nor a Dockerfile; by how it begins.
 */
export type Page = {
  readonly files?: Readonly<Record<string, string>>;
  readonly before?: string;
  readonly needs?: readonly Program[];
  /** Its blocks do not build on one another, and take long: they are typed at the same time. */
  readonly apart?: true;
  readonly lines: Readonly<Record<string, Way>>;
};

const NOT_HERE = {
  docker: notRun(
    'docker and its base images come from a registry; test/containers builds these Dockerfiles and runs the images',
  ),
  cluster: notRun(
    'it takes a cluster: test/cluster applies the manifests, restarts Deployments and counts the requests',
  ),
} as const;
const SNIPPETS = elsewhere('test/system/pages/snippets.test.ts');
const HOW_TO = elsewhere('test/system/pages/how-to.test.ts');
const TUTORIAL = elsewhere('test/system/pages/tutorial.test.ts');
const INSTALL = elsewhere('test/install/first-minute.cases.ts');
const KUBECTL = elsewhere('test/system/package/kubectl.test.ts');
const RELEASE = elsewhere('test/release/release.cases.ts');
const POST_MORTEM = elsewhere('test/system/pages/post-mortem.test.ts');
const NO_RELEASE = notRun('there is no release yet');

const REPORT = /^ {2}requests +\d+ of \d+ failed/m;
/** Requests may be lost: the reader's server has no handler for signals. */
const rehearses = (): Way => ends({ code: [0, 1], prints: REPORT });

export const TABLE: Readonly<Record<string, Page>> = {
  'README.md': {
    files: { 'server.js': HTTP_SERVER },
    lines: {
      'npm ci && npm pack': INSTALL,
      'npm install --global ./k8s-run-0.1.0.tgz': INSTALL,
      'npm ci && npm run demo': INSTALL,
      'npm test': notRun('it is what runs this'),
      'docker ': NOT_HERE.docker,
      'curl localhost:20080/readyz': NOT_HERE.docker,
      'k8s-run rehearse --compare': rehearses(),
      ' 0 s ': elsewhere('test/system/pages/as-written.test.ts'),
    },
  },
  'docs/tutorial.md': {
    lines: {
      'npm ci': INSTALL,
      'export PATH=': INSTALL,
      'alias k8s-run=': INSTALL,
      'npm run demo': TUTORIAL,
      '51 requests lost': TUTORIAL,
      'k8s-run ': TUTORIAL,
      '20:31:': TUTORIAL,
      'curl ': TUTORIAL,
      'docker ': NOT_HERE.docker,
      'curl -i localhost:20080/readyz': TUTORIAL,
      'kubectl ': NOT_HERE.cluster,
    },
  },
  'docs/how-to/ci.md': {
    files: { 'deploy/web.yaml': MANIFEST },
    lines: {
      'k8s-run check ': ends(),
      'helm template': ends({
        instead: { 'helm template charts/web --values charts/web/values-production.yaml': 'cat deploy/web.yaml' },
      }),
      'kustomize build': ends({ instead: { 'kustomize build overlays/production': 'cat deploy/web.yaml' } }),
    },
  },
  'docs/how-to/config-file.md': {
    files: {
      'server.js': HTTP_SERVER,
      '/etc/k8s-run.yaml': 'readinessProbe:\n  httpGet: { path: /ready, port: 8080 }\n',
    },
    lines: {
      'k8s-run --config': goesOn(),
      'cannot use /etc/k8s-run.yaml': elsewhere('test/system/pages/config-file.test.ts'),
      '{': elsewhere('test/unit/config/schema.test.ts'),
    },
  },
  'docs/how-to/configmaps-and-secrets.md': {
    files: {
      'server.js': HTTP_SERVER,
      '/etc/nginx/conf.d/web.conf': 'server { listen 8080; }\n',
      '/etc/web/MODE': 'live\n',
      '/etc/app/settings': 'a\n',
      '/app/server': ANY_APP,
      '/app/reload': '#!/bin/sh\n',
    },
    needs: ['nginx'],
    lines: {
      'k8s-run --watch /etc/nginx': goesOn({ codes: [0] }),
      'k8s-run --env-dir': goesOn(),
      'k8s-run --watch /etc/app': goesOn({ codes: [0] }),
    },
  },
  'docs/how-to/databases-and-brokers.md': {
    files: { '/usr/local/bin/postgres': POSTGRES, '/usr/local/bin/psql': PSQL },
    before: MAKE_DATABASE,
    needs: ['postgres', 'setpriv'],
    lines: {
      'k8s-run --stop-signal': goesOn({ codes: [0] }),
      'k8s-run --pre-stop': goesOn({ codes: [0] }),
    },
  },
  'docs/how-to/drain.md': {
    files: { 'server.js': HTTP_SERVER, '.next/standalone/server.js': HTTP_SERVER, app: ANY_APP },
    lines: {
      'k8s-run --node-drain': goesOn(),
      'PORT=8080 k8s-run --node-drain': goesOn(),
      'k8s-run --events': goesOn({ codes: [0] }),
      'k8s-run --drain-signal': goesOn({ codes: [0] }),
      'import { connect }': elsewhere('test/system/pages/drain.test.ts'),
      'import asyncio': elsewhere('test/system/pages/drain.test.ts'),
      'conn, err': notRun('an excerpt of a program in Go; those in JavaScript and Python beside it are run'),
    },
  },
  'docs/how-to/elsewhere.md': {
    lines: { 'docker ': NOT_HERE.docker, '{': SNIPPETS, 'group "web"': notRun('only Nomad reads its jobs') },
  },
  'docs/how-to/hooks.md': {
    files: {
      '/etc/hosts': '127.0.0.1 localhost db\n::1 config\n',
      'others.js':
        "const { createServer } = require('node:http');\nconst answer = (_, response) => response.end();\ncreateServer(answer).listen(5432, '127.0.0.1'); createServer(answer).listen(15020); createServer(answer).listen(8080, '::1');\n",
      'server.js': HTTP_SERVER.replace('listen(port)', "listen(port, '0.0.0.0')"),
      server: ANY_APP.replace('listen(8080)', "listen(8080, '0.0.0.0')"),
      migrate: '#!/bin/sh\n[ "$1" = up ] && echo migrated\n',
      '/usr/local/bin/consul-leave': '#!/bin/sh\necho "$1 has left"\n',
      job: '#!/bin/sh\necho done\n',
      worker: WORKER,
    },
    before: 'node others.js >/dev/null 2>&1 &',
    lines: {
      'k8s-run --wait-for': goesOn(),
      'k8s-run --pre-start': goesOn({ codes: [0] }),
      'k8s-run --pre-stop': goesOn({ codes: [0] }),
      'k8s-run --post-exit': ends({ prints: /^done$/m }),
      'k8s-run --restart': goesOn({ shows: /^up$/m, codes: [0] }),
    },
  },
  'docs/how-to/install.md': {
    lines: {
      'docker ': NOT_HERE.docker,
      'npm ci && npm run build:bundle': notRun('a step of .ci/run, which snippets.test.ts looks up there'),
      'npm run test:bundle': notRun('a step of .ci/run, which snippets.test.ts looks up there'),
      'man ': INSTALL,
      'npm install --global --prefix': INSTALL,
      'k8s-run: cannot use': SNIPPETS,
      'tar -C /opt ': RELEASE,
      'apt-get install ./k8s-run_': RELEASE,
      'skopeo copy ': NOT_HERE.docker,
      'sha256sum --check': RELEASE,
      'cosign ': NO_RELEASE,
      'gh attestation ': NO_RELEASE,
      'npm audit signatures': NO_RELEASE,
    },
  },
  'docs/how-to/kubernetes.md': { lines: { 'preStop + hooks': SNIPPETS } },
  'docs/how-to/limits.md': { lines: { UV_THREADPOOL_SIZE: HOW_TO, 'eval ': HOW_TO } },
  'docs/how-to/manifests.md': {
    files: {
      'deploy/web.yaml': MANIFEST,
      'deployment.yaml': MANIFEST,
      '/root/.zshrc': 'autoload -U compinit; compinit\n',
    },
    needs: ['zsh', 'fish'],
    lines: {
      'k8s-run manifest ': ends(),
      'kubectl kustomize ../base |': ends({ instead: { 'kubectl kustomize ../base': 'cat deploy/web.yaml' } }),
      'k8s-run check deploy/': ends(),
      'helm template . |': ends({ instead: { 'helm template .': 'cat deploy/web.yaml' } }),
      'kustomize build . |': ends({ instead: { 'kustomize build .': 'cat deploy/web.yaml' } }),
      'kubectl get deployments -o yaml |': ends({
        instead: { 'kubectl get deployments -o yaml': 'cat deploy/web.yaml' },
      }),
      'web.yaml Deployment web': elsewhere('test/system/check/examples.test.ts'),
      'ln -s /opt/k8s-run/bin/k8s-run ': KUBECTL,
      'kubectl k8s-run check ': KUBECTL,
      'kubectl get deployment web ': KUBECTL,
      'source <(k8s-run completion bash)': ends({ look: 'complete -p k8s-run', prints: /_k8s_run/ }),
      'source <(k8s-run completion zsh)': ends({ shell: 'zsh -i', look: 'print $_comps[k8s-run]', prints: /_k8s.run/ }),
      'k8s-run completion fish': ends({
        shell: 'fish',
        look: 'complete -C "k8s-run --shutdown-d"',
        prints: /^--shutdown-delay/m,
      }),
    },
  },
  'docs/how-to/meshes-and-load-balancers.md': { lines: { 'delay ': SNIPPETS } },
  'docs/how-to/metrics.md': {
    files: { 'server.js': HTTP_SERVER },
    lines: {
      '{namespace="shop"}': notRun('a query that only Loki reads'),
      'k8s-run ': goesOn(),
      'curl localhost:20080/metrics': ends({ prints: /^# HELP k8s_run_/m }),
    },
  },
  'docs/how-to/migrating.md': {
    files: { 'server.js': HTTP_SERVER, '/usr/local/bin/app': ANY_APP },
    lines: {
      'k8s-run --stop-on none': goesOn(),
      'k8s-run --grace 1600ms': goesOn(),
      'k8s-run --stop-signal': goesOn({ codes: [0] }),
    },
  },
  'docs/how-to/post-mortem.md': {
    lines: {
      'k8s-run ': POST_MORTEM,
      'import faulthandler': POST_MORTEM,
      'post-mortem: ': elsewhere('test/system/hooks/post-mortem.test.ts'),
    },
  },
  'docs/how-to/probes.md': {
    files: { server: GRPC_SERVER },
    lines: {
      'k8s-run --ready grpc': goesOn(),
      "$ curl 'localhost:20080/readyz?verbose'": elsewhere('test/system/pages/config-file.test.ts'),
    },
  },
  'docs/how-to/rehearse.md': {
    files: { 'server.js': HTTP_SERVER, server: HTTP_SERVER },
    needs: ['python3'],
    apart: true,
    lines: { 'k8s-run rehearse': rehearses() },
  },
  'docs/how-to/resize.md': {
    files: {
      'server.js': HTTP_SERVER,
      'App.java': JAVA_APP,
      '/app/server': ANY_APP,
      '/app/set-pool-size': '#!/bin/sh\n',
    },
    before: 'javac App.java && jar --create --file app.jar --main-class App App.class',
    needs: ['java'],
    lines: {
      'k8s-run --on-resize HUP': goesOn(),
      'k8s-run --on-resize restart': goesOn(),
      "k8s-run --on-resize 'exec:": goesOn({ codes: [0] }),
      '{"level":"info","event":"resized"': elsewhere('test/vm/resize.cases.ts'),
      '$ kubectl exec my-pod': elsewhere('test/vm/resize.cases.ts'),
    },
  },
  'docs/how-to/signals.md': { lines: {} },
  'docs/how-to/termination-message.md': {
    lines: {
      'k8s-run ': HOW_TO,
      '$ kubectl describe pod': elsewhere('test/cluster/cases/exits.cases.ts'),
      'server was ended by SIGKILL': elsewhere('test/vm/oom.cases.ts'),
    },
  },
  'docs/how-to/traces.md': {
    files: {
      '/etc/hosts': '127.0.0.1 localhost otel-collector\n',
      'collector.js': "require('node:http').createServer((_, response) => response.end('{}')).listen(4318);\n",
      'server.js': HTTP_SERVER,
    },
    before: 'node collector.js >/dev/null 2>&1 &',
    lines: {
      'k8s-run --otlp http': goesOn(),
      'k8s-run --otlp env': elsewhere('test/system/otlp/collector.test.ts'),
    },
  },
  'docs/how-to/try-it.md': {
    files: { 'web.yaml': MANIFEST, 'bare.yaml': WITHOUT_COMMAND, 'shop.json': IMAGE_OF_SHOP },
    lines: {
      'docker build': NOT_HERE.docker,
      'docker image inspect shop:1': NOT_HERE.docker,
      'image=': ends(),
      'kubectl get deployment web -o yaml > web.yaml': NOT_HERE.cluster,
      'k8s-run inject --image $image --dry-run=diff': ends({ prints: /^\+.*k8s-run/m }),
      'k8s-run inject --image $image web.yaml |': ends({ instead: { 'kubectl replace -f -': 'k8s-run check -' } }),
      'kubectl rollout status': NOT_HERE.cluster,
      'kubectl get deployment web -o yaml | k8s-run inject --remove': ends({
        instead: { 'kubectl get deployment web -o yaml': 'cat web.yaml', 'kubectl replace -f -': 'cat' },
        prints: /^kind: Deployment$/m,
      }),
      'k8s-run inject: web.yaml:1': elsewhere('test/system/pages/try-it.test.ts'),
      'k8s-run inject --image $image --image-config': ends({
        instead: { 'web.yaml': 'bare.yaml' },
        prints: /docker-entrypoint\.sh/,
      }),
      'k8s-run inject --image $image --entrypoint': ends({
        instead: { 'web.yaml': 'bare.yaml' },
        prints: /docker-entrypoint\.sh/,
      }),
      'helm upgrade': notRun('helm is not in Debian; the command that it would run is'),
      'kustomize build --enable-alpha-plugins': elsewhere('test/system/pages/try-it.test.ts'),
    },
  },
};
