// The load in a pod of the cluster, whose Services it reaches as any pod does: argv[2] is the plan as JSON. `kubectl exec -i`
// speaks to it by lines: `look` and `stop` on stdin, the counts as one line of JSON on stdout.
import { fork } from 'node:child_process';
import { createInterface } from 'node:readline';

const generator = fork(new URL('../rig/rollout/load/generator.ts', import.meta.url).pathname, process.argv.slice(2));
generator.on('message', (counts) => process.stdout.write(`${JSON.stringify(counts)}\n`));
generator.once('exit', (code) => process.exit(code ?? 1));
createInterface({ input: process.stdin })
  .on('line', (line) => generator.send(line))
  // Who asked for the load is gone.
  .once('close', () => generator.kill());
process.stdout.write('"begun"\n');
