// Two workers of node:cluster that hold every request until SIGUSR1, which is sent to their process group.
import cluster from 'node:cluster';
import { createServer } from 'node:http';

if (cluster.isPrimary) {
  process.on('SIGUSR1', () => {});
  cluster.fork();
  cluster.fork();
  cluster.once('listening', (_worker, { port }) => process.stdout.write(`${port}\n`));
} else {
  const held = [];
  process.on('SIGUSR1', () => {
    for (const response of held.splice(0)) response.end('released\n');
  });
  createServer((_request, response) => held.push(response)).listen(0);
}
