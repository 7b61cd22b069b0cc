// A server without a handler for SIGTERM: the signal ends it at once, with the requests in flight.
const seconds = Number(process.env.SLOW_SECONDS ?? 1);

Bun.serve({
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
