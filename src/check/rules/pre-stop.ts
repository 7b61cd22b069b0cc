import { field, numberOf, wordsOf } from '../manifest-node.ts';
import { shellScriptOf } from '../shell-script.ts';
import { type Container, onlyHandlerOf } from '../workload.ts';

/** `seconds`: what the sleeps of a preStop hook take together. `onlySleeps`: it does nothing else, so it takes just as long. */
export type PreStopTime = { readonly seconds: number; readonly onlySleeps: boolean };

/** null: there is no hook, or how long it sleeps cannot be read. */
export function preStopOf({ node }: Pick<Container, 'node'>): PreStopTime | null {
  const handler = onlyHandlerOf(field(node, 'lifecycle', 'preStop'));
  if (handler?.name === 'sleep') {
    const seconds = numberOf(field(handler.node, 'seconds'));
    return seconds === null ? null : { seconds, onlySleeps: true };
  }
  if (handler?.name !== 'exec') return null;
  const words = wordsOf(field(handler.node, 'command')) ?? [];
  const script = shellScriptOf(words);
  return sleepsIn(script === null ? [words.join(' ')] : commandsOf(script));
}

/** The time that a preStop hook sleeps, in seconds; null where it does not, or cannot be read. */
export function preStopSleep(container: Pick<Container, 'node'>): number | null {
  return preStopOf(container)?.seconds ?? null;
}

/** Words and characters after which only a shell can tell whether a command runs, and how often. */
const CONTROL = /[|&(){}`<>]|\$\(|\b(if|for|while|until|case|do|then|function|trap)\b/;

/** The commands of a script that run one after the other; none where a condition or a loop decides. */
function commandsOf(script: string): readonly string[] {
  // What is redirected still runs, and a command after && runs unless the one before it fails, which a sleep does not.
  const plain = script.replace(/\d?>{1,2}\s*&?[\w./-]+/g, '');
  const commands = plain.split(/&&|;|\n/);
  return commands.some((command) => CONTROL.test(command)) ? [] : commands;
}

function sleepsIn(commands: readonly string[]): PreStopTime | null {
  const all = commands.map((command) => command.trim()).filter((command) => command !== '' && !command.startsWith('#'));
  // What comes after the command that stops the app takes none of the app's time.
  const stop = all.findIndex((command) => STOPS_APP.test(command));
  const sleeps = all.slice(0, stop < 0 ? all.length : stop).map(sleepSeconds);
  const known = sleeps.filter((seconds) => seconds !== null);
  if (known.length === 0) return null;
  return { seconds: known.reduce((sum, each) => sum + each, 0), onlySleeps: known.length === all.length };
}

const STOPS_APP = /\b(kill|pkill|killall|quit|stop|shutdown|graceful|exit)\b/;

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600 };

/** The time of a `sleep`; null for another command, or a time in a variable. */
function sleepSeconds(command: string): number | null {
  const [, amount, unit = 's'] =
    /^(?:exec\s+)?(?:\S*\/)?sleep\s+["']?(\d+(?:\.\d+)?)([smh]?)["']?$/.exec(command) ?? [];
  return amount === undefined ? null : Number(amount) * (UNITS[unit] ?? 1);
}
