import { type Hook, parseCommand, parseCommandOrUrl } from '../hook.ts';
import { parseProbe } from '../parse-probe.ts';
import type { ProbeSpec } from '../probe-spec.ts';
import { listOfOne, type ReadValue } from '../values.ts';
import { duration, type Option } from './row.ts';

export const HOOKS: {
  readonly waitFor: Option<readonly ProbeSpec[]>;
  readonly waitTimeout: Option<number>;
  readonly preStart: Option<Hook | null>;
  readonly preStop: Option<Hook | null>;
  readonly postExit: Option<Hook | null>;
  readonly hookTimeout: Option<number>;
} = {
  waitFor: {
    flag: 'wait-for',
    takes: '<probe>',
    fallback: null,
    repeats: true,
    group: 'hooks',
    help: 'start the app once this answers: tcp://db:5432, http://…, file:/path, exec:command',
    read: (text) => listOfOne(readAwaited(text)),
  },
  waitTimeout: duration(
    'wait-timeout',
    '60s',
    'hooks',
    1,
    'what does not answer in this time ends it all, with exit code 69',
  ),
  preStart: {
    flag: 'pre-start',
    takes: '<command>',
    fallback: null,
    group: 'hooks',
    help: 'runs before the app is started, such as a migration; its failure is exit code 78',
    read: parseCommand,
  },
  preStop: {
    flag: 'pre-stop',
    takes: '<command|url>',
    fallback: null,
    group: 'hooks',
    help: 'runs when readiness has failed, before the pause and the signal; a URL is asked with GET',
    read: parseCommandOrUrl,
  },
  postExit: {
    flag: 'post-exit',
    takes: '<command|url>',
    fallback: null,
    group: 'hooks',
    help: "runs when the app and all it left behind are gone; never changes the exit code; a URL is asked with POST, as a mesh proxy's quit endpoint wants it",
    read: parseCommandOrUrl,
  },
  hookTimeout: duration('hook-timeout', '10s', 'hooks', 1, 'limit of each hook; what is not over by then is killed'),
};

/** Before the app runs, nothing can be said of the app. */
function readAwaited(text: string): ReadValue<ProbeSpec> {
  const parsed = parseProbe(text);
  if ('problem' in parsed) return parsed;
  switch (parsed.ok.kind) {
    case 'auto':
    case 'process':
    case 'none':
      return {
        problem: 'no dependency is probed by it; write tcp://db:5432, http://host/path, file:/path or exec:command',
      };
    case 'http':
    case 'tcp':
    case 'grpc':
    case 'exec':
    case 'file':
      return parsed;
  }
}
