/** The directions in which each box-drawing character continues. */
const LINES: Readonly<Record<string, readonly Direction[]>> = {
  '─': ['left', 'right'],
  '│': ['up', 'down'],
  '┌': ['right', 'down'],
  '┐': ['left', 'down'],
  '└': ['right', 'up'],
  '┘': ['left', 'up'],
  '┴': ['left', 'right', 'up'],
  '┬': ['left', 'right', 'down'],
  '▶': ['left', 'right'],
  '◀': ['left', 'right'],
  '▼': ['up', 'down'],
};
/** The direction in which each arrow head points. */
const HEADS: Readonly<Record<string, Direction>> = { '▶': 'right', '◀': 'left', '▼': 'down' };
const STEPS = { left: [0, -1], right: [0, 1], up: [-1, 0], down: [1, 0] } as const;
type Direction = keyof typeof STEPS;

/**
 * The transitions that a drawing shows, as `from → to`. A line leads from every name that it touches to every name that it
 * touches with an arrow head; words in a horizontal line are its label.
 */
export function transitionsIn(drawing: string, names: readonly string[]): ReadonlySet<string> {
  const rows = drawing.split('\n').map((row) => [...row]);
  const at = (row: number, column: number): string => rows[row]?.[column] ?? ' ';
  const seen = new Set<string>();
  const transitions = new Set<string>();

  const nameAt = (row: number, column: number): string | undefined => {
    let start = column;
    let end = column;
    while (/\w/.test(at(row, start - 1))) start -= 1;
    while (/\w/.test(at(row, end))) end += 1;
    const word = rows[row]?.slice(start, end).join('');
    return names.find((name) => name === word);
  };

  /** Follows a line from one of its characters through all its branches. */
  const follow = (row: number, column: number, ends: { from: Set<string>; to: Set<string> }): void => {
    const key = `${row} ${column}`;
    if (seen.has(key)) return;
    seen.add(key);
    const char = at(row, column);
    for (const direction of LINES[char] ?? []) {
      const [down, across] = STEPS[direction];
      let [nextRow, nextColumn] = [row + down, column + across];
      let name: string | undefined;
      if (across !== 0) {
        const length = rows[row]?.length ?? 0;
        const isOpen = (): boolean => nextColumn >= 0 && nextColumn < length && !(at(row, nextColumn) in LINES);
        for (; isOpen() && name === undefined; nextColumn += across) name = nameAt(row, nextColumn);
      } else {
        name = nameAt(nextRow, nextColumn);
      }
      if (name !== undefined) (HEADS[char] === direction ? ends.to : ends.from).add(name);
      else if (at(nextRow, nextColumn) in LINES) follow(nextRow, nextColumn, ends);
    }
  };

  for (const [row, chars] of rows.entries()) {
    for (const [column, char] of chars.entries()) {
      if (!(char in LINES)) continue;
      const ends = { from: new Set<string>(), to: new Set<string>() };
      follow(row, column, ends);
      for (const from of ends.from) for (const to of ends.to) transitions.add(`${from} → ${to}`);
    }
  }
  return transitions;
}
