import type { ExitedNotice, Notice } from './notice.ts';
import type { HookName, Milliseconds, ProbeName, Signal } from './state.ts';

/** What must be done. The supervisor does it; a result comes back as an event. */
export type Effect =
  | { readonly type: 'awaitDependencies' }
  | { readonly type: 'stopAwaiting' }
  | { readonly type: 'runHook'; readonly hook: HookName }
  /** A signal to whatever hook is under way. */
  | { readonly type: 'signalHook'; readonly signal: Signal }
  | { readonly type: 'spawn' }
  | { readonly type: 'passOn'; readonly signal: Signal }
  /** Stop as the app does, so that the shell that started us has its terminal back. */
  | { readonly type: 'suspend' }
  | { readonly type: 'stopApp'; readonly signal: Signal }
  | { readonly type: 'killApp' }
  | { readonly type: 'startProbe'; readonly probe: ProbeName }
  | { readonly type: 'stopProbe'; readonly probe: ProbeName }
  | { readonly type: 'countListeners' }
  /** At once, and then time and again; from a certain time on as often as may be, for a moment is chosen by it. */
  | { readonly type: 'countConnections'; readonly closelyFrom: Milliseconds | null }
  | { readonly type: 'stopCounting' }
  | { readonly type: 'findLeftovers' }
  | { readonly type: 'stopLeftovers'; readonly signal: Signal }
  | { readonly type: 'killLeftovers' }
  | { readonly type: 'wakeAt'; readonly at: Milliseconds }
  | { readonly type: 'say'; readonly notice: Notice }
  /** The life is over. `record` has the exit code and all that the last log line says. */
  | { readonly type: 'exit'; readonly record: ExitedNotice };
