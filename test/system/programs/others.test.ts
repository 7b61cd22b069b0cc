import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { globSync, mkdirSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { until } from '../../rig/deadline.ts';
import { freePort } from '../../rig/free-port.ts';
import { needs, needsThat } from '../../rig/needs.ts';
import { ask, type Supervised } from '../../rig/supervised.ts';
import { fastCgi } from './fast-cgi.ts';
import { heldUpstream } from './held-upstream.ts';
import { AT_ONCE, type Folder, folder, hintIn, isRoot, startProgram } from './run-program.ts';
import { PHP } from './servers.ts';

const NOBODY = 65_534;
/** PostgreSQL refuses to run as root. */
const AS_NOBODY = isRoot ? ['setpriv', '--reuid', 'nobody', '--regid', 'nogroup', '--clear-groups'] : [];

/** A hint about these options, and no other; an empty list: no hint. */
function assertHint(run: Supervised, program: string, ...advice: readonly string[]): void {
  const hint = hintIn(run);
  const expected = advice.length === 0 ? undefined : { program, advice };
  const found = hint === undefined ? undefined : { program: hint['program'], advice: hint['advice'] };
  assert.deepEqual(found, expected, run.stderr());
}

for (const [options, answers] of [
  [[], false],
  [['--stop-signal', 'QUIT'], true],
] as const) {
  test(`php-fpm with ${options.join(' ') || 'the defaults'} ${answers ? 'answers' : 'cuts'} its request`, {
    skip: needs('php-fpm'),
  }, async () => {
    using made = folder();
    const port = await freePort();
    const flag = join(made.path, 'go');
    const script = join(made.path, 'held.php');
    // It looks for the file without sleep(3), which a signal ends.
    writeFileSync(
      script,
      `<?php file_put_contents('php://stderr', ''); touch('${made.path}/busy'); while (!file_exists('${flag}')) { clearstatcache(); } echo "released\\n";`,
    );
    const config = join(made.path, 'fpm.conf');
    const user = isRoot ? 'user=root' : '';
    writeFileSync(
      config,
      `[global]\nerror_log=${made.path}/log\nprocess_control_timeout=15s\n[www]\n${user}\nlisten=127.0.0.1:${port}\npm=static\npm.max_children=2\n`,
    );
    const command = [PHP, '-F', '-y', config, ...(isRoot ? ['-R'] : [])];
    await using run = startProgram(made.path, [...AT_ONCE, ...options], command);
    await run.line('ready');
    const body = fastCgi(port, script);
    await until('the script runs', () => globSync(join(made.path, 'busy')).length === 1, run.stderr);
    run.kill('SIGTERM');
    await run.line('stopping');
    if (answers) writeFileSync(flag, '');
    assert.equal(/released/.test(await body), answers);
    assert.equal((await run.ended()).code, 0, run.stderr());
    assertHint(run, 'php-fpm', ...(answers ? [] : ['--stop-signal QUIT']));
  });
}

for (const [options, finishes] of [
  [[], false],
  [['--signal-scope', 'process'], true],
] as const) {
  test(`a task of celery ${finishes ? 'is finished' : 'is lost'} with ${options.join(' ') || 'the defaults'}`, {
    skip: needs('celery'),
  }, async () => {
    using made = folder();
    await using upstream = await heldUpstream();
    for (const each of ['queue', 'done']) mkdirSync(join(made.path, each));
    writeFileSync(
      join(made.path, 'tasks.py'),
      `import urllib.request
from celery import Celery
app = Celery('tasks', broker='filesystem://')
app.conf.broker_transport_options = {'data_folder_in': 'queue', 'data_folder_out': 'queue', 'control_folder': 'done', 'processed_folder': 'done'}
@app.task
def held():
    urllib.request.urlopen('http://127.0.0.1:${upstream.port}/held').read()
    print('task done', flush=True)
`,
    );
    const celery = ['/usr/bin/python3', '-m', 'celery', '-A', 'tasks'];
    const [program = '', ...words] = celery;
    const ready = ['--ready', 'process', ...(finishes ? [] : ['--grace', '5s'])];
    const worker = [
      ...celery,
      'worker',
      '--concurrency',
      '2',
      '--loglevel',
      'INFO',
      '--without-mingle',
      '--without-gossip',
    ];
    await using run = startProgram(made.path, [...AT_ONCE, ...ready, ...options], worker, {
      PYTHONDONTWRITEBYTECODE: '1',
      C_FORCE_ROOT: '1',
    });
    const output = (): string => run.stdout() + run.stderr();
    await until('the worker is up', () => /celery@\S+ ready/.test(output()), output);
    const { status, stderr } = spawnSync(program, [...words, 'call', 'tasks.held'], {
      cwd: made.path,
      encoding: 'utf8',
    });
    assert.equal(status, 0, stderr);
    await until('the task runs', () => upstream.held() === 1, output);
    run.kill('SIGTERM');
    await run.line('stopping');
    if (finishes) {
      await until('the warm shutdown', () => output().includes('Warm shutdown'), output);
      upstream.release();
    }
    const { code } = await run.ended();
    // Without its workers the master sometimes does not find its end.
    if (finishes) assert.equal(code, 0, output());
    assert.equal(output().includes('task done'), finishes, output());
    assertHint(run, 'celery', ...(finishes ? [] : ['--signal-scope process']));
  });
}

/** A client that has begun a session and says nothing more: a StartupMessage of protocol 3.0. */
async function idlePostgresClient(port: number): Promise<Socket> {
  const words = Buffer.from('user\0postgres\0database\0postgres\0\0');
  const head = Buffer.alloc(8);
  head.writeInt32BE(words.length + 8);
  head.writeInt32BE(196_608, 4);
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  let received = '';
  socket.setEncoding('latin1').on('data', (text: string) => {
    received += text;
  });
  socket.write(Buffer.concat([head, words]));
  // ReadyForQuery, idle.
  await until(
    'the session',
    () => received.endsWith('Z\0\0\0\x05I'),
    () => received,
  );
  return socket;
}

/** Where Debian has the programs of PostgreSQL. */
const POSTGRES = globSync('/usr/lib/postgresql/*/bin').at(-1) ?? '';

function postgresIn(made: Folder, port: number): readonly string[] {
  const data = join(made.path, 'data');
  mkdirSync(data);
  if (isRoot) assert.equal(spawnSync('chown', [`${NOBODY}`, data]).status, 0);
  const [program = '', ...words] = [
    ...AS_NOBODY,
    join(POSTGRES, 'initdb'),
    '-D',
    data,
    '-A',
    'trust',
    '-U',
    'postgres',
    '--no-sync',
  ];
  const { status, stderr } = spawnSync(program, words, { encoding: 'utf8', cwd: made.path });
  assert.equal(status, 0, stderr);
  return [...AS_NOBODY, join(POSTGRES, 'postgres'), '-D', data, '-p', `${port}`, '-k', data, '-h', '127.0.0.1'];
}

for (const [options, code] of [
  [['--grace', '2s'], 137],
  [['--stop-signal', 'INT'], 0],
] as const) {
  test(`postgres with an idle client exits with ${code} with ${options.join(' ') || 'the defaults'}`, {
    skip: needs('postgres', 'setpriv'),
  }, async () => {
    using made = folder();
    const port = await freePort();
    await using run = startProgram(made.path, [...AT_ONCE, ...options], postgresIn(made, port));
    await run.line('ready');
    await until('it accepts sessions', () => run.stderr().includes('ready to accept connections'), run.stderr);
    const client = await idlePostgresClient(port);
    try {
      run.kill('SIGTERM');
      assert.equal((await run.ended()).code, code, run.stderr());
    } finally {
      client.destroy();
    }
    assertHint(run, 'postgres', ...(code === 0 ? [] : ['--stop-signal INT']));
  });
}

const PM2 = process.env['K8S_RUN_TEST_PM2'] ?? '';
const NO_PM2 = needsThat(PM2 !== '', 'pm2 is not installed', 'K8S_RUN_TEST_PM2 names its folder bin, as in .ci/run');

for (const [options, answers] of [
  [[], false],
  [['--signal-scope', 'process'], true],
] as const) {
  test(`a cluster of pm2-runtime ${answers ? 'answers' : 'cuts'} its request with ${options.join(' ') || 'the defaults'}`, {
    skip: NO_PM2,
  }, async () => {
    using made = folder();
    await using upstream = await heldUpstream();
    const port = await freePort();
    writeFileSync(
      join(made.path, 'server.js'),
      `const { createServer, get } = require('node:http');
const server = createServer((request, response) => void get('http://127.0.0.1:${upstream.port}' + request.url, (from) => from.pipe(response)));
server.listen(${port}, '127.0.0.1');
process.on('SIGINT', () => { console.log('told to stop'); server.close(() => process.exit(0)); });
`,
    );
    const command = [join(PM2, 'pm2-runtime'), 'start', 'server.js', '--instances', '1'];
    await using run = startProgram(made.path, [...AT_ONCE, ...options], command, {
      PM2_HOME: join(made.path, 'pm2'),
      PM2_KILL_TIMEOUT: '15000',
    });
    await run.line('ready');
    await until(
      'it serves',
      () =>
        ask(`http://127.0.0.1:${port}/`).then(
          () => true,
          () => false,
        ),
      run.stderr,
    );
    const answered = ask(`http://127.0.0.1:${port}/held`).then(
      ({ body }) => body,
      () => null,
    );
    await until('the request is in flight', () => upstream.held() === 1, run.stderr);
    run.kill('SIGTERM');
    if (answers) {
      await until('the app is told', () => run.stdout().includes('told to stop'), run.stderr);
      upstream.release();
    }
    assert.equal(await answered, answers ? 'released\n' : null);
    assert.equal((await run.ended()).code, 0, run.stderr());
    assertHint(run, 'pm2-runtime', ...(answers ? [] : ['--signal-scope process']));
  });
}

/** What is told of a server that puts itself into the background. */
const DAEMONS: Readonly<
  Record<string, { skip: string | false; words: (port: number, path: string) => readonly string[]; says: string }>
> = {
  memcached: {
    skip: needs('memcached'),
    words: (port) => ['memcached', '-d', '-l', '127.0.0.1', '-p', `${port}`, ...(isRoot ? ['-u', 'nobody'] : [])],
    says: 'memcached without -d',
  },
  mosquitto: {
    skip: needs('mosquitto'),
    words: (port) => ['mosquitto', '-d', '-p', `${port}`],
    says: 'mosquitto without -d',
  },
  'gunicorn -D': {
    skip: needs('gunicorn'),
    words(port, path) {
      writeFileSync(join(path, 'app.py'), 'def app(environ, start_response):\n    return []\n');
      return ['gunicorn', '-D', '--bind', `127.0.0.1:${port}`, 'app:app'];
    },
    says: 'gunicorn without --daemon',
  },
  'pm2 start': {
    skip: NO_PM2,
    words(_port, path) {
      writeFileSync(join(path, 'app.js'), 'setInterval(() => {}, 1000)\n');
      return [join(PM2, 'pm2'), 'start', 'app.js'];
    },
    says: 'pm2-runtime in place of pm2',
  },
};

for (const [name, { skip, words, says }] of Object.entries(DAEMONS)) {
  test(`${name} in the background is stopped, and the log says how to run it in the foreground`, { skip }, async () => {
    using made = folder();
    const command = words(await freePort(), made.path);
    await using run = startProgram(made.path, ['--ready', 'process'], command, { PM2_HOME: join(made.path, 'pm2') });
    assert.match((await run.line('leftovers')).msg, new RegExp(`foreground: ${says}`));
    assert.equal((await run.ended()).code, 0, run.stderr());
  });
}

/** Servers that SIGTERM stops as it should, so that there is nothing to say. */
const QUIET: Readonly<
  Record<string, { skip: string | false; words: (port: number, path: string) => readonly string[] }>
> = {
  memcached: {
    skip: needs('memcached'),
    words: (port) => ['memcached', '-l', '127.0.0.1', '-p', `${port}`, ...(isRoot ? ['-u', 'nobody'] : [])],
  },
  mosquitto: { skip: needs('mosquitto'), words: (port) => ['mosquitto', '-p', `${port}`] },
  'redis-server': {
    skip: needs('redis-server'),
    words: (port) => ['redis-server', '--port', `${port}`, '--bind', '127.0.0.1', '--save', ''],
  },
  mariadbd: {
    skip: needs('mariadbd'),
    words(port, path) {
      const data = join(path, 'data');
      mkdirSync(data);
      const user = isRoot ? ['--user=root'] : [];
      const { status, stderr } = spawnSync('mariadb-install-db', ['--no-defaults', `--datadir=${data}`, ...user], {
        encoding: 'utf8',
      });
      assert.equal(status, 0, stderr);
      return [
        'mariadbd',
        '--no-defaults',
        ...user,
        `--datadir=${data}`,
        `--socket=${data}/socket`,
        `--port=${port}`,
        // The client of the test never begins the handshake.
        '--connect-timeout=2',
        '--bind-address=127.0.0.1',
      ];
    },
  },
};

for (const [name, { skip, words }] of Object.entries(QUIET)) {
  test(`${name} exits with 0 at SIGTERM although a client is connected, and there is no hint`, { skip }, async () => {
    using made = folder();
    const port = await freePort();
    await using run = startProgram(made.path, AT_ONCE, words(port, made.path));
    await run.line('ready');
    const client = connect(port, '127.0.0.1').on('error', () => {});
    await until('the client is connected', () => client.readyState === 'open', run.stderr);
    run.kill('SIGTERM');
    assert.equal((await run.ended()).code, 0, run.stderr());
    client.destroy();
    assertHint(run, name);
  });
}
