import { ISTIO, KNATIVE, LIGHTSHIP, page, source, TERMINUS, tested } from './cells.ts';
import type { Row } from './rows.ts';

const POD_TERMINATION = 'https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination';
const ENVOY_DRAINING = 'https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/operations/draining';
const ISTIO_ARCHITECTURE = 'https://istio.io/latest/docs/ops/deployment/architecture/';
const QUEUE_PROXY = 'pkg/queue/sharedmain/main.go';
const PILOT_AGENT = 'pkg/envoy/agent.go';
const STATUS_SERVER = 'pilot/cmd/pilot-agent/status/server.go';
const CREATE_LIGHTSHIP = 'src/factories/createLightship.ts';
const KUBELET = source(POD_TERMINATION, 'SIGKILL, by the kubelet');

/** What drains and answers probes elsewhere: in a proxy of the pod, or in the app. */
export const PROXIES: readonly Row[] = [
  {
    name: 'what it is',
    cells: {
      'k8s-run': page('explanation/lifecycle.md', 'the parent of the app'),
      'Knative queue-proxy': KNATIVE(QUEUE_PROXY, 'a proxy in each pod of a Knative Service'),
      'Istio pilot-agent': ISTIO(PILOT_AGENT, 'the parent of Envoy, the proxy in each pod of the mesh'),
      lightship: LIGHTSHIP('README.md', 'a library for Node'),
      terminus: TERMINUS('README.md', 'a library for Node'),
    },
  },
  {
    name: 'for which apps',
    cells: {
      'k8s-run': page('how-to/languages/README.md', '**any**'),
      'Knative queue-proxy': KNATIVE('pkg/queue/sharedmain/handlers.go', 'HTTP servers'),
      'Istio pilot-agent': source(ISTIO_ARCHITECTURE, '**any** that serves TCP'),
      lightship: LIGHTSHIP('README.md', 'in Node, with calls of it in the app'),
      terminus: TERMINUS('README.md', 'HTTP servers in Node, with calls of it in the app'),
    },
  },
  {
    name: 'a hop for each request',
    cells: {
      'k8s-run': page('explanation/connections.md', 'no'),
      'Knative queue-proxy': KNATIVE('pkg/queue/sharedmain/handlers.go', 'yes'),
      'Istio pilot-agent': source(ISTIO_ARCHITECTURE, 'yes, of Envoy'),
      lightship: LIGHTSHIP(CREATE_LIGHTSHIP, 'no'),
      terminus: TERMINUS('lib/terminus.js', 'no'),
    },
  },
  {
    name: 'a delay before the app is stopped',
    cells: {
      'k8s-run': tested('shutdown/delay', '`--shutdown-delay`, 5 s'),
      'Knative queue-proxy': KNATIVE(
        'pkg/reconciler/revision/resources/deploy.go',
        "until 30 s without a request: the app's preStop hook waits for the proxy",
      ),
      'Istio pilot-agent': ISTIO(PILOT_AGENT, 'of the proxy alone: `terminationDrainDuration`, 5 s'),
      lightship: LIGHTSHIP(CREATE_LIGHTSHIP, '`shutdownDelay`, 5 s'),
      terminus: TERMINUS('README.md', 'none, unless `beforeShutdown` waits'),
    },
  },
  {
    name: 'waits for requests in flight',
    cells: {
      'k8s-run': page('explanation/connections.md', "`--drain-connections`: **inferred** from the kernel's counters"),
      'Knative queue-proxy': KNATIVE(QUEUE_PROXY, '**yes**, it sees each of them'),
      'Istio pilot-agent': ISTIO(PILOT_AGENT, 'for connections, with `EXIT_ON_ZERO_ACTIVE_CONNECTIONS`'),
      lightship: LIGHTSHIP(CREATE_LIGHTSHIP, 'for beacons that the app makes'),
      terminus: TERMINUS('lib/terminus.js', '**yes**, for `timeout`, 1 s'),
    },
  },
  {
    name: 'asks clients to leave',
    cells: {
      'k8s-run': page('how-to/drain.md', '`--node-drain`, **only of apps in Node**'),
      'Knative queue-proxy': KNATIVE(QUEUE_PROXY, 'no; it closes idle connections at its end'),
      'Istio pilot-agent': source(ENVOY_DRAINING, '**of any app**: `Connection: close`, GOAWAY'),
      lightship: LIGHTSHIP(CREATE_LIGHTSHIP, 'no'),
      terminus: TERMINUS('lib/terminus.js', 'no; it closes idle connections'),
    },
  },
  {
    name: 'liveness while the app is terminating',
    cells: {
      'k8s-run': tested('shutdown/readiness', 'passes'),
      'Knative queue-proxy': KNATIVE('pkg/reconciler/revision/resources/deploy.go', 'as the app answers'),
      'Istio pilot-agent': ISTIO(STATUS_SERVER, 'as the app answers'),
      lightship: LIGHTSHIP(CREATE_LIGHTSHIP, 'fails: `/live` is 500'),
      terminus: TERMINUS('lib/terminus.js', 'fails with 503, unless `sendFailuresDuringShutdown: false`'),
    },
  },
  {
    name: 'an app that does not stop',
    cells: {
      'k8s-run': tested('shutdown/grace', 'SIGKILL, with the reason in the log'),
      'Knative queue-proxy': KUBELET,
      'Istio pilot-agent': KUBELET,
      lightship: LIGHTSHIP(CREATE_LIGHTSHIP, 'exit code 1 after a time-out, if its event loop turns'),
      terminus: KUBELET,
    },
  },
];
