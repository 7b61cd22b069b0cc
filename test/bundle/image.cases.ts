import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { after, before, describe, test } from 'node:test';
import { cleanEnvironment } from '../rig/supervised.ts';
import { cannotRun, compile, PLACE, type Scratch, scratch } from './roots.ts';

const project = new URL('../../', import.meta.url).pathname;
const BUNDLE = '/etc/ssl/certs/ca-certificates.crt';
const NAME = `localhost/k8s-run-image-${randomBytes(4).toString('hex')}`;
const ENV = { ...cleanEnvironment(), CONTAINERS_CONF: `${project}test/containers/containers.conf` };

const podman = (...words: readonly string[]): string =>
  execFileSync('podman', words, { env: ENV, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });

/** What `node:26-slim` is, without a registry of images: a Debian from its mirror, this Node, and this machine's npm. */
function makeBase(box: string): void {
  const root = `${box}/root`;
  const release = /^VERSION_CODENAME=(.*)$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'stable';
  const packages = 'ca-certificates,libstdc++6,libatomic1';
  execFileSync('debootstrap', ['--variant=minbase', `--include=${packages}`, release, root], { stdio: 'ignore' });
  copyFileSync(process.execPath, `${root}/usr/local/bin/node`);
  const npm = execFileSync('sh', ['-c', 'readlink -f "$(command -v npm)"'], { encoding: 'utf8' }).trim();
  cpSync(npm.replace(/\/bin\/[^/]*$/, ''), `${root}/usr/local/lib/npm`, { recursive: true });
  symlinkSync('../lib/npm/bin/npm-cli.js', `${root}/usr/local/bin/npm`);
  // As this machine comes to the registries, so does the build.
  rmSync(`${root}/etc/apt`, { recursive: true });
  cpSync('/etc/apt', `${root}/etc/apt`, { recursive: true });
  for (const [from, to] of [
    [BUNDLE, BUNDLE],
    [`${homedir()}/.npmrc`, '/root/.npmrc'],
  ] as const)
    if (existsSync(from)) copyFileSync(from, `${root}${to}`);
  execFileSync('tar', ['-C', root, '-cf', `${box}/root.tar`, '.']);
  podman('import', '--quiet', '--change', `ENV NODE_EXTRA_CA_CERTS=${BUNDLE}`, `${box}/root.tar`, `${NAME}-base`);
}

const missing = cannotRun('podman', 'runc', 'debootstrap', 'gcc');

describe('the Dockerfile', { skip: missing }, () => {
  let box: Scratch;
  before(() => {
    box = scratch();
    makeBase(box.path);
  });
  after(() => {
    for (const each of ['-app', '-folder', '-node', '-base']) podman('rmi', '--force', '--ignore', `${NAME}${each}`);
    box[Symbol.dispose]();
  });

  const build = (image: string, folder: string, ...words: readonly string[]): void => {
    const bases = ['NODE_IMAGE', 'DEBIAN_NODE_IMAGE'].flatMap((each) => ['--build-arg', `${each}=${NAME}-base`]);
    podman(
      'build',
      '--pull=never',
      '--network=host',
      '--layers=false',
      '--quiet',
      '--tag',
      image,
      ...bases,
      ...words,
      folder,
    );
  };
  const LOCKED = ['--rm', '--pull=never', '--network=none', '--read-only', '--user=65532', '--cap-drop=all'];

  test('the Dockerfile builds the folder over scratch, and one COPY brings it into another image', () => {
    build(`${NAME}-folder`, project);
    const context = `${box.path}/app`;
    mkdirSync(context);
    compile('app.c', `${context}/app`);
    writeFileSync(
      `${context}/Dockerfile`,
      [
        'FROM scratch',
        `COPY --from=${NAME}-folder ${PLACE} ${PLACE}`,
        'COPY app /app',
        `ENTRYPOINT ["${PLACE}/bin/k8s-run", "--log-level", "error", "--"]`,
        'CMD ["/app", "environment"]',
      ].join('\n'),
    );
    build(`${NAME}-app`, context);
    assert.match(
      podman('run', ...LOCKED, '--env', 'LD_PRELOAD=/nowhere.so', `${NAME}-app`),
      /^LD_PRELOAD=\/nowhere.so$/m,
    );
    assert.match(podman('run', ...LOCKED, `${NAME}-folder`, '--version'), /^\d+\.\d+\.\d+\n$/);
  });

  test('the Dockerfile builds the image over Node, for an app of Node', () => {
    build(`${NAME}-node`, project, '--target=node');
    const said = podman(
      'run',
      ...LOCKED,
      `${NAME}-node`,
      '--log-level',
      'error',
      'node',
      '--eval',
      'console.log("up")',
    );
    assert.equal(said, 'up\n');
  });
});
