import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { noFfi } from '../../rig/ffi.ts';
import { finish } from '../../rig/finished.ts';
import { NAMESPACE, noNamespace } from '../../rig/namespace.ts';
import { type Line, linesOf } from '../../rig/supervised.ts';

const LAST_PID = '/proc/sys/kernel/ns_last_pid';
const skip =
  noNamespace || noFfi || (existsSync(LAST_PID) ? false : 'this kernel does not let anyone choose the next pid');

/** In sh: waits until $1 is nobody's number, and starts `sleep` with exactly that number, by the words before it. */
const TAKE = `
gone() { until ! test -e /proc/$1; do sleep 0.01; done; }
take() {
  number=$1; shift
  while :; do
    echo $((number - 1)) > ${LAST_PID}
    "$@" sleep 1000 &
    [ $! = $number ] && break
    kill -KILL $! ; wait $! 2>/dev/null
  done
  until [ "$(cat /proc/$number/comm)" = sleep ]; do sleep 0.01; done
}
state() { if test -e /proc/$1; then echo there; else echo gone; fi; }
`;

/** `around` is process 1 of a namespace, gets k8s-run's command line as "$@", and has a folder to itself, "$folder". */
async function reuse(
  around: string,
  leaver: string,
  grace: string,
): Promise<{ code: number | null; told: string; log: readonly Line[] }> {
  const folder = await mkdtemp(join(tmpdir(), 'k8s-run-'));
  try {
    const sh = ['sh', '-c', `folder=${folder}; ${TAKE}${around}`, 'sh'];
    const options = ['--ready', 'none', '--shutdown-delay', '0', '--grace', grace];
    const app = ['sh', '-c', `folder=${folder}; ${TAKE}${leaver}`];
    const run = await finish(options, app, { prefix: [...NAMESPACE, ...sh] });
    return { code: run.code, told: readFileSync(join(folder, 'told'), 'utf8'), log: linesOf(run.stderr) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

describe('the app’s pid is given to another process after its exit', { skip }, () => {
  test('a stranger that gets the app’s pid, session and group after its exit is neither signalled nor waited for', async () => {
    // What is left behind is in a session of its own, so that the number is free, and stays until the stranger is there.
    const leaver = `
      setsid sh -c 'trap "" TERM; touch '$folder'/deaf; until test -e '$folder'/taken; do sleep 0.01; done' &
      until test -e $folder/deaf; do sleep 0.01; done
      trap 'exit 3' TERM
      echo $$ > $folder/app.new; mv $folder/app.new $folder/app
      while :; do sleep 0.01; done`;
    const around = `
      "$@" & supervisor=$!
      until test -e $folder/app; do sleep 0.01; done
      app=$(cat $folder/app)
      kill -TERM $supervisor
      gone $app
      take $app setsid
      touch $folder/taken
      wait $supervisor; code=$?
      state $app > $folder/told
      exit $code`;
    const { code, told, log } = await reuse(around, leaver, '15s');
    assert.deepEqual([code, told], [3, 'there\n'], JSON.stringify(log));
    assert.ok(log.some(({ event }) => event === 'leftovers'));
    assert.ok(!log.some(({ event }) => event === 'killing'), 'the stranger was taken for a leftover');
  });

  test('a leftover that gets the app’s pid after its exit is ended like any other', async () => {
    const leaver = `
      setsid sh -c ${quoted(`trap "" TERM; ${TAKE} folder=$0; touch $folder/deaf; gone $1; take $1; touch $folder/taken; wait`)} $folder $$ &
      until test -e $folder/deaf; do sleep 0.01; done
      trap 'exit 3' TERM
      echo $$ > $folder/app.new; mv $folder/app.new $folder/app
      while :; do sleep 0.01; done`;
    const around = `
      "$@" & supervisor=$!
      until test -e $folder/app; do sleep 0.01; done
      app=$(cat $folder/app)
      kill -TERM $supervisor
      wait $supervisor; code=$?
      { state $app; test -e $folder/taken && echo taken; } > $folder/told
      exit $code`;
    const { code, told, log } = await reuse(around, leaver, '8s');
    assert.deepEqual([code, told], [3, 'gone\ntaken\n'], JSON.stringify(log));
    assert.ok(log.some(({ event }) => event === 'killing'));
  });
});

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
