// For --import: forbids setsid(2) to this process and to all that it starts, by seccomp(2), as a strict profile of a pod may.
import { dlopen, getRawPointer } from 'node:ffi';

const SETSID = process.arch === 'arm64' ? 157 : 112;
const [PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER] = [38, 22, 2n];
const SECCOMP_RET_ALLOW = 0x7fff_0000;
const SECCOMP_RET_EPERM = 0x0005_0001;
/** bpf(4): load the number of the system call; is it setsid? then EPERM, else allow. */
const INSTRUCTIONS = [
  [0x20, 0, 0, 0],
  [0x15, 0, 1, SETSID],
  [0x06, 0, 0, SECCOMP_RET_EPERM],
  [0x06, 0, 0, SECCOMP_RET_ALLOW],
];
const filter = Buffer.alloc(8 * INSTRUCTIONS.length);
for (const [index, [code, yes, no, value]] of INSTRUCTIONS.entries()) {
  filter.writeUInt16LE(code, 8 * index);
  filter.writeUInt8(yes, 8 * index + 2);
  filter.writeUInt8(no, 8 * index + 3);
  filter.writeUInt32LE(value, 8 * index + 4);
}
const program = Buffer.alloc(16);
program.writeUInt16LE(INSTRUCTIONS.length, 0);
program.writeBigUInt64LE(getRawPointer(filter), 8);
const { functions } = dlopen(null, {
  prctl: { arguments: ['i32', 'u64', 'u64', 'u64', 'u64'], return: 'i32' },
});
if (functions.prctl(PR_SET_NO_NEW_PRIVS, 1n, 0n, 0n, 0n) !== 0) throw new Error('no_new_privs is not allowed');
if (functions.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, getRawPointer(program), 0n, 0n) !== 0)
  throw new Error('seccomp is not allowed');
