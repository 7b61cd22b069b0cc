/** `$` and what it is read with: another `$`, a name, or any other character. */
const OPERATION = /\$(?:\$|\(([^)]*)\)|[^$])/g;

/**
 * What the kubelet makes of a word of command, args or env: `$(NAME)` is the value of a variable, and stays as it is where
 * there is none; `$$` is one `$`. As Expand() in k8s.io/kubernetes/third_party/forked/golang/expansion.
 */
export function expanded(word: string, variables: Readonly<Record<string, string>>): string {
  return word.replace(OPERATION, (all, name?: string) => {
    if (all === '$$') return '$';
    return name !== undefined && Object.hasOwn(variables, name) ? (variables[name] ?? all) : all;
  });
}

/** The word that the kubelet makes this one of. */
export function escaped(word: string): string {
  return word.replace(/\$(?=[$(])/g, '$$$$');
}

/** The variables that a word names. */
export function namedIn(word: string): readonly string[] {
  return [...word.matchAll(OPERATION)].flatMap(([, name]) => (name === undefined ? [] : [name]));
}
