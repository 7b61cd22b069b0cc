/** A command's exit codes and what each means; `128 + n`: a signal ended it. */
export type CommandExits = Readonly<Record<string, string>>;

const USAGE = 'the command line is invalid';
const PRINTED = 'printed';
const FULL = 'stdout cannot be written: its disk is full';

/**
 * Exit codes of the commands, for docs/reference.md; a test demands a row for each command. Those of supervising an app are in
 * exit/exit-meanings.ts. Nothing loads it at run time.
 */
export const COMMAND_EXITS: Readonly<Record<string, CommandExits>> = {
  check: {
    0: 'no finding of the severity of `--fail-on` (default: error) or a worse one',
    1: 'such a finding, that `--fix` did not correct',
    64: USAGE,
    74: FULL,
  },
  completion: { 0: PRINTED, 64: USAGE, 74: FULL },
  env: { 0: PRINTED, 64: USAGE, 74: FULL },
  inject: {
    0: PRINTED,
    1: 'a manifest cannot be read, or a container cannot be injected; nothing was printed',
    64: USAGE,
    74: FULL,
    78: 'a value in the options is wrong',
  },
  install: {
    0: 'the folder is there, compared with its source',
    64: USAGE,
    73: 'the folder cannot be written, is on a noexec or read-only mount, or has another version or something else; what was there is still there',
    74: 'what was written is not what was read, or stdout cannot be written',
    78: 'it is the npm package, which is no folder that runs by itself',
  },
  manifest: {
    0: PRINTED,
    64: `${USAGE}, or no command is named`,
    74: FULL,
    78: 'a value in the options is wrong',
  },
  probe: {
    0: 'the endpoint answered 200',
    1: 'it answered 503, or nothing answered',
    64: USAGE,
    78: 'a value in the options is wrong',
  },
  rehearse: {
    0: 'no request failed and no replica was killed',
    1: 'a request failed, a replica was killed, or the app could not be rehearsed',
    64: `${USAGE}, or no command is named`,
    73: 'the page of `--report` cannot be written; the report is on stdout all the same',
    74: FULL,
    78: 'a value in the options or in the manifest is wrong',
    '128 + n': 'signal n stopped the rehearsal',
  },
};
