import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type Finished, finishWords, inBatches, lastLine } from '../../rig/finished.ts';
import { cleanEnvironment } from '../../rig/supervised.ts';

/** sysexits(3): EX_USAGE for an invalid command line, EX_CONFIG for an invalid value. */
const USAGE = 64;
const CONFIG = 78;

describe('all mistakes are reported with source and remedy, and nothing is started', () => {
  let folder = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'k8s-run-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const tried = async (
    options: readonly string[],
    code: number,
    variables: Record<string, string> = {},
  ): Promise<Finished & { mistakes: readonly string[] }> => {
    const trace = join(await mkdtemp(join(folder, 'try-')), 'started');
    const run = await finishWords([...options, '--', 'touch', trace], { env: { ...cleanEnvironment(), ...variables } });
    const last = lastLine(run);
    assert.deepEqual([run.code, last.event, last['code'], run.stdout], [code, 'exited', code, ''], run.stderr);
    assert.equal(existsSync(trace), false, 'the app was started');
    return { ...run, mistakes: run.lines.filter(({ event }) => event === 'mistake').map(({ msg }) => msg) };
  };

  const WRONG: readonly (readonly [option: string, value: string, right: RegExp])[] = [
    ['--grace', 'soon', /write 25s, 500ms, 1m30s/],
    ['--grace', '-1s', /write 25s/],
    ['--grace', '', /write 25s/],
    ['--shutdown-delay', '5 s', /write 25s/],
    ['--shutdown-delay', '5d', /write 25s/],
    ['--probe-period', '0', /more than 0/],
    ['--stop-signal', 'TERMINATE', /write TERM, SIGTERM or 15/],
    ['--stop-signal', '99', /write TERM/],
    ['--stop-signal', '0', /write TERM/],
    ['--stop-signal', 'RTMIN', /real-time/],
    ['--stop-on', 'TERM,NONSENSE', /"NONSENSE".*write TERM/],
    ['--stop-on', 'KILL', /SIGKILL never reaches/],
    ['--stop-on', '', /write TERM/],
    ['--rewrite', 'TERM', /from:to|TERM:QUIT/],
    ['--rewrite', 'PIPE:TERM', /SIGPIPE never reaches/],
    ['--rewrite', 'TERM:0', /--stop-on/],
    ['--remap-exit', '143', /from:to/],
    ['--remap-exit', '256:0', /255/],
    ['--signal-scope', 'everyone', /group, process/],
    ['--health-port', '65536', /65535/],
    ['--health-port', 'http', /port/],
    ['--ready', 'htp://:8080', /http/],
    ['--ready', 'http://:99999/', /./],
    ['--ready', '8080', /tcp|http/],
    ['--live', 'tcp://localhost', /port/],
    ['--startup', 'exec:', /./],
    ['--ready', 'file:', /./],
    ['--success-threshold', '0', /1 or more/],
    ['--failure-threshold', '1.5', /whole number/],
    ['--readiness-on-drain', 'maybe', /fail, keep/],
    ['--log-level', 'loud', /debug, info, warn/],
    ['--log-format', 'xml', /json/],
  ];

  test('each invalid value of an option is a mistake that names the option', async () => {
    await inBatches(WRONG, 4, async ([option, value, right]): Promise<void> => {
      const { mistakes } = await tried([`${option}=${value}`], CONFIG);
      assert.equal(mistakes.length, 1, `${option}=${value}`);
      assert.ok(String(mistakes[0]).includes(option), String(mistakes[0]));
      assert.match(String(mistakes[0]), right);
    });
  });

  test('each invalid value of a variable is a mistake that names the variable', async () => {
    // A variable set to nothing is not set.
    const written = WRONG.filter(([, value]) => value !== '').slice(0, 6);
    await inBatches(written, 4, async ([option, value]) => {
      const variable = `K8S_RUN_${option.slice(2).toUpperCase().replaceAll('-', '_')}`;
      const { mistakes } = await tried([], CONFIG, { [variable]: value });
      assert.deepEqual([mistakes.length, mistakes[0]?.includes(variable)], [1, true]);
    });
  });

  test('an unknown option is a mistake with a guess', async () => {
    const { mistakes } = await tried(['--shutdown-dealy', '5s'], USAGE);
    assert.equal(mistakes.length, 1);
    assert.match(String(mistakes[0]), /unknown option --shutdown-dealy; did you mean --shutdown-delay\?/);
  });

  test('an unknown short option is a mistake that names the help', async () => {
    const { mistakes } = await tried(['-x'], USAGE);
    assert.match(String(mistakes[0]), /unknown option -x; k8s-run --help/);
  });

  test('an option without its value is a mistake', async () => {
    assert.match(String((await tried(['--grace'], USAGE)).mistakes[0]), /--grace needs a value/);
  });

  test('a command line without an app is a mistake', async () => {
    for (const words of [['--grace', '5s'], ['--grace', '5s', '--'], ['--']]) {
      const run = await finishWords(words);
      assert.equal(run.code, USAGE);
      assert.match(run.stderr, /no command to run/);
    }
  });

  test('mistakes of the command line and of the environment are reported together', async () => {
    const options = ['--grace', 'soon', '--no-such-thing', '--stop-signal=X', '--rewrite', 'A:B', '--rewrite', 'TERM'];
    const { mistakes } = await tried(options, USAGE, { K8S_RUN_READY: 'htp://x', K8S_RUN_LIVE: 'process' });
    const expected = ['--no-such-thing', '--grace "soon"', '--stop-signal "X"', '--rewrite "A:B"', '--rewrite "TERM"'];
    for (const each of [...expected, 'K8S_RUN_READY "htp://x"']) {
      assert.equal(mistakes.filter((mistake) => mistake.includes(each)).length, 1, `${each} in ${mistakes.join('\n')}`);
    }
    assert.equal(mistakes.length, 6);
  });

  test('a mistake shows only the first word of a command, because arguments may contain passwords', async () => {
    const line = `mysql -pS3CRET 'x`;
    const { stderr } = await tried(
      [
        `--ready=exec:${line}`,
        '--wait-for=psql -pS3CRET',
        `--on-change=exec:${line}`,
        `--post-exit=${line}`,
        `--on-unlive=${line}`,
      ],
      CONFIG,
      { K8S_RUN_PRE_START: line },
    );
    assert.doesNotMatch(stderr, /S3CRET/);
    for (const each of ['exec:mysql …', 'psql …', 'K8S_RUN_PRE_START']) assert.ok(stderr.includes(each), each);
  });

  test('mistakes are logged in the format of --log-format', async () => {
    const run = await finishWords(['--log-format=pretty', '--grace', 'soon', 'true']);
    assert.equal(run.code, CONFIG);
    assert.match(run.stderr, /^\S+ mistake +cannot use --grace/m);
  });

  test('after a mistake the exited line has its usual fields', async () => {
    const { signal, oomKilled, phases } = lastLine(await tried(['--grace=soon'], CONFIG));
    assert.deepEqual([signal, oomKilled, phases], [null, false, {}]);
  });

  test('a mistake is logged even with --log-level silent', async () => {
    const run = await finishWords(['--log-level=silent', '--grace', 'soon', 'true']);
    assert.equal(run.code, CONFIG);
    assert.match(run.stderr, /--grace/);
  });
});
