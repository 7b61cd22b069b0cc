import { basename } from 'node:path';
import { commandLineOf, executableOf, variableOf } from './procfs.ts';

/** Node's default, which SIGUSR1 opens too: nodejs.org/api/cli.html, --inspect. */
const INSPECTOR_PORT = 9229;
const IS_NODE = /^node[^/]*$/;

/** The ports of a process on which its Node inspector may listen; empty when it is not Node and names no port. */
export function inspectorPortsOf(pid: number): readonly number[] {
  return isNode(pid) ? [...configuredPorts(pid), INSPECTOR_PORT] : configuredPorts(pid);
}

/**
 * Whether its inspector may listen on a port that cannot be known: on any free one (`--inspect=0`), or the process has set a
 * title, which overwrites its command line.
 */
export function mayHideInspector(pid: number): boolean {
  return isNode(pid) && (configuredPorts(pid).includes(0) || !IS_NODE.test(basename(commandLineOf(pid)[0] ?? '')));
}

/** By its executable, or where that may not be read by its command line. */
function isNode(pid: number): boolean {
  return IS_NODE.test(basename(executableOf(pid) ?? commandLineOf(pid)[0] ?? ''));
}

function configuredPorts(pid: number): readonly number[] {
  const words = [...commandLineOf(pid).slice(1), ...(variableOf(pid, 'NODE_OPTIONS') ?? '').split(/\s+/)];
  return words.flatMap((word) => {
    const found = /^--(?:inspect(?:-brk|-wait|-port)?|debug-port)(?:=(?:.*:)?(\d+))?$/.exec(word);
    return found === null ? [] : [Number(found[1] ?? INSPECTOR_PORT)];
  });
}
