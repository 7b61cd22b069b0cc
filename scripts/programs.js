// The programs that tests and scripts run, as programs.json lists them: `packages` are Debian's (and Ubuntu's), `needed` says what
// each script of package.json runs beside node and npm, `neededOnX64` what it takes to emulate arm64 there.
// Plain old JavaScript, because preflight.js runs on whatever node there is.
import { accessSync, constants, readdirSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const { packages, needed, neededOnX64 } = JSON.parse(readFileSync(new URL('./programs.json', import.meta.url), 'utf8'));

/** What these scripts need and is not there; without names, any script. */
export function missingFor(...scripts) {
  const lists = process.arch === 'x64' ? [needed, neededOnX64] : [needed];
  const programs = lists.flatMap((list) =>
    (scripts.length === 0 ? Object.keys(list) : scripts).map((script) => list[script] ?? []),
  );
  return [...new Set(programs.flat())].filter((program) => !isInstalled(program));
}

/** /usr/sbin is not on everybody's path, and podman finds its own programs by itself. */
const FOLDERS = [
  ...(process.env.PATH ?? '').split(delimiter),
  '/usr/sbin',
  '/sbin',
  '/usr/lib/podman',
  ...postgresFolders(),
];

export function isInstalled(program) {
  return FOLDERS.some((folder) => namesOf(program, folder).some((name) => isExecutable(join(folder, name))));
}

export function packagesOf(programs) {
  return [...new Set(programs.map((program) => packages[program]))];
}

/** The command that installs them. */
export function remedyFor(programs) {
  return `apt-get install ${packagesOf(programs).join(' ')}`;
}

/** Debian has each version of it in a folder of its own. */
function postgresFolders() {
  try {
    return readdirSync('/usr/lib/postgresql').map((version) => `/usr/lib/postgresql/${version}/bin`);
  } catch {
    return [];
  }
}

/** Debian calls the program by its version as well: php-fpm8.2. */
function namesOf(program, folder) {
  if (program !== 'php-fpm') return [program];
  try {
    return readdirSync(folder).filter((name) => /^php-fpm[\d.]*$/.test(name));
  } catch {
    return [];
  }
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
