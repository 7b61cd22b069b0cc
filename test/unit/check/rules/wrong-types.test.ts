import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { found, service, workload } from './checked.ts';

type Case = readonly [what: string, object: object, reason: string, fix: string];
const spec = (more: object): object => workload('Deployment', more);
const pod = (more: object): object => workload('Deployment', {}, more);
const container = (more: object): object => workload('Deployment', {}, {}, more);
const update = (more: object): object => spec({ strategy: { rollingUpdate: more } });

describe('a value of another type than its field', () => {
  const cases: readonly Case[] = [
    [
      'replicas',
      spec({ replicas: '2' }),
      'replicas, because it must be a whole number, and "2" is a string',
      'Remove the quotes: 2',
    ],
    [
      'a word',
      spec({ replicas: 'two' }),
      'replicas, because it must be a whole number, and "two" is a string',
      'Write a whole number',
    ],
    [
      'no word',
      spec({ replicas: '' }),
      'replicas, because it must be a whole number, and "" is a string',
      'Write a whole number',
    ],
    [
      'a boolean',
      spec({ replicas: true }),
      'replicas, because it must be a whole number, and true is a boolean',
      'Write a whole number',
    ],
    [
      'a unit',
      pod({ terminationGracePeriodSeconds: '30s' }),
      'terminationGracePeriodSeconds, because it must be a whole number, and "30s" is a string',
      'Write the seconds alone: 30',
    ],
    [
      'a fraction',
      pod({ terminationGracePeriodSeconds: 2.5 }),
      'terminationGracePeriodSeconds, because it must be a whole number, and 2.5 is none',
      'Write a whole number: 3',
    ],
    [
      'a fraction of a period',
      container({ readinessProbe: { exec: { command: ['x'] }, periodSeconds: 1.5 } }),
      'readinessProbe.periodSeconds of web, because it must be a whole number, and 1.5 is none',
      'Write a whole number: 2',
    ],
    [
      'a port in quotes',
      container({ ports: [{ name: 'http', containerPort: '8080' }] }),
      'ports[http].containerPort of web, because it must be a whole number, and "8080" is a string',
      'Remove the quotes: 8080',
    ],
    [
      'the port of a probe in quotes',
      container({ livenessProbe: { tcpSocket: { port: '8080' } } }),
      'livenessProbe.tcpSocket.port of web, because it must be a whole number or the name of a port, and "8080" is a name without a letter',
      'Remove the quotes: 8080',
    ],
    [
      'a number of pods in quotes',
      update({ maxSurge: '1' }),
      'strategy.rollingUpdate.maxSurge, because it must be a whole number or a percentage, and "1" is neither',
      'Remove the quotes: 1',
    ],
    [
      'a fraction of a pod',
      update({ maxUnavailable: 0.5 }),
      'strategy.rollingUpdate.maxUnavailable, because it must be a whole number or a percentage, and 0.5 is none',
      'Write a whole number: 1',
    ],
    [
      'a percentage with a fraction',
      update({ maxUnavailable: '12.5%' }),
      'strategy.rollingUpdate.maxUnavailable, because it must be a whole number or a percentage, and "12.5%" is neither',
      'Write a whole number',
    ],
    [
      'a command',
      container({ command: 'node server.js --port 8080' }),
      'command of web, because it must be a list, and it is a string',
      'command: [node, server.js, --port, "8080"]',
    ],
    [
      'a script',
      container({ args: 'cd /app && node server.js' }),
      'args of web, because it must be a list, and it is a string',
      'Write a list of words; that of a script is [sh, -c, the script]',
    ],
    [
      'a word of a command',
      container({ command: ['sleep', 5] }),
      'command[1] of web, because it must be a string, and 5 is a number',
      'Put it in quotes',
    ],
    [
      'variables as a map',
      container({ env: { DEBUG: '1' } }),
      'env of web, because it must be a list, and it is a map',
      'Write a list: a - before each item of env',
    ],
    [
      'limits as a list',
      container({ resources: { limits: [{ memory: '64Mi' }] } }),
      'resources.limits of web, because it must be a map, and it is a list',
      'Write a map: no - before the keys of limits',
    ],
    [
      'a strategy',
      spec({ strategy: 'Recreate' }),
      'strategy, because it must be a map, and it is a string',
      'strategy: { type: Recreate }',
    ],
    [
      'a boolean in quotes',
      pod({ hostNetwork: 'true' }),
      'hostNetwork, because it must be true or false, and "true" is a string',
      'Remove the quotes: true',
    ],
    [
      'a label of a node',
      pod({ nodeSelector: { gpu: true } }),
      'nodeSelector[gpu], because it must be a string, and true is a boolean',
      'Put it in quotes',
    ],
    [
      'a label of the pods',
      spec({
        template: { metadata: { labels: { version: 1.5 } }, spec: { containers: [{ name: 'web', image: 'web' }] } },
      }),
      'metadata.labels[version] of the template, because it must be a string, and 1.5 is a number',
      'Put it in quotes',
    ],
    [
      'the partition of a StatefulSet',
      workload('StatefulSet', { updateStrategy: { rollingUpdate: { partition: '1' } } }),
      'updateStrategy.rollingUpdate.partition, because it must be a whole number, and "1" is a string',
      'Remove the quotes: 1',
    ],
    [
      'the tries of a Job',
      workload('Job', { backoffLimit: '1' }),
      'backoffLimit, because it must be a whole number, and "1" is a string',
      'Remove the quotes: 1',
    ],
    [
      'a port of a Service',
      service({ ports: [{ name: 'http', port: '80' }] }),
      'spec.ports[http].port, because it must be a whole number, and "80" is a string',
      'Remove the quotes: 80',
    ],
    [
      'a value of a ConfigMap',
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' }, data: { PORT: 8080 } },
      'data[PORT], because it must be a string, and 8080 is a number',
      'Put it in quotes',
    ],
    [
      'a budget',
      { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'x' }, spec: { maxUnavailable: '1' } },
      'spec.maxUnavailable, because it must be a whole number or a percentage, and "1" is neither',
      'Remove the quotes: 1',
    ],
    [
      'the fewest pods of an autoscaler',
      {
        apiVersion: 'autoscaling/v2',
        kind: 'HorizontalPodAutoscaler',
        metadata: { name: 'x' },
        spec: { minReplicas: '2' },
      },
      'spec.minReplicas, because it must be a whole number, and "2" is a string',
      'Remove the quotes: 2',
    ],
  ];
  for (const [what, object, reason, fix] of cases)
    test(what, () => {
      assert.deepEqual(
        found('wrong-type', [object]).map((each) => [each.severity, each.reason, each.fix]),
        [['error', `The API server rejects ${reason}`, fix]],
      );
    });
});

describe('a value that the API server takes, or that a tool replaces before', () => {
  const cases: readonly (readonly [what: string, object: object])[] = [
    ['30.0', pod({ terminationGracePeriodSeconds: 'PLAIN-30.0' })],
    ['a number as in YAML 1.1', spec({ replicas: 'PLAIN-1_0' })],
    ['nothing', container({ command: null, env: null, ports: null })],
    ['a number of pods and a percentage', update({ maxSurge: 1, maxUnavailable: '0%' })],
    ['the name of a port', container({ livenessProbe: { tcpSocket: { port: 'p8080' } } })],
    [
      'a number or a name as targetPort',
      service({
        ports: [
          { port: 80, targetPort: 8080 },
          { port: 81, targetPort: 'http' },
        ],
      }),
    ],
    ['yes as a boolean', pod({ hostNetwork: 'PLAIN-yes' })],
    ['quantities of both types', container({ resources: { limits: { cpu: 1.5, memory: 67_108_864 } } })],
    ['labels from an anchor', pod({ nodeSelector: { a: 'b', 'PLAIN-<<': {} } })],
    ...[
      '$(REPLICAS)',
      '<replicas>',
      '__REPLICAS__',
      '%REPLICAS%',
      'REPLICAS',
      '$'.concat('{REPLICAS}'),
      'app-$'.concat('{REPLICAS}'),
    ].map((text) => [text, spec({ replicas: text })] as const),
    [
      'fields that a kind of another project has',
      {
        ...workload('StatefulSet', { updateStrategy: { rollingUpdate: { partition: '50%' } } }),
        apiVersion: 'apps.kruise.io/v1',
      },
    ],
  ];
  for (const [what, object] of cases) test(what, () => assert.deepEqual(found('wrong-type', [object]), []));
});
