import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** A new control group, in v1 or v2. Disposing kills its processes and removes it. */
export type ControlGroup = AsyncDisposable & {
  /** For `prefix` of a start: enters the group, then executes the command. */
  readonly prefix: readonly string[];
  readonly memoryFolder: string;
  readonly cpuFolder: string;
  /** Writes other limits into it while it runs, as an in-place resize does. */
  readonly resize: (limits: GroupLimits) => void;
};

export type GroupLimits = { readonly processors?: number; readonly mebibytes?: number };

const PERIOD = 100_000;
const MOUNT = '/sys/fs/cgroup';
const v1 = existsSync(`${MOUNT}/memory/memory.limit_in_bytes`) && existsSync(`${MOUNT}/cpu/cpu.cfs_quota_us`);
let made = 0;

/** For `skip` of node:test: false, or why no control group can be made. */
export const noControlGroup: string | false = possible()
  ? false
  : 'making a control group takes root and a writable /sys/fs/cgroup';

function possible(): boolean {
  try {
    const group = makeFolders({});
    removeFolders(foldersOf(group));
    return true;
  } catch {
    return false;
  }
}

export function makeControlGroup(limits: GroupLimits): ControlGroup {
  const name = makeFolders(limits);
  const folders = foldersOf(name);
  const [cpuFolder = '', memoryFolder = cpuFolder] = folders;
  const enter = folders.map((folder) => `echo $$ > ${folder}/cgroup.procs && `).join('');
  return {
    prefix: ['sh', '-c', `${enter}exec "$@"`, 'sh'],
    cpuFolder,
    memoryFolder,
    resize: (next) => writeLimits(folders, next),
    async [Symbol.asyncDispose]() {
      for (let tries = 0; tries < 200 && folders.some(existsSync); tries += 1) {
        for (const pid of folders.flatMap(membersOf)) kill(pid);
        removeFolders(folders);
        if (folders.some(existsSync)) await sleep(20);
      }
    },
  };
}

/** Makes the folders of a group and returns its name. */
function makeFolders(limits: GroupLimits): string {
  made += 1;
  const name = `k8s-run-test-${process.pid}-${made}`;
  const folders = foldersOf(name);
  try {
    for (const folder of folders) mkdirSync(folder);
    const [folder = ''] = folders;
    if (!v1 && !existsSync(`${folder}/memory.max`)) writeFileSync(`${MOUNT}/cgroup.subtree_control`, '+cpu +memory');
    if (!v1) writeIfThere(`${folder}/memory.swap.max`, '0');
    writeLimits(folders, limits);
  } catch (error) {
    removeFolders(folders);
    throw error;
  }
  return name;
}

/** What is left out stays as it is. */
function writeLimits([cpu = '', memory = cpu]: readonly string[], { processors, mebibytes }: GroupLimits): void {
  const quota = processors === undefined ? null : Math.round(processors * PERIOD);
  const bytes = mebibytes === undefined ? null : mebibytes * 2 ** 20;
  if (quota !== null && v1) writeFileSync(`${cpu}/cpu.cfs_quota_us`, String(quota));
  if (quota !== null && !v1) writeFileSync(`${cpu}/cpu.max`, `${quota} ${PERIOD}`);
  if (bytes === null) return;
  const file = `${memory}/${v1 ? 'memory.limit_in_bytes' : 'memory.max'}`;
  const withSwap = `${memory}/memory.memsw.limit_in_bytes`;
  // The limit with swap must never be below the one without.
  if (existsSync(withSwap) && Number(readFileSync(withSwap, 'utf8')) < bytes) writeFileSync(withSwap, String(bytes));
  writeFileSync(file, String(bytes));
  writeIfThere(withSwap, String(bytes));
}

function foldersOf(name: string): readonly string[] {
  return v1 ? [`${MOUNT}/cpu/${name}`, `${MOUNT}/memory/${name}`] : [`${MOUNT}/${name}`];
}

function removeFolders(folders: readonly string[]): void {
  for (const folder of folders) {
    try {
      rmdirSync(folder);
    } catch {
      // Not empty yet, or already removed.
    }
  }
}

function membersOf(folder: string): readonly number[] {
  try {
    return readFileSync(`${folder}/cgroup.procs`, 'utf8').split('\n').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

function writeIfThere(path: string, text: string): void {
  if (existsSync(path)) writeFileSync(path, text);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Gone already.
  }
}
