/**
 * For `prefix` of a start: runs the command on a pseudo-terminal, as session leader, with stdin and stdout on the terminal and
 * an unchanged stderr. A line on stdin hangs the terminal up. It exits with the code of the command.
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
    except OSError: watched = [0] # no process has the terminal open, but it exists
os.close(master)
code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
sys.exit(128 - code if code < 0 else code)
`,
];
