// Finishes its requests in flight on SIGTERM, and exits with 0. Without the last line Deno dies of the signal (abrupt.ts).
const port = Number(Deno.env.get('PORT') ?? 8080);
const seconds = Number(Deno.env.get('SLOW_SECONDS') ?? 1);

const server = Deno.serve({ port }, async (request) => {
  if (new URL(request.url).pathname === '/slow') {
    console.log('busy');
    await new Promise((done) => setTimeout(done, seconds * 1000));
  }
  return new Response('hello\n');
});

Deno.addSignalListener('SIGTERM', () => server.shutdown().then(() => Deno.exit(0)));
