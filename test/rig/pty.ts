/**
 * A pseudo-terminal, for `prefix` of a start: what follows runs as the leader of its session, with stdin and stdout on it, and
 * stderr where it was. A line on the stdin of all this hangs it up; it ends with the code of what ran.
 */
export const PTY: readonly string[] = [
  'python3',
  '-c',
  `import os, pty, select, sys
err = os.dup(2)
pid, master = pty.fork()
if pid == 0:
    os.dup2(err, 2)
    os.close(err)
    os.execvp(sys.argv[1], sys.argv[1:])
watched = [0, master]
while True:
    ready = select.select(watched, [], [])[0]
    if 0 in ready: break
    try: os.read(master, 65536)
    except OSError: watched = [0] # nobody has it open now, but it is there
os.close(master)
code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
sys.exit(128 - code if code < 0 else code)
`,
];
