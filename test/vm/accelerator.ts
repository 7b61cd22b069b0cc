import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type Accelerator = 'kvm' | 'tcg';

const SECTOR = 512;
/** What the boot sector writes; the device isa-debug-exit then ends qemu with twice that and one. */
const WRITTEN = 0x2a;
const PATIENCE = 5_000;

/**
 * `kvm` if a virtual machine really runs by it, else emulation. /dev/kvm may be there and open, while nothing runs: inside
 * another virtual machine, without rights. So a boot sector is run, which ends the machine at once.
 */
export async function accelerator(): Promise<Accelerator> {
  const folder = mkdtempSync(join(tmpdir(), 'k8s-run-kvm-'));
  try {
    const image = Buffer.alloc(SECTOR);
    // mov al, 0x2a; out 0xf4, al; hlt
    image.set([0xb0, WRITTEN, 0xe6, 0xf4, 0xf4]);
    image.set([0x55, 0xaa], SECTOR - 2);
    writeFileSync(join(folder, 'boot'), image);
    const words = ['-accel', 'kvm', '-cpu', 'host', '-m', '32', '-display', 'none', '-nodefaults', '-no-user-config'];
    const device = ['-device', 'isa-debug-exit,iobase=0xf4,iosize=4'];
    const disk = ['-drive', `file=${join(folder, 'boot')},format=raw,if=ide`];
    const qemu = spawn('qemu-system-x86_64', [...words, ...device, ...disk], { stdio: 'ignore', timeout: PATIENCE });
    const code = await new Promise<number | null>((resolve) => {
      qemu.once('exit', resolve).once('error', () => resolve(null));
    });
    return code === 2 * WRITTEN + 1 ? 'kvm' : 'tcg';
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
