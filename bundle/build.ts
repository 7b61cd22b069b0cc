import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { arch as here } from 'node:process';
import { parseArgs } from 'node:util';
import { blankLocales } from './icu.ts';
import { KEEP_SIGNALS, layKeepSignals } from './keep-signals.ts';
import { layLauncher } from './launcher.ts';
import { layLibraries, type Origin } from './libraries.ts';
import { layLicences } from './licences.ts';
import { layCodeCache, layProgram, runs, runtimeCommand } from './program.ts';
import { type Arch, DEBIAN, nodeBinary, toolFor } from './runtime.ts';
import { laySbom } from './sbom.ts';

/**
 * Builds the portable folder from dist/, npm's Node and Debian's libraries: `npm run build:bundle [-- --arch arm64] [--out
 * folder]`. The same inputs give the same bytes.
 */
const USAGE = 'npm run build:bundle [-- [--arch x64|arm64] [--out FOLDER]]\n';
const root = new URL('..', import.meta.url).pathname;
/** The place of the folder. It also runs elsewhere, because the launcher then starts the loader with its path. */
const PLACE = '/opt/k8s-run';

const { arch, out } = readFlags();
const scratch = `${out}.making`;
const folder = `${scratch}/k8s-run`;
rmSync(scratch, { recursive: true, force: true });
mkdirSync(`${folder}/lib`, { recursive: true });

layRuntime();
layKeepSignals(folder, arch);
const origins: readonly Origin[] = layLibraries(folder, arch);
layProgram(folder);
layLauncher(folder, arch, scratch);
if (runs(arch)) layCodeCache(folder, arch);
else process.stderr.write(`no code cache: ${DEBIAN[arch].qemu} is not installed; k8s-run will start slower\n`);
layLicences(folder, arch, origins);
laySbom(folder, arch, origins, insideNode());
settle(folder);
rmSync(out, { recursive: true, force: true });
renameSync(folder, out);
rmSync(scratch, { recursive: true });
process.stdout.write(`${out}: for ${PLACE} in any Linux image, ${arch}\n`);

/** First strip, then blank the locales, then patch, because strip would damage a file that patchelf has changed. */
function layRuntime(): void {
  const file = `${folder}/lib/k8s-run`;
  const whole = `${scratch}/node`;
  writeFileSync(whole, nodeBinary(arch));
  execFileSync(toolFor(arch, 'objcopy'), ['--strip-all', whole, file]);
  rmSync(whole);
  const binary = Buffer.from(execFileSync('cat', [file], { maxBuffer: 2 ** 30 }));
  blankLocales(binary);
  writeFileSync(file, binary);
  chmodSync(file, 0o755);
  const loader = `${PLACE}/lib/${DEBIAN[arch].loader}`;
  // RUNPATH, because --library-path precedes it: a folder elsewhere then never uses the libraries of one in /opt/k8s-run.
  execFileSync('patchelf', ['--set-interpreter', loader, '--set-rpath', `${PLACE}/lib`, file]);
  // By a call of its own, because patchelf mixes the two up. It becomes the first, so that its functions are found before libc's.
  execFileSync('patchelf', ['--add-needed', KEEP_SIGNALS, file]);
}

/** The versions of Node and its libraries, as the runtime reports them. */
function insideNode(): Record<string, string> {
  if (!runs(arch)) return process.versions as Record<string, string>;
  const [program = '', ...words] = runtimeCommand(folder, arch);
  return JSON.parse(execFileSync(program, [...words, '-p', 'JSON.stringify(process.versions)'], { encoding: 'utf8' }));
}

/** Sets modes and times, so that they do not depend on who builds it, and when. */
function settle(path: string): void {
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    const inner = join(path, entry.name);
    if (entry.isDirectory()) settle(inner);
    else chmodSync(inner, /\/(bin\/[^.]+(\.js)?$|lib\/[^/]+$)/.test(inner.slice(folder.length)) ? 0o755 : 0o644);
    if (!entry.isDirectory()) utimesSync(inner, 0, 0);
  }
  chmodSync(path, 0o755);
  utimesSync(path, 0, 0);
}

function readFlags(): { readonly arch: Arch; readonly out: string } {
  const { values } = parseArgs({ options: { arch: { type: 'string', default: here }, out: { type: 'string' } } });
  if (values.arch !== 'x64' && values.arch !== 'arm64') {
    process.stderr.write(`cannot build for ${values.arch}: there is x64 and arm64\n${USAGE}`);
    process.exit(64);
  }
  return { arch: values.arch, out: resolve(values.out ?? `${root}dist-bundle/${values.arch}/k8s-run`) };
}
