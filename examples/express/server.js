// An Express app as most are written: no handler for SIGTERM. /slow takes a second.
import express from 'express';

const app = express();
app.get('/', (_request, response) => response.send('hello\n'));
app.get('/slow', (_request, response) => {
  process.stdout.write('busy\n');
  setTimeout(() => response.send('hello\n'), 1_000);
});
app.listen(Number(process.env.PORT ?? 8080));
