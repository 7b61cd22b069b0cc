import { OPTIONS, type Option } from '../config/options/table.ts';
import { flagOf, ROWS } from './rehearse-rows.ts';

/** The words after `k8s-run rehearse`. */
export type RehearseWords = {
  /** The options of rehearse itself. */
  readonly own: readonly string[];
  /** The options of k8s-run, for the replicas. */
  readonly passed: readonly string[];
  /** The app's. */
  readonly command: readonly string[];
};

export function splitRehearseWords(words: readonly string[]): RehearseWords {
  const own: string[] = [];
  const passed: string[] = [];
  let index = 0;
  for (; index < words.length; index += 1) {
    const word = words[index] ?? '';
    if (word === '--' || !word.startsWith('-') || word === '-') break;
    const name = word.replace(/=.*$/s, '');
    const option = Object.values(OPTIONS as Readonly<Record<string, Option<unknown>>>).find(
      ({ flag }) => name === `--${flag}` || name === `--no-${flag}`,
    );
    const row = Object.values(ROWS).find((each) => flagOf(each) === name);
    const to = row === undefined && option !== undefined ? passed : own;
    to.push(word);
    const takesValue = row === undefined ? option?.takes != null : row.flags.includes('<');
    const next = words[index + 1];
    if (takesValue && name === word && next !== undefined && next !== '--') {
      to.push(next);
      index += 1;
    }
  }
  const command = words.slice(words[index] === '--' ? index + 1 : index);
  return { own, passed, command };
}
