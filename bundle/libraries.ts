import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, realpathSync, writeFileSync } from 'node:fs';
import { arch as here } from 'node:process';
import { keptFolder } from '../scripts/kept-folder.ts';
import { KEEP_SIGNALS } from './keep-signals.ts';
import { type Arch, CACHE, DEBIAN } from './runtime.ts';

/** The Debian packages that the runtime is linked with: the C library, and the runtime libraries of the compiler. */
const PACKAGES = ['libc6', 'libstdc++6', 'libgcc-s1', 'libatomic1'] as const;

/** The package with the licence of the compiler's libraries. */
const COMPILER_BASE = /^gcc-\d+-base$/;
/** The fields of each package (dpkg-query(1), --showformat). */
const FIELDS = ['Version', 'source:Package', 'source:Version'] as const;

/** A Debian package from which files are shipped. */
export type Origin = {
  readonly name: string;
  readonly version: string;
  readonly source: string;
  readonly sourceVersion: string;
  /** Its copyright file. */
  readonly copyright: string;
};

/** A Debian system of that architecture: this one, or packages that were fetched from a mirror without installing them. */
type System = { readonly root: string; readonly query: readonly string[] };

/** Copies the loader and the libraries of the runtime into `folder`/lib. Returns the packages that they are from. */
export function layLibraries(folder: string, arch: Arch): readonly Origin[] {
  const system = arch === here ? { root: '', query: [] } : fetched(arch);
  const shelves = [`/lib/${DEBIAN[arch].triplet}`, `/usr/lib/${DEBIAN[arch].triplet}`].map(
    (each) => system.root + each,
  );
  const lib = `${folder}/lib`;
  const waiting = new Set<string>([DEBIAN[arch].loader, ...neededBy(`${lib}/k8s-run`)]);
  for (const name of waiting) {
    const found = shelves.map((shelf) => `${shelf}/${name}`).find(existsSync);
    if (found === undefined) throw new Error(`cannot find ${name} for ${arch}: apt-get install ${PACKAGES.join(' ')}`);
    copyFileSync(realpathSync(found), `${lib}/${name}`);
    for (const needed of neededBy(`${lib}/${name}`)) waiting.add(needed);
  }
  return PACKAGES.map((name) => originOf(name, arch, system));
}

/** The libraries of Debian that a file is linked with. */
function neededBy(file: string): readonly string[] {
  const names = execFileSync('patchelf', ['--print-needed', file], { encoding: 'utf8' }).split('\n').filter(Boolean);
  return names.filter((each) => each !== KEEP_SIGNALS);
}

function originOf(name: string, arch: Arch, { root, query }: System): Origin {
  const format = FIELDS.map((field) => `$\{${field}}`).join('\t');
  const about = execFileSync('dpkg-query', [...query, '-W', '-f', format, `${name}:${DEBIAN[arch].name}`], {
    encoding: 'utf8',
  });
  const [version = '', source = '', sourceVersion = ''] = about.split('\t');
  // The folder of such a package is a symbolic link to that of its base package, which does not resolve in a fetched system.
  const copyright = [name, ...readdirSync(`${root}/usr/share/doc`).filter((each) => COMPILER_BASE.test(each))]
    .map((each) => `${root}/usr/share/doc/${each}/copyright`)
    .find(existsSync);
  if (copyright === undefined) throw new Error(`cannot find the licence of ${name} in ${root}/usr/share/doc`);
  return { name, version, source, sourceVersion, copyright };
}

/** Fetches the packages of another architecture with apt, whose state is kept apart from this machine's. */
function fetched(arch: Arch): System {
  const root = `${keptFolder(`${CACHE}/packages-${arch}`, (folder) => fetchPackages(arch, folder))}/root`;
  return { root, query: ['--admindir', `${root}/var/lib/dpkg`] };
}

function fetchPackages(arch: Arch, folder: string): void {
  const root = `${folder}/root`;
  for (const each of [
    'state/lists/partial',
    'cache/archives/partial',
    'root/var/lib/dpkg/info',
    'root/var/lib/dpkg/updates',
  ])
    mkdirSync(`${folder}/${each}`, { recursive: true });
  writeFileSync(`${root}/var/lib/dpkg/status`, '');
  const { name } = DEBIAN[arch];
  const settings = [
    `Dir::State=${folder}/state`,
    `Dir::State::status=${root}/var/lib/dpkg/status`,
    `Dir::Cache=${folder}/cache`,
    `APT::Architecture=${name}`,
    `APT::Architectures::=${name}`,
    'APT::Sandbox::User=root',
  ];
  const apt = (...words: readonly string[]): Buffer =>
    execFileSync('apt-get', ['-qq', ...settings.flatMap((each) => ['-o', each]), ...words], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  apt('update');
  apt('download', ...PACKAGES, ...readdirSync('/usr/share/doc').filter((each) => COMPILER_BASE.test(each)));
  for (const archive of readdirSync(folder).filter((each) => each.endsWith('.deb'))) {
    execFileSync('dpkg-deb', ['-x', `${folder}/${archive}`, root]);
    // For dpkg-query: the control fields, and that the package is installed.
    execFileSync('sh', [
      '-c',
      'dpkg-deb -f "$1" >>"$2/var/lib/dpkg/status" && printf "Status: install ok installed\\n\\n" >>"$2/var/lib/dpkg/status"',
      'sh',
      `${folder}/${archive}`,
      root,
    ]);
  }
}
