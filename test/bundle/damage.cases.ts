import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { cannotRun, compile, FOLDER, PLACE, type Scratch, scratch } from './roots.ts';

type End = { readonly code: number | null; readonly said: string };

/** The launcher's own words: one sentence. */
const sentence = (about: RegExp): RegExp => new RegExp(`^k8s-run: cannot [^\\n]*${about.source}[^\\n]*\\n$`);
const SYSTEM_CALLS = {
  x64: { eventfd2: 290, epoll_create1: 291, accept4: 288 },
  arm64: { eventfd2: 19, epoll_create1: 20, accept4: 242 },
};

describe('a damaged folder, or a place that does not allow it', { skip: cannotRun('gcc') }, () => {
  let box: Scratch;
  let folder = '';
  before(() => {
    box = scratch();
    folder = `${box.path}/k8s-run`;
    cpSync(FOLDER, folder, { recursive: true });
    compile('without.c', `${box.path}/without`);
  });
  after(() => box[Symbol.dispose]());

  function execute(...before: readonly string[]): End {
    const words = [
      ...before,
      `${folder}/bin/k8s-run`,
      '--health-port=off',
      '--log-level=error',
      '--',
      '/bin/sh',
      '-c',
      'exit 4',
    ];
    const { status, stderr } = spawnSync(words[0] ?? '', words.slice(1), { encoding: 'utf8', timeout: 30_000 });
    return { code: status, said: stderr };
  }
  /** Does something to a part, looks what is said, and puts the part back. */
  function withPart(part: string, damage: (file: string) => void, look: () => void): void {
    const file = `${folder}/${part}`;
    const whole = `${box.path}/whole`;
    renameSync(file, whole);
    try {
      damage(file);
      look();
    } finally {
      rmSync(file, { force: true });
      renameSync(whole, file);
    }
  }

  test('the whole folder runs from any place, and by a symbolic link', () => {
    assert.deepEqual(execute(), { code: 4, said: '' });
    const link = `${box.path}/link`;
    symlinkSync(`${folder}/bin/k8s-run`, link);
    const { status, stdout } = spawnSync(link, ['--version'], { encoding: 'utf8' });
    assert.deepEqual(
      { status, stdout },
      { status: 0, stdout: spawnSync(`${folder}/bin/k8s-run`, ['--version'], { encoding: 'utf8' }).stdout },
    );
  });

  for (const part of readdirSync(`${FOLDER}/lib`)
    .map((each) => `lib/${each}`)
    .filter((each) => each !== 'lib/program')) {
    test(`with ${part} missing, empty or of another architecture k8s-run says why and exits with 78`, () => {
      withPart(
        part,
        () => {},
        () => {
          const { code, said } = execute();
          assert.equal(code, 78);
          assert.match(said, sentence(new RegExp(`${part.replaceAll('+', '\\+')}: no such file`)));
        },
      );
      withPart(
        part,
        (file) => writeFileSync(file, ''),
        () => {
          const { code, said } = execute();
          assert.equal(code, 78);
          assert.match(said, sentence(/empty/));
        },
      );
      const foreign = (file: string): void => {
        copyFileSync(`${FOLDER}/${part}`, file);
        chmodSync(file, 0o755);
        const open = openSync(file, 'r+');
        writeSync(open, Buffer.from([process.arch === 'x64' ? 183 : 62]), 0, 1, 18);
        closeSync(open);
      };
      withPart(part, foreign, () => {
        const { code, said } = execute();
        assert.equal(code, 78);
        assert.match(said, sentence(/another architecture/));
      });
    });
  }

  for (const part of ['lib/program/bin/k8s-run.js', 'lib/program/dist/main.js']) {
    test(`without ${part} k8s-run says why and exits with 78`, () => {
      withPart(
        part,
        () => {},
        () => {
          const { code, said } = execute();
          assert.equal(code, 78);
          assert.match(said, sentence(/no such file/));
        },
      );
    });
  }

  test('with a main.js that was cut short k8s-run says why and exits with 70', () => {
    const cut = (file: string): void => {
      copyFileSync(`${FOLDER}/lib/program/dist/main.js`, file);
      truncateSync(file, 20_000);
    };
    withPart('lib/program/dist/main.js', cut, () => {
      const { code, said } = execute();
      assert.equal(code, 70);
      assert.match(said, /^k8s-run: internal error: /);
    });
  });

  for (const [how, damage] of Object.entries({
    'is missing': () => {},
    'is nonsense': (file: string) => writeFileSync(file, 'nonsense'),
    'was cut short': (file: string) => {
      copyFileSync(`${FOLDER}/lib/program/dist/main.cache`, file);
      truncateSync(file, 60_000);
    },
  })) {
    test(`when the code cache ${how} k8s-run starts all the same`, () => {
      withPart('lib/program/dist/main.cache', damage, () => assert.deepEqual(execute(), { code: 4, said: '' }));
    });
  }

  test('with a part that this user cannot read k8s-run says why and exits with 78', () => {
    withPart(
      'lib/libm.so.6',
      (file) => {
        copyFileSync(`${FOLDER}/lib/libm.so.6`, file);
        chmodSync(file, 0o600);
      },
      () => {
        const { code, said } = execute('setpriv', '--reuid=65532', '--regid=65532', '--clear-groups');
        assert.equal(code, 78);
        assert.match(said, sentence(/not permitted/));
      },
    );
  });

  const mounted = (mounts: string): End =>
    execute('unshare', '--mount', 'sh', '-c', `${mounts} && exec "$@" || exit $?`, 'sh');

  test('with its libraries on a file system mounted noexec k8s-run says why and exits with 78', () => {
    const { code, said } = mounted(
      `mount --bind ${folder}/lib ${folder}/lib && mount -o remount,bind,noexec ${folder}/lib`,
    );
    assert.equal(code, 78, said);
    assert.match(said, sentence(/noexec/));
  });

  test('with the whole folder mounted noexec nothing of k8s-run can run, and who starts it says so', () => {
    const { code, said } = mounted(`mount --bind ${folder} ${folder} && mount -o remount,bind,noexec ${folder}`);
    assert.equal(code, 126);
    assert.match(said, /[Pp]ermission denied/);
  });

  test('the folder runs from a read-only file system', () => {
    assert.deepEqual(mounted(`mount --bind ${folder} ${folder} && mount -o remount,bind,ro ${folder}`), {
      code: 4,
      said: '',
    });
  });

  for (const [name, number] of Object.entries(SYSTEM_CALLS[process.arch as 'x64' | 'arm64'])) {
    test(`on a kernel without ${name} k8s-run says why and exits with 78`, () => {
      const { code, said } = execute(`${box.path}/without`, String(number));
      assert.equal(code, 78);
      assert.match(said, sentence(new RegExp(name)));
    });
  }

  test('in /opt/k8s-run without its loader k8s-run says why and exits with 78', () => {
    const empty = `${box.path}/root`;
    mkdirSync(`${empty}${PLACE}`, { recursive: true });
    cpSync(folder, `${empty}${PLACE}`, { recursive: true });
    for (const each of readdirSync(`${empty}${PLACE}/lib`))
      if (each.startsWith('ld-')) rmSync(`${empty}${PLACE}/lib/${each}`);
    const { status, stderr } = spawnSync('chroot', [empty, `${PLACE}/bin/k8s-run`, '--version'], { encoding: 'utf8' });
    assert.equal(status, 78);
    assert.match(stderr, sentence(/ld-linux.*no such file/));
  });
});
