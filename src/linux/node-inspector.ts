import { basename } from 'node:path';
import { commandLineOf, executableOf, variableOf } from './procfs.ts';

/** Node's default, which SIGUSR1 opens too: nodejs.org/api/cli.html#--inspecthostport. */
const INSPECTOR_PORT = 9229;
const IS_NODE = /^node[^/]*$/;

/** The ports of a process on which a Node inspector serves its developer; none where it is no Node. */
export function inspectorPortsOf(pid: number): readonly number[] {
  return isNode(pid) ? [...portsAskedFor(pid), INSPECTOR_PORT] : portsAskedFor(pid);
}

/** Whether an inspector of it may be on a port that cannot be told: any free one (`--inspect=0`), or the process has a title, which lies over its words. */
export function mayHideInspector(pid: number): boolean {
  return isNode(pid) && (portsAskedFor(pid).includes(0) || !IS_NODE.test(basename(commandLineOf(pid)[0] ?? '')));
}

/** By its executable; by its name where that may not be read. */
function isNode(pid: number): boolean {
  return IS_NODE.test(basename(executableOf(pid) ?? commandLineOf(pid)[0] ?? ''));
}

function portsAskedFor(pid: number): readonly number[] {
  const words = [...commandLineOf(pid).slice(1), ...(variableOf(pid, 'NODE_OPTIONS') ?? '').split(/\s+/)];
  return words.flatMap((word) => {
    const found = /^--(?:inspect(?:-brk|-wait|-port)?|debug-port)(?:=(?:.*:)?(\d+))?$/.exec(word);
    return found === null ? [] : [Number(found[1] ?? INSPECTOR_PORT)];
  });
}
