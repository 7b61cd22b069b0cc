import { type Hook, type PostMortemAction, parseCommand, parseCommandOrUrl, parsePostMortem } from '../hook.ts';
import { parseProbe } from '../parse-probe.ts';
import type { ProbeSpec } from '../probe-spec.ts';
import { listOfOne, type ReadValue } from '../values.ts';
import { duration, type Option } from './row.ts';

export const HOOK_OPTIONS: {
  readonly waitFor: Option<readonly ProbeSpec[]>;
  readonly waitTimeout: Option<number>;
  readonly preStart: Option<Hook | null>;
  readonly preStop: Option<Hook | null>;
  readonly postExit: Option<Hook | null>;
  readonly onUnlive: Option<PostMortemAction | null>;
  readonly beforeKill: Option<PostMortemAction | null>;
  readonly onMemory: Option<PostMortemAction | null>;
  readonly hookTimeout: Option<number>;
} = {
  waitFor: {
    flag: 'wait-for',
    takes: '<probe>',
    fallback: null,
    repeats: true,
    group: 'hooks',
    help: 'dependency that must answer before the app starts: tcp://db:5432, http://…, file:/path, exec:command',
    read: (text) => listOfOne(readAwaited(text)),
  },
  waitTimeout: duration(
    'wait-timeout',
    '60s',
    'hooks',
    'limit of the wait for dependencies; then give up and exit with code 69',
  ),
  preStart: {
    flag: 'pre-start',
    takes: '<command>',
    fallback: null,
    group: 'hooks',
    help: 'command to run before the app starts, such as a migration; if it fails, the exit code is 78',
    read: parseCommand,
  },
  preStop: {
    flag: 'pre-stop',
    takes: '<command|url>',
    fallback: null,
    group: 'hooks',
    help: 'command to run, or URL to GET, when readiness fails, before the delay and the signal',
    read: parseCommandOrUrl,
  },
  postExit: {
    flag: 'post-exit',
    takes: '<command|url>',
    fallback: null,
    group: 'hooks',
    help: 'command to run, or URL to POST to (quit endpoint of a mesh proxy), when the app and its leftovers are gone; never changes the exit code',
    read: parseCommandOrUrl,
  },
  onUnlive: {
    flag: 'on-unlive',
    takes: '<command|signal:NAME>',
    fallback: null,
    group: 'hooks',
    help: 'command to run ({pid}: process of the app), or signal to send to the app, when liveness turns to failing; liveness passes meanwhile',
    read: parsePostMortem,
  },
  beforeKill: {
    flag: 'before-kill',
    takes: '<command|signal:NAME>',
    fallback: null,
    group: 'hooks',
    help: 'command to run ({pid}: process of the app), or signal to send to the app, at the end of the grace, before SIGKILL; its --hook-timeout counts in the shutdown budget',
    read: parsePostMortem,
  },
  onMemory: {
    flag: 'on-memory',
    takes: '<command|signal:NAME>',
    fallback: null,
    group: 'hooks',
    help: 'command to run ({pid}: process of the app), or signal to send to the app, when memory reaches 90 % of the limit',
    read: parsePostMortem,
  },
  hookTimeout: duration('hook-timeout', '10s', 'hooks', 'limit of each hook, after which it is killed'),
};

/** Reads a probe of a dependency. Probes of the app are refused, because the app does not run yet. */
function readAwaited(text: string): ReadValue<ProbeSpec> {
  const parsed = parseProbe(text);
  if ('problem' in parsed) return parsed;
  switch (parsed.ok.kind) {
    case 'auto':
    case 'process':
    case 'none':
      return {
        problem: 'it does not probe a dependency; write tcp://db:5432, http://host/path, file:/path or exec:command',
      };
    case 'http':
    case 'tcp':
    case 'grpc':
    case 'exec':
    case 'file':
      return parsed;
  }
}
