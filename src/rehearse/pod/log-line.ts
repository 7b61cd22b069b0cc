import type { LogEvent } from '../../log/events.ts';

/** A line of k8s-run's own log. */
export type LogLine = { readonly event: LogEvent; readonly level: string; readonly msg: string } & Readonly<
  Record<string, unknown>
>;

/** log/json.ts begins every line with this. */
const BEGIN = '{"level":';

/**
 * Reads a line of the output that an app and its k8s-run share. A log line of k8s-run may follow text that the app printed
 * without a newline. `own` is the text of the app, '' where there is none.
 */
export function readLine(line: string): { readonly logged: LogLine | null; readonly own: string } {
  const begin = line.indexOf(BEGIN);
  if (begin < 0 || !line.endsWith('}')) return { logged: null, own: line };
  try {
    const read: unknown = JSON.parse(line.slice(begin));
    if (isLogLine(read)) return { logged: read, own: line.slice(0, begin) };
  } catch {
    // It only looked like one.
  }
  return { logged: null, own: line };
}

/** The app may log with pino, too, but no other log has all of these keys. */
function isLogLine(read: unknown): read is LogLine {
  if (typeof read !== 'object' || read === null) return false;
  return ['event', 'level', 'msg', 'severity'].every((key) => typeof Reflect.get(read, key) === 'string');
}
