/** The shells, as the words that begin a command line. */
export const SHELLS = [['dash'], ['bash'], ['busybox', 'sh'], ['zsh']] as const;

/** Options in front of the script that all shells have. */
export const OPTIONS: readonly (readonly string[])[] = [
  ['-c'],
  ['-c', '--'],
  ['-c', '-x'],
  ['-x', '-c', '-e', '--'],
  ['-ce'],
  ['-ceu'],
  ['-o', 'errexit', '-c'],
  ['-euo', 'noglob', '-c'],
];

const BEFORE = ['', 'cd / && ', 'set -e; ', 'mkdir -p /tmp\n', 'exec 2>&1; ', '[ -d / ] && ', 'true | true; '];
const BEHIND = ['', '\n', ' ; ', ' 2>&1', ' && true', '; true', ' || true', ' & wait $!'];

/** `app` is a program that stays; each script runs it with the words `one "two three"` behind it, at most once. */
export const SCRIPTS: readonly string[] = [
  ...BEFORE.flatMap((before) => BEHIND.map((behind) => `${before}app one "two three"${behind}`)),
  'app one "two three"',
  'app one "two three"\n',
  'app one "two three"\n\n',
  'app one "two three" # the app',
  '  app one "two three" ;',
  'app one "two three" >/dev/null 2>&1',
  'A=1 app one "two three"',
  'A=1; app one "$WORDS"',
  'cd / && app one "two three"',
  'set -e; umask 022\nexport A=1\napp one "two three"',
  'true || false; app one "two three"',
  'false || app one "two three"',
  'app one "two three" || exit 1',
  'test -e /nowhere || app one "two three"',
  'mkdir -p /tmp && exec app one "two three"',
  'exec app one "two three" || exit 1',
  'exec app one "two three"; exit 1',
  'if true; then exec app one "two three"; else exec false; fi',
  'if true; then app one "two three"; fi',
  '{ app one "two three"; }',
  '(app one "two three")',
  'while true; do app one "two three"; done',
  'for word in one; do app $word "two three"; done',
  'app one "two three"; true',
  'app one "two three" && true',
  'app one "two three" | cat',
  'true | app one "two three"',
  '! app one "two three"',
  'app one "two three" & wait',
  'true & app one "two three"',
  "trap 'kill $!; wait $!' TERM; app one 'two three' & wait",
  "trap 'exit 0' EXIT; app one 'two three'",
  'run() { app "$@"; }; run one "two three"',
  'case a in a) exec app one "two three";; esac',
  'cat <<END >/dev/null; app one "two three"\nexec app\nEND\n',
  'exec sh -c "exec app one \'two three\'"',
];
