/** How a line of a page is tested. */
export type Way =
  /** Typed, and it ends. */
  | {
      readonly way: 'ends';
      readonly codes: readonly number[];
      readonly instead: Texts;
      readonly look: string;
      readonly prints: RegExp;
      readonly shell: string;
    }
  /** Typed at a terminal. It goes on until Ctrl-C was pressed twice, before the next line that goes on or at the end of the block. */
  | { readonly way: 'goes on'; readonly shows: RegExp; readonly codes: readonly number[] }
  /** By another file of the tests, which reads the page or has the same command. */
  | { readonly way: 'elsewhere'; readonly test: string }
  /** Not at all. */
  | { readonly way: 'not run'; readonly reason: string };

type Texts = Readonly<Record<string, string>>;

type Ending = {
  readonly code?: number | readonly number[];
  /** A program that is nowhere here, and what is typed in its place. */
  readonly instead?: Texts;
  /** What is typed after it in the same shell, to see what it did. */
  readonly look?: string;
  readonly prints?: RegExp;
  /** Where it is typed. */
  readonly shell?: string;
};

export const ends = ({ code = 0, instead = {}, look = '', prints = /(?:)/, shell = 'bash' }: Ending = {}): Way => ({
  ...{ way: 'ends', codes: [code].flat(), instead, look, prints, shell },
});
/** `codes`: exit codes after Ctrl-C; the server of the page has no handler for it. */
export const goesOn = (how: { shows?: RegExp; codes?: readonly number[] } = {}): Way => ({
  way: 'goes on',
  shows: how.shows ?? / ready /,
  codes: how.codes ?? [130],
});
export const elsewhere = (test: string): Way => ({ way: 'elsewhere', test });
export const notRun = (reason: string): Way => ({ way: 'not run', reason });
