import type { Trouble } from './facts.ts';

/** What to try when a rehearsal could not be played to its end. */
export function remedyFor({ kind, lines }: Trouble): string {
  switch (kind) {
    case 'not started':
      return 'Is that how it is started in the image?';
    case 'ended':
      return lines.length === 0
        ? 'It printed nothing. Start it by itself and see what it is missing.'
        : 'What it printed last may say what it is missing: a variable, a file, a database. Variables of this shell and those of --manifest reach it.';
    case 'never ready':
      return 'Give a slow app --ready-within 2m; one that listens late, or on another port, --ready http://:8080/path; a worker that listens on nothing --ready process.';
    case 'refused':
      return 'Does that probe ask for what the app has: this path, this port, this command? Give a slow app --ready-within 2m.';
    case 'held':
      return 'What --wait-for names must answer on this machine too, and what --pre-start runs must end; or rehearse without them.';
    case 'died':
      return 'Nothing had told it to: find out why before looking at its shutdown. Less load: --rate 10.';
    case 'condemned':
      return 'Raise failureThreshold or periodSeconds of that probe, or give it a path that answers without waiting for others.';
    case 'port taken':
      return 'End what listens there, or say by --port-variable which variable the app takes its port from, or write {PORT} in its command.';
    case 'background':
      return 'An app that puts itself into the background cannot be supervised: run it in the foreground.';
  }
}
