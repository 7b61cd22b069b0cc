// Finishes its requests in flight on SIGTERM, and exits with 0. Without the last line Bun dies of the signal (abrupt.ts).
const seconds = Number(process.env.SLOW_SECONDS ?? 1);

const server = Bun.serve({
  port: Number(process.env.PORT ?? 8080),
  idleTimeout: 30,
  async fetch(request) {
    if (new URL(request.url).pathname === '/slow') {
      console.log('busy');
      await Bun.sleep(seconds * 1000);
    }
    return new Response('hello\n');
  },
});

process.on('SIGTERM', () => server.stop().then(() => process.exit(0)));
