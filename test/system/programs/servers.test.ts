import assert from 'node:assert/strict';
import { get } from 'node:http';
import { test } from 'node:test';
import { until } from '../../rig/deadline.ts';
import { freePort } from '../../rig/free-port.ts';
import { ask, type Supervised } from '../../rig/supervised.ts';
import { heldUpstream } from './held-upstream.ts';
import { AT_ONCE, folder, hintIn, startProgram } from './run-program.ts';
import { SERVERS, type ServerCase } from './servers.ts';

/** Stops a server while a request is in flight at it; the upstream answers once the signal was sent. */
async function stopWithRequest(
  server: ServerCase,
  { options, words = [], answers }: { options: readonly string[]; words?: readonly string[]; answers: boolean },
): Promise<{ run: Supervised; answer: string | null; code: number | null }> {
  using made = folder();
  await using upstream = await heldUpstream();
  const port = await freePort();
  await using run = startProgram(made.path, options, [...server.command(made.path, port, upstream.port), ...words]);
  await run.line('ready');
  await until(
    'it serves',
    () =>
      ask(`http://127.0.0.1:${port}/`).then(
        ({ status }) => status === 200,
        () => false,
      ),
    run.stderr,
  );
  const { starts } = server;
  if (starts !== undefined)
    await until(
      'all workers have started',
      () => (run.stdout() + run.stderr()).match(starts.line)?.length === starts.workers,
      run.stderr,
    );
  const answered = bodyOf(`http://127.0.0.1:${port}/held`);
  await until('the request is in flight', () => upstream.held() === 1, run.stderr);
  run.kill('SIGTERM');
  await run.line('stopping');
  if (answers) {
    const { says } = server;
    if (says === undefined)
      await until('it accepts no connections', () => accepts(port).then((yes) => !yes), run.stderr);
    else await until('it says that it stops', () => says.test(run.stdout() + run.stderr()), run.stderr);
    upstream.release();
  }
  // A request that is to be cut is never released, so only its cut ends it.
  const answer = await answered;
  return { run, answer, code: (await run.ended()).code };
}

/** The body of the response, however long it takes; null: the request was cut. */
function bodyOf(url: string): Promise<string | null> {
  return new Promise((resolve) => {
    const call = get(url, { agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        body += part;
      });
      response.on('close', () => resolve(response.complete && response.statusCode === 200 ? body : null));
    });
    call.on('error', () => resolve(null));
  });
}

/** Whether a new request is answered. */
function accepts(port: number): Promise<boolean> {
  return ask(`http://127.0.0.1:${port}/`).then(
    () => true,
    () => false,
  );
}

for (const server of SERVERS) {
  const { name, skip, byDefault, advised } = server;
  const does = byDefault.answers === true ? 'answers' : 'cuts';
  test(`${name} ${does} its request at SIGTERM and exits with ${byDefault.code}${advised === null ? ', and there is no hint' : '; one hint names what is better'}`, {
    skip,
  }, async () => {
    const { run, answer, code } = await stopWithRequest(server, {
      options: [...AT_ONCE, ...(byDefault.options ?? [])],
      answers: byDefault.answers === true,
    });
    assert.equal(answer, byDefault.answers === true ? 'released\n' : null, run.stderr());
    assert.equal(code, byDefault.code, run.stderr());
    const hint = hintIn(run);
    assert.deepEqual(hint?.['advice'], advised === null ? undefined : [advised.options.join(' ')], run.stderr());
  });

  if (advised === null) continue;
  test(`${name} with ${advised.options.join(' ')} exits with 0${advised.cuts ? '' : ' and answers its request'}, and there is no hint`, {
    skip,
  }, async () => {
    const { run, answer, code } = await stopWithRequest(server, {
      options: [...AT_ONCE, ...advised.options],
      answers: advised.cuts !== true,
      ...(advised.words === undefined ? {} : { words: advised.words }),
    });
    assert.equal(answer, advised.cuts === true ? null : 'released\n', run.stderr());
    assert.equal(code, 0, run.stderr());
    assert.equal(hintIn(run), undefined);
  });
}
