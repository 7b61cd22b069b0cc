// A server without a handler for SIGTERM: the signal ends it at once, with the requests in flight.
const port = Number(Deno.env.get('PORT') ?? 8080);
const seconds = Number(Deno.env.get('SLOW_SECONDS') ?? 1);

Deno.serve({ port }, async (request) => {
  if (new URL(request.url).pathname === '/slow') {
    console.log('busy');
    await new Promise((done) => setTimeout(done, seconds * 1000));
  }
  return new Response('hello\n');
});
