import { spawn, spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Accelerator } from './accelerator.ts';
import type { System } from './system.ts';

export type Boot = System & {
  /** An archive that is unpacked over the root file system. */
  readonly project: string;
  /** For its shell, as root. */
  readonly command: string;
  readonly how: Accelerator;
  /** Milliseconds after which it is ended. */
  readonly limit: number;
};

const MEBIBYTES = 2_560;
/** Two, so that a limit of one and a half is less than there is. */
const PROCESSORS = 2;
/** Lines of init.sh around the output of the command. Before them the firmware talks. */
const BEGUN = 'vm-command-begins';
const ENDED = /^vm-exit-code (\d+)$/;

/** Boots it, prints what the command prints, and returns its exit code; 1 if the machine ended without one. */
export async function boot({ kernel, root, project, command, how, limit }: Boot): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'k8s-run-vm-'));
  try {
    const archive = join(folder, 'initrd');
    writeFileSync(archive, Buffer.concat([root, project].map((each) => readFileSync(each)).map(aligned)));
    appendFileSync(archive, commandArchive(folder, command));
    const qemu = spawn('qemu-system-x86_64', words({ kernel, archive, how }), {
      stdio: ['ignore', 'pipe', 'inherit'],
      timeout: limit,
      killSignal: 'SIGKILL',
    });
    // qemu's end is ours, after the files are removed.
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => qemu.kill());
    const ended = new Promise<void>((resolve, reject) => {
      qemu.once('exit', () => resolve()).once('error', reject);
    });
    let begun = false;
    let code: number | null = null;
    for await (const line of createInterface({ input: qemu.stdout })) {
      // The console ends a line with \r\r\n, if the program did with \r\n.
      const text = line.replace(/\r+$/, '');
      const end = ENDED.exec(text)?.[1];
      if (end !== undefined) code = Number(end);
      else if (begun && code === null) process.stdout.write(`${text}\n`);
      begun ||= text.endsWith(BEGUN);
    }
    await ended;
    if (code === null)
      process.stderr.write(`the virtual machine ended without the command's exit code (at most ${limit / 1_000} s)\n`);
    return code ?? 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function words({ kernel, archive, how }: { kernel: string; archive: string; how: Accelerator }): readonly string[] {
  const processor = how === 'kvm' ? 'host' : 'max';
  return [
    ...['-accel', how, '-cpu', processor, '-smp', String(PROCESSORS), '-m', String(MEBIBYTES)],
    ...['-nographic', '-no-reboot', '-nic', 'none', '-kernel', kernel, '-initrd', archive],
    ...['-append', 'console=ttyS0 quiet loglevel=3 rdinit=/init panic=-1'],
  ];
}

function commandArchive(folder: string, command: string): Buffer {
  const root = join(folder, 'command');
  mkdirSync(root);
  writeFileSync(join(root, 'command'), `${command}\n`);
  const { status, stdout, stderr } = spawnSync('cpio', ['--create', '--format=newc', '--quiet'], {
    cwd: root,
    input: 'command\n',
  });
  if (status !== 0) throw new Error(`cpio ended with ${status}: ${stderr}`);
  return stdout;
}

/** An archive behind another begins at a multiple of 4. */
function aligned(archive: Buffer): Buffer {
  return Buffer.concat([archive, Buffer.alloc(-archive.length & 3)]);
}
