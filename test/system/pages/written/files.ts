/** What the reader of a page has beside it: apps, and manifests of theirs. */

/** Has no handler for a signal. */
export const HTTP_SERVER = `#!/usr/bin/env node
const port = Number(process.env.HTTP_PORT ?? process.env.PORT ?? 8080);
require('node:http').createServer((_, response) => response.end('hello\\n')).listen(port);
`;

export const GRPC_SERVER = `#!/usr/bin/env node
require('node:http2').createServer().on('stream', (stream) => {
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  stream.end(Buffer.from([0, 0, 0, 0, 2, 8, 1]));
}).listen(50051);
`;

/** Hears the signals of a page, and exits with 0 on those that end. */
export const ANY_APP = `#!/usr/bin/env node
for (const name of ['SIGHUP', 'SIGUSR1']) process.on(name, () => console.log('heard', name));
for (const name of ['SIGINT', 'SIGTERM', 'SIGQUIT']) process.on(name, () => process.exit(0));
require('node:http').createServer((_, response) => response.end('hello\\n')).listen(8080);
`;

export const WORKER = `#!/bin/sh
trap 'exit 0' INT TERM QUIT
echo up
while :; do sleep 0.1; done
`;

export const JAVA_APP = `import com.sun.net.httpserver.HttpServer;
public class App {
  public static void main(String[] words) throws Exception {
    HttpServer server = HttpServer.create(new java.net.InetSocketAddress(8080), 0);
    server.createContext("/", exchange -> { exchange.sendResponseHeaders(204, -1); exchange.close(); });
    server.start();
  }
}
`;

const workload = (container: string): string => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  selector:
    matchLabels: { app: web }
  template:
    metadata:
      labels: { app: web }
    spec:
      terminationGracePeriodSeconds: 60
      containers:
        - name: web
          image: shop:1
${container}`;

export const MANIFEST: string = workload(`          command: [node, server.js]
          ports: [{ containerPort: 8080 }]
          readinessProbe:
            httpGet: { path: /ready, port: 8080 }
`);

export const WITHOUT_COMMAND: string = workload('');

/** What \`docker image inspect\` prints of the image. */
export const IMAGE_OF_SHOP: string = JSON.stringify([
  {
    RepoTags: ['shop:1'],
    Architecture: 'amd64',
    Config: { Entrypoint: ['docker-entrypoint.sh'], Cmd: ['node', 'server.js'] },
  },
]);

/** As the entrypoint of the image of PostgreSQL does it: as another user than root. */
export const POSTGRES = `#!/bin/sh
exec setpriv --reuid=postgres --regid=postgres --clear-groups /usr/lib/postgresql/*/bin/postgres -D /srv/data -k /tmp -h '*'
`;
export const PSQL = `#!/bin/sh
exec setpriv --reuid=postgres --regid=postgres --clear-groups /usr/lib/postgresql/*/bin/psql -h /tmp "$@"
`;
export const MAKE_DATABASE = `mkdir /srv/data && chown postgres:postgres /srv/data
setpriv --reuid=postgres --regid=postgres --clear-groups /usr/lib/postgresql/*/bin/initdb -D /srv/data >/dev/null`;
