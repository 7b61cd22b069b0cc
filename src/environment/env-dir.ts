import { keysIn, type MountedKey } from '../mounted/folder.ts';

/** What the folders of `--env-dir` say. Values are never part of a `remark`. */
export type MountedVariables =
  | { readonly variables: Readonly<Record<string, string>>; readonly remarks: readonly string[] }
  | { readonly problems: readonly string[] };

/** environ(7) names, as every shell and runtime can read them. */
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** execve(2) takes no string longer than this (MAX_ARG_STRLEN), its name, `=` and NUL included. */
const LONGEST = 128 * 1024;

/**
 * Each file becomes a variable: its name, and its content less one newline at the end. A later folder wins over an earlier one,
 * as with envFrom. What cannot be a variable is left out and remarked on; a folder that cannot be read is a problem, told with
 * the `source` that names it.
 */
export function variablesIn(folders: readonly string[], source: string): MountedVariables {
  const variables: Record<string, string> = {};
  const remarks: string[] = [];
  const problems: string[] = [];
  for (const folder of folders) {
    let keys: readonly MountedKey[] = [];
    try {
      keys = keysIn(folder);
    } catch (error) {
      problems.push(`cannot use ${source} ${JSON.stringify(folder)}: ${reason(error as NodeJS.ErrnoException)}`);
    }
    for (const key of keys) {
      const value = 'problem' in key ? key : textOf(key.name, key.bytes);
      if ('problem' in value) remarks.push(`${key.name} of ${folder} does not become a variable: ${value.problem}`);
      else variables[key.name] = value.text;
    }
  }
  return problems.length > 0 ? { problems } : { variables, remarks };
}

function textOf(name: string, bytes: Buffer): { text: string } | { problem: string } {
  if (!VARIABLE.test(name)) return { problem: 'its name is not letters, digits and _' };
  if (bytes.includes(0)) return { problem: 'it holds a NUL byte' };
  if (name.length + bytes.length + 2 > LONGEST) return { problem: 'it is longer than a variable can be (128 KiB)' };
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return { text: text.replace(/\r?\n$/, '') };
  } catch {
    return { problem: 'it is not UTF-8 text' };
  }
}

function reason({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'ENOENT') return 'there is no such folder; is the volume mounted?';
  if (code === 'ENOTDIR') return 'it is not a folder; each file in a folder becomes a variable';
  if (code === 'EACCES') return 'it may not be read (EACCES); see defaultMode and fsGroup of the volume';
  return code ?? message;
}
