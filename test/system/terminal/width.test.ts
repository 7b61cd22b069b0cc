import assert from 'node:assert/strict';
import { test } from 'node:test';
import { temporaryFile } from '../../rig/config-file.ts';
import { needs } from '../../rig/needs.ts';
import { BIN } from '../../rig/supervised.ts';
import { openTerminal } from '../../rig/terminal.ts';

const MANIFEST = `apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      terminationGracePeriodSeconds: 20
      containers:
        - name: web
          image: shop:1
          command: [k8s-run, --grace, 30s, --stop-singal, QUIT, "--", sh, -c, "node server.js"]
          ports: [{ name: http, containerPort: 8080 }]
          livenessProbe: { httpGet: { path: /readyz, port: 20080 } }
          readinessProbe: { httpGet: { path: /ready, port: htp }, periodSeconds: 0 }
`;

/** What is to be copied stays whole, however narrow the terminal is: an example, a position in a file, an address. */
const WHOLE = /^ {2}k8s-run |:\d+:\d+$|^\s*\S+$/;

for (const [columns, rows] of [
  [80, 24],
  [60, 24],
  [200, 50],
] as const) {
  test(`no line of the help or of a report is wider than a terminal of ${columns} columns`, {
    skip: needs('tmux'),
  }, async () => {
    await using manifest = await temporaryFile(MANIFEST);
    const k8sRun = `"${process.execPath}" "${BIN}"`;
    const words = ['--help', 'rehearse --help', 'manifest --help', 'check --help', `check "${manifest.path}"`];
    const script = `read begin; ${words.map((each) => `${k8sRun} ${each}`).join('; ')}; echo all-done`;
    await using terminal = await openTerminal(['sh', '-c', script]);
    await terminal.resize(columns, rows);
    await terminal.type('');
    await terminal.shows('all-done');
    // What the terminal has wrapped is one line again here.
    const lines = (await terminal.screen()).split('\n').map((line) => line.trimEnd());
    assert.ok(lines.length > 150);
    assert.deepEqual(
      lines.filter((line) => line.length > Math.min(columns, 100) && !WHOLE.test(line)),
      [],
    );
  });
}
