import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { EXIT_WITH, LAUNCHER_ENV } from '../src/boot/reexec.ts';
import { CALLED_ENV, PLUGIN_COMPLETION_FILE, PLUGIN_FILE } from '../src/cli/called-as.ts';
import { compile } from './compile.ts';
import { type Arch, DEBIAN, FLAGS, SETTINGS } from './runtime.ts';

/** Compiles bin/k8s-run, which contains the names of all parts of the folder. */
export function layLauncher(folder: string, arch: Arch, scratch: string): void {
  const binaries = readdirSync(`${folder}/lib`, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => `/lib/${name}`)
    .sort();
  const list = (words: readonly string[]): string => words.map((each) => JSON.stringify(each)).join(', ');
  const lines = [
    '#define RUNTIME "/lib/k8s-run"',
    `#define LOADER "/lib/${DEBIAN[arch].loader}"`,
    '#define PROGRAM "/lib/program/bin/k8s-run.js"',
    `#define EXIT_WITH ${JSON.stringify(EXIT_WITH)}`,
    `#define LAUNCHER ${JSON.stringify(LAUNCHER_ENV)}`,
    `#define PLUGIN ${JSON.stringify(PLUGIN_FILE)}`,
    `#define PLUGIN_COMPLETION ${JSON.stringify(PLUGIN_COMPLETION_FILE)}`,
    `#define CALLED ${JSON.stringify(CALLED_ENV)}`,
    `static const char *const BINARIES[] = {${list(binaries)}};`,
    `static const char *const SCRIPTS[] = {${list(['/lib/program/bin/k8s-run.js', '/lib/program/dist/main.js'])}};`,
    `static const char *const FLAGS[] = {${list(FLAGS)}};`,
    `static const char *const SETTINGS[] = {${list(SETTINGS)}};`,
  ];
  writeFileSync(`${scratch}/parts.h`, `${lines.join('\n')}\n`);
  mkdirSync(`${folder}/bin`, { recursive: true });
  compile(arch, 'launcher.c', `${folder}/bin/k8s-run`, ['-static', '-fno-pie', '-no-pie', '-I', scratch]);
}
