import { needs, needsThat } from '../rig/needs.ts';
import { accelerator } from './accelerator.ts';
import { boot } from './machine.ts';
import { packProject, prepareSystem } from './system.ts';

/** Files for node --test, from the folder of the project; all of them run in the machine, one after another. */
const FILES = [
  'test/vm/*.cases.ts',
  'test/system/resources/pressure.test.ts',
  'test/system/resources/resize.test.ts',
  'test/system/environment/resource-env.test.ts',
  'test/system/pages/how-to.test.ts',
];
/** Milliseconds for the machine's whole life. In emulation it takes about 3 minutes, alone on two cores. */
const LIMIT = 20 * 60_000;

/** false, or the sentence that says what is missing and how to have it. Where it is demanded, what can be installed throws. */
function cannotRun(): string | false {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    return 'the virtual machine is made of programs of this machine: run it on Linux x64';
  }
  return (
    needs('qemu-system-x86_64', 'debootstrap', 'cpio', 'zstd') ||
    needsThat(process.getuid?.() === 0, 'making a root file system takes root', 'run it as root')
  );
}

/** The words of a command line, for a shell. */
function quoted(words: readonly string[]): string {
  return words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
}

const reason = cannotRun();
if (reason !== false) {
  process.stderr.write(`npm run test:vm: not run: ${reason}\n`);
} else {
  // Options of node --test, such as --test-name-pattern, and files instead of all.
  const given = process.argv.slice(2);
  const options = given.filter((word) => word.startsWith('-'));
  const files = given.filter((word) => !word.startsWith('-'));
  const system = prepareSystem();
  using project = packProject();
  const how = await accelerator();
  process.stderr.write(
    `a virtual machine with cgroup v2, ${how === 'kvm' ? 'by KVM' : 'in emulation, which takes some minutes'}\n`,
  );
  const test = ['node', '--test', '--test-concurrency=1', '--test-timeout=900000', '--test-reporter=spec'];
  // It is larger than all the rest. What it is given is the same on v1, where npm test tries it.
  const withoutJava = '--test-skip-pattern=/heap of java/';
  const words = [...test, withoutJava, ...options, ...(files.length === 0 ? FILES : files)];
  // Its console is a terminal, whatever this one is.
  const colour = process.stdout.isTTY ? '' : 'NO_COLOR=1';
  const patience = `K8S_RUN_TEST_PATIENCE=${how === 'kvm' ? 1 : 6}`;
  const command = `cd /k8s-run && export ${patience} ${colour} && ${quoted(words)}`;
  process.exitCode = await boot({ ...system, project: project.path, command, how, limit: LIMIT });
}
