/** A line of k8s-run's own log. */
export type LogLine = { readonly event: string; readonly level: string; readonly msg: string } & Readonly<
  Record<string, unknown>
>;

/** As log/json.ts begins every line. */
const BEGIN = '{"level":';

/**
 * Reads a line that an app and its k8s-run have both written to: what k8s-run logs may follow words of the app's that had no
 * newline. `own` is what the app said, '' where it said nothing.
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

/** An app may log by pino too; no other log has all of these. */
function isLogLine(read: unknown): read is LogLine {
  if (typeof read !== 'object' || read === null) return false;
  return ['event', 'level', 'msg', 'severity'].every((key) => typeof Reflect.get(read, key) === 'string');
}
