import type { AppFailure } from '../results.ts';

/** What to try when the app could not be rehearsed to the end. */
export function remedyFor({ kind, output }: AppFailure): string {
  switch (kind) {
    case 'not started':
      return 'Check that this is the command that starts the app in its image.';
    case 'exited early':
      return output.length === 0
        ? 'It printed nothing. Run it by itself to see what is missing.'
        : 'Its last output may say what is missing: a variable, a file, a database. It gets the variables of this shell and of --manifest.';
    case 'never ready':
      return 'For an app that starts slowly, set --ready-within 2m. For one that listens late or on another port, set --ready http://:8080/path. For a worker that listens on no port, set --ready process.';
    case 'probe fails':
      return 'Check that the probe matches the app: its path, port or command. For an app that starts slowly, set --ready-within 2m.';
    case 'start held back':
      return 'On this machine, too, the targets of --wait-for must answer and the command of --pre-start must exit. Otherwise leave these options out.';
    case 'exited while serving':
      return 'Nothing had told it to exit, so find the cause before you look at its shutdown. To send fewer requests, set --rate 10.';
    case 'restart due':
      return 'Increase failureThreshold or periodSeconds of that probe, or give it a path that answers without waiting for other services.';
    case 'port taken':
      return 'Stop the process that listens there, or name the variable that sets the port of the app (--port-variable), or write {PORT} in the command.';
    case 'daemonized':
      return 'An app that moves into the background cannot be supervised. Run it in the foreground.';
  }
}
