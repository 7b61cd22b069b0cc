/** `$` and what follows it: another `$`, a name in parentheses, or any other character. */
const VARIABLE_REFERENCE = /\$(?:\$|\(([^)]*)\)|[^$])/g;

/**
 * Expands a word of command, args or env as the kubelet does: `$(NAME)` becomes the value of the variable, and stays as it is
 * where no such variable exists; `$$` becomes one `$`. See Expand() in k8s.io/kubernetes/third_party/forked/golang/expansion.
 */
export function expandVariables(word: string, variables: Readonly<Record<string, string>>): string {
  return word.replace(VARIABLE_REFERENCE, (all, name?: string) => {
    if (all === '$$') return '$';
    return name !== undefined && Object.hasOwn(variables, name) ? (variables[name] ?? all) : all;
  });
}

/** The inverse: the kubelet expands the result to this word, whatever the variables are. */
export function escapeVariables(word: string): string {
  return word.replace(/\$(?=[$(])/g, '$$$$');
}

/** The names of the variables that a word refers to. */
export function referencedVariables(word: string): readonly string[] {
  return [...word.matchAll(VARIABLE_REFERENCE)].flatMap(([, name]) => (name === undefined ? [] : [name]));
}
