import { Help } from 'commander';
import { wrapped } from '../wrap.ts';
import { STDERR, STDOUT } from './print.ts';
import { widthOf } from './terminal-width.ts';

/** Characters. A description in a narrower column stands below what it describes. */
const NARROWEST = 40;
const INDENT = 6;

/** For `configureHelp` of commander, which would not wrap what stands in a narrow column. */
export const HELP_LAYOUT: Partial<Help> = {
  formatItem(term, termWidth, description, helper) {
    const width = helper.helpWidth ?? 0;
    if (description === '' || width - termWidth - 4 >= NARROWEST)
      return Help.prototype.formatItem.call(helper, term, termWidth, description, helper);
    const lines = helper.boxWrap(description, width - INDENT).split('\n');
    return [`  ${term}`, ...lines.map((line) => `${' '.repeat(INDENT)}${line}`)].join('\n');
  },
  minWidthToWrap: 20,
};

/** For `addHelpText` of commander: sentences in lines that fit. Lines that begin with a space are examples, and stay whole. */
export function sentences(text: string): (context: { readonly error: boolean }) => string {
  return ({ error }) => {
    const width = widthOf(error ? STDERR : STDOUT);
    return text
      .split('\n')
      .flatMap((line) => (line.startsWith(' ') ? [line] : wrapped(line, '', width)))
      .join('\n');
  };
}
