import { resolve } from 'node:path';
import { EXIT_CANTCREAT, EXIT_CONFIG, EXIT_IOERR, EXIT_USAGE } from '../exit/exit-codes.ts';
import { installFolder } from '../install/install-folder.ts';
import { VERSION } from '../version.ts';
import type { CommandOption, Invocation } from './command-file.ts';
import { commandLine, helpHint, readWords } from './command-line.ts';
import { print, STDERR } from './print.ts';

const FORCE: CommandOption = { flags: '--force', help: 'replace another version that is in the folder' };
export const options: readonly CommandOption[] = [FORCE];
export const operands = 'folders';

const DESCRIPTION = `Copies the portable folder that it runs from into another folder, such as an emptyDir that an app's container mounts.
All of it is there afterwards, compared with what was read and usable by every user, or nothing is.`;

/** The path of the launcher in the portable folder. */
const LAUNCHER = /\/bin\/k8s-run$/;

/** `k8s-run install`: copies the portable folder. */
export async function run({ words, launch }: Invocation): Promise<number> {
  const program = commandLine('install', DESCRIPTION)
    .usage('[options] <folder>')
    .argument('[folder...]', 'the folder to copy to: one that does not exist, or is empty');
  program.option(FORCE.flags, FORCE.help);
  const read = readWords(program, words);
  if (typeof read === 'number') return read;
  const [folder, ...others] = read.args;
  if (folder === undefined || folder === '' || others.length > 0) {
    const mistake = others.length > 0 ? 'name one folder only' : 'no folder given; name the folder to copy to';
    print(`k8s-run install: cannot install: ${mistake}\n${helpHint('install')}\n`, STDERR);
    return EXIT_USAGE;
  }
  const [launcher = ''] = launch;
  // Only the launcher of the folder starts it without further words.
  if (launch.length > 1 || !LAUNCHER.test(launcher))
    return refuse(
      `cannot install: this is the npm package, which needs a Node beside it; run /opt/k8s-run/bin/k8s-run install ${folder} of the portable folder (docs/how-to/install.md)`,
      EXIT_CONFIG,
    );
  const { force = false } = read.opts<{ force?: boolean }>();
  const target = resolve(folder);
  const result = installFolder({ source: launcher.replace(LAUNCHER, ''), target, force });
  switch (result.kind) {
    case 'copied':
      if (result.mended !== null)
        print(
          `k8s-run install: ${target} had a damaged copy of this version: ${result.mended}; it was replaced\n`,
          STDERR,
        );
      print(
        `k8s-run ${VERSION} was copied to ${target}: ${result.files} files, ${megabytes(result.bytes)}, verified\n`,
      );
      return 0;
    case 'same':
      print(
        `k8s-run ${VERSION} is in ${target} already: ${result.files} files, ${megabytes(result.bytes)}, verified\n`,
      );
      return 0;
    case 'refused':
    case 'torn':
      return refuse(`cannot install into ${target}: ${result.problem}`, EXIT_CANTCREAT);
    case 'damaged':
      return refuse(`cannot install into ${target}: ${result.problem}`, EXIT_IOERR);
  }
}

function refuse(sentence: string, code: number): number {
  print(`k8s-run install: ${sentence}\n`, STDERR);
  return code;
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1_000_000)} MB`;
}
