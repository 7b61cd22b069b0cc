import { isJsonMap, isSame, type Json } from '../json.ts';

/** For each wanted item the index of the one that stays as it, or null: it is new. As many stay as possible, the last ones first. */
export function aligned(held: readonly Json[], wanted: readonly Json[]): readonly (number | null)[] {
  const width = wanted.length + 1;
  // The longest common subsequence of the first items of both.
  const longest = new Uint32Array((held.length + 1) * width);
  const at = (row: number, column: number): number => longest[row * width + column] ?? 0;
  for (let row = 1; row <= held.length; row += 1) {
    for (let column = 1; column < width; column += 1) {
      longest[row * width + column] = isSameItem(held[row - 1], wanted[column - 1])
        ? at(row - 1, column - 1) + 1
        : Math.max(at(row - 1, column), at(row, column - 1));
    }
  }
  const found: (number | null)[] = wanted.map(() => null);
  for (let row = held.length, column = wanted.length; row > 0 && column > 0; ) {
    if (isSameItem(held[row - 1], wanted[column - 1])) {
      row -= 1;
      column -= 1;
      found[column] = row;
    } else if (at(row - 1, column) >= at(row, column - 1)) row -= 1;
    else column -= 1;
  }
  return found;
}

/** Items with the same name are the same item, changed. */
function isSameItem(one: Json | undefined, other: Json | undefined): boolean {
  if (isJsonMap(one) && isJsonMap(other) && typeof one['name'] === 'string' && !('mountPath' in one))
    return one['name'] === other['name'];
  return isSame(one, other);
}
