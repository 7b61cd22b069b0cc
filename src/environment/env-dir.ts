import { isUtf8 } from 'node:buffer';
import { keysIn, type MountedKey } from '../mounted/folder.ts';

/** The variables of the folders of `--env-dir`. A `remark` never contains a value. */
export type MountedVariables =
  | { readonly variables: Readonly<Record<string, string>>; readonly remarks: readonly string[] }
  | { readonly problems: readonly string[] };

/** Names that every shell and runtime can read (environ(7)). */
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** Bytes that execve(2) accepts for one string (MAX_ARG_STRLEN): the name, `=`, the value and NUL. */
const MAX_LENGTH = 128 * 1024;

/**
 * Each file becomes a variable, with its content less one newline at the end. A later folder overrides an earlier one, as with
 * envFrom. A file that cannot become a variable is left out with a remark; a folder that cannot be read is a problem, which
 * begins with `source`.
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
  if (!VARIABLE.test(name)) return { problem: 'its name has other characters than letters, digits and _' };
  if (bytes.includes(0)) return { problem: 'it contains a NUL byte' };
  if (name.length + bytes.length + 2 > MAX_LENGTH) return { problem: 'it is longer than a variable may be (128 KiB)' };
  // Not by a TextDecoder, because its `fatal` needs a Node with ICU.
  if (!isUtf8(bytes)) return { problem: 'it is not UTF-8 text' };
  return { text: bytes.toString('utf8').replace(/\r?\n$/, '') };
}

function reason({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'ENOENT') return 'no such folder; is the volume mounted?';
  if (code === 'ENOTDIR') return 'it is not a folder; give a folder, of which each file becomes a variable';
  if (code === 'EACCES') return 'permission denied (EACCES); set defaultMode or fsGroup of the volume';
  return code ?? message;
}
