import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BIN } from '../test/rig/supervised.ts';
import { alternate, type Measure } from './measure.ts';
import { folder } from './scratch.ts';

export const deployment = (name: string, extra = ''): string => `apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name} }
spec:
  replicas: 2
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec:
      terminationGracePeriodSeconds: 30
      containers:
        - name: app
          image: example.com/app:1
          command: [k8s-run, --, node, server.js]
          ports: [{ containerPort: 8080 }]
          readinessProbe: { httpGet: { path: /readyz, port: 20080 } }
${extra}`;

const FILES: Readonly<Record<string, () => string>> = {
  'one Deployment': () => deployment('web'),
  '10,000 documents': () => Array.from({ length: 10_000 }, (_, index) => deployment(`web-${index}`)).join('---\n'),
  'a file of 4 MB with one Deployment and a ConfigMap': () =>
    `${deployment('web')}---\napiVersion: v1\nkind: ConfigMap\nmetadata: { name: data }\ndata:\n  text: |\n${'    some line of a configuration that is kept here\n'.repeat(80_000)}`,
  '40,000 blank lines': () => `${deployment('web')}---${'\n'.repeat(40_000)}${deployment('other')}`,
};

/** From exec to exit: what a commit hook or a pipeline waits for. */
export const checkSpeed: Measure = {
  name: 'check-speed',
  async run(effort, progress) {
    const made = folder('check');
    const contenders = Object.entries(FILES).map(([name, text], index) => {
      const path = join(made, `${index}.yaml`);
      writeFileSync(path, text());
      return { name, path };
    });
    const once = async ({ name, path }: { readonly name: string; readonly path: string }): Promise<number> => {
      const from = performance.now();
      const { status, stderr } = spawnSync(process.execPath, [BIN, 'check', path], { encoding: 'utf8' });
      if (status !== 0 && status !== 1)
        throw new Error(`cannot measure check of ${name}: exit ${status}: ${stderr.slice(-300)}`);
      return performance.now() - from;
    };
    return [
      {
        kind: 'comparison',
        title: 'k8s-run check',
        method: 'From exec to exit, on files made for this.',
        unit: 'ms',
        yardstick: 'one Deployment',
        rows: await alternate(contenders, effort === 'full' ? 5 : 2, once, progress),
        targets: [
          { row: '40,000 blank lines', of: 'ratio', atMost: 2, madeOf: 'a look at each line' },
          { row: '10,000 documents', of: 'median', atMost: 15_000, madeOf: 'the yaml library, which parses 5 MB' },
        ],
      },
    ];
  },
};
