import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { arch as here } from 'node:process';
import { gzipSync } from 'node:zlib';
import { type Arch, DEBIAN } from '../../bundle/runtime.ts';
import { checkFolder, saysVersion } from './archive.ts';
import { changelogOf, controlOf, copyrightOf, OVERRIDES } from './deb-texts.ts';
import { type Artefact, type Plan, ROOT, run } from './plan.ts';

const PLACE = '/opt/k8s-run';
/** The names under which the package is called, on everybody's PATH. */
const LINKS = ['k8s-run', 'kubectl-k8s_run', 'kubectl_complete-k8s_run'] as const;

/** The version in Debian's words, where a version before its release sorts before it by a tilde. */
export const debianVersion = (version: string): string => `${version.replace('-', '~')}-1`;

/** The Debian package of the portable folder: no dependencies, no maintainer scripts, nothing is started. */
export function makeDeb(plan: Plan, arch: Arch): Artefact {
  const { name: debianArch } = DEBIAN[arch];
  const name = `k8s-run_${debianVersion(plan.version)}_${debianArch}.deb`;
  const stage = `${plan.scratch}/deb-${arch}`;
  rmSync(stage, { recursive: true, force: true });
  cpSync(plan.folders[arch], `${stage}${PLACE}`, { recursive: true, preserveTimestamps: true });
  const put = (path: string, content: string | Buffer): void => {
    mkdirSync(dirname(stage + path), { recursive: true });
    writeFileSync(stage + path, content, { mode: 0o644 });
  };
  for (const each of ['bin', 'share/man/man1']) mkdirSync(`${stage}/usr/${each}`, { recursive: true });
  for (const link of LINKS) {
    symlinkSync(`${PLACE}/bin/k8s-run`, `${stage}/usr/bin/${link}`);
    if (link !== 'k8s-run') symlinkSync('k8s-run.1.gz', `${stage}/usr/share/man/man1/${link}.1.gz`);
  }
  put('/usr/share/man/man1/k8s-run.1.gz', gzipSync(readFileSync(`${ROOT}man/k8s-run.1`), { level: 9 }));
  put('/usr/share/doc/k8s-run/changelog.Debian.gz', gzipSync(changelogOf(plan), { level: 9 }));
  put('/usr/share/doc/k8s-run/changelog.gz', gzipSync(readFileSync(`${ROOT}CHANGELOG.md`), { level: 9 }));
  put('/usr/share/doc/k8s-run/copyright', copyrightOf(readFileSync(`${ROOT}LICENSE`, 'utf8')));
  put('/usr/share/lintian/overrides/k8s-run', OVERRIDES);
  for (const [shell, path] of Object.entries(COMPLETIONS))
    put(path, run(process.execPath, [`${ROOT}bin/k8s-run.js`, 'completion', shell], { env: {} }));
  put('/DEBIAN/md5sums', sumsUnder(stage));
  put('/DEBIAN/control', controlOf(plan.version, debianArch, kilobytesUnder(stage)));
  settle(stage, plan.epoch);
  const words = ['--root-owner-group', '-Zxz', plan.fast ? '-z0' : '-z6', '--build', stage, `${plan.out}/${name}`];
  run('dpkg-deb', words, { env: { ...process.env, SOURCE_DATE_EPOCH: String(plan.epoch) } });
  rmSync(stage, { recursive: true });
  return { name, check: () => checkDeb(plan, arch, name) };
}

const COMPLETIONS: Readonly<Record<string, string>> = {
  bash: '/usr/share/bash-completion/completions/k8s-run',
  zsh: '/usr/share/zsh/vendor-completions/_k8s-run',
  fish: '/usr/share/fish/vendor_completions.d/k8s-run.fish',
};

/** Installed into an empty root by dpkg itself, run, and removed again, which must leave nothing; then lintian. */
function checkDeb(plan: Plan, arch: Arch, name: string): string {
  const deb = `${plan.out}/${name}`;
  const root = `${plan.scratch}/root-${arch}`;
  rmSync(root, { recursive: true, force: true });
  for (const each of ['info', 'updates', 'triggers']) mkdirSync(`${root}/var/lib/dpkg/${each}`, { recursive: true });
  for (const each of ['status', 'available']) writeFileSync(`${root}/var/lib/dpkg/${each}`, '');
  const dpkg = (...words: readonly string[]): string =>
    run('dpkg', [`--root=${root}`, '--force-not-root', '--force-architecture', '--log=/dev/null', ...words]);
  dpkg('--install', deb);
  const said = checkFolder(`${root}${PLACE}`, arch, plan.version);
  for (const link of LINKS)
    if (run('readlink', [`${root}/usr/bin/${link}`]).trim() !== `${PLACE}/bin/k8s-run`)
      throw new Error(`${name} has no link /usr/bin/${link}`);
  if (arch === here) saysVersion(`${root}${PLACE}/bin/k8s-run`, [], plan.version);
  dpkg('--purge', 'k8s-run');
  const left = run('find', [root, '-not', '-type', 'd', '-not', '-path', `${root}/var/lib/dpkg/*`]).trim();
  if (left !== '') throw new Error(`${name} leaves ${left} behind`);
  rmSync(root, { recursive: true });
  lint(deb);
  return `${said.replace('unpacked', 'installed')}, removed, lintian-clean`;
}

/** Throws what lintian finds: its errors and warnings. */
function lint(deb: string): void {
  const found = run('lintian', ['--fail-on', 'none', '--allow-root', '--no-tag-display-limit', deb]).trim();
  if (found !== '') throw new Error(`lintian: ${found.replaceAll('\n', '; ')}`);
}

function files(stage: string): readonly string[] {
  return run('find', ['.', '-type', 'f', '-not', '-path', './DEBIAN/*'], { cwd: stage }).trim().split('\n').sort();
}

function sumsUnder(stage: string): string {
  const names = files(stage).map((each) => each.slice(2));
  return run('md5sum', names, { cwd: stage });
}

/** As dpkg-gencontrol counts: each file in whole KiB, and one for everything else. */
function kilobytesUnder(stage: string): number {
  const sizes = run('find', ['.', '-printf', '%y %s\n'], { cwd: stage }).trim().split('\n');
  return sizes.reduce((sum, line) => {
    const [kind, size] = line.split(' ');
    return sum + (kind === 'f' ? Math.ceil(Number(size) / 1024) : 1);
  }, 0);
}

/** Modes and times that do not depend on who builds it, and when; dpkg-deb only caps times. */
function settle(stage: string, epoch: number): void {
  run('find', [stage, '-type', 'd', '-exec', 'chmod', '0755', '{}', '+']);
  run('find', [stage, '-exec', 'touch', '--no-dereference', `--date=@${epoch}`, '{}', '+']);
}
