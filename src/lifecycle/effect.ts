import type { ExitedNotice, Notice } from './notice.ts';
import type { HookName, Milliseconds, PostMortemHook, ProbeName, Signal, SignalCause } from './state.ts';

/** What the supervisor must do. A result comes back as an event. */
export type Effect =
  | { readonly type: 'awaitDependencies' }
  | { readonly type: 'stopAwaiting' }
  | { readonly type: 'runHook'; readonly hook: HookName }
  /** A signal to the hook that runs. */
  | { readonly type: 'signalHook'; readonly signal: Signal }
  /** `reason`: why it runs. Its result comes as an event; its limit is a deadline of the state machine. */
  | { readonly type: 'runPostMortem'; readonly hook: PostMortemHook; readonly reason: string }
  /** Kill it, and forget its result. */
  | { readonly type: 'endPostMortem'; readonly hook: PostMortemHook }
  | { readonly type: 'spawn' }
  | { readonly type: 'passOn'; readonly signal: Signal }
  /**
   * The same for a signal that is not meant to end the app: it waits where it would, until the app catches it. `received`: the
   * signal that k8s-run got in its place; null: none.
   */
  | {
      readonly type: 'passOnOnceCaught';
      readonly signal: Signal;
      readonly cause: SignalCause;
      readonly received: Signal | null;
    }
  /** Stop k8s-run as the app was stopped, so that the shell gets its terminal back. */
  | { readonly type: 'suspend' }
  | { readonly type: 'stopApp'; readonly signal: Signal }
  | { readonly type: 'killApp' }
  | { readonly type: 'startProbe'; readonly probe: ProbeName }
  | { readonly type: 'stopProbe'; readonly probe: ProbeName }
  | { readonly type: 'countListeners' }
  /**
   * Count now and then repeatedly; from `shortestIntervalFrom` on at the shortest interval, to find a moment without a request in
   * flight. `signalled`: the app was sent its stop signal, and what it leaves without a response is its doing.
   */
  | {
      readonly type: 'countConnections';
      readonly shortestIntervalFrom: Milliseconds | null;
      readonly signalled: boolean;
    }
  /** The app is gone. */
  | { readonly type: 'stopCounting' }
  | { readonly type: 'findLeftovers' }
  | { readonly type: 'stopLeftovers'; readonly signal: Signal }
  | { readonly type: 'killLeftovers' }
  | { readonly type: 'wakeAt'; readonly at: Milliseconds }
  | { readonly type: 'say'; readonly notice: Notice }
  /** End k8s-run. `record` has the exit code and the facts of the last log line. */
  | { readonly type: 'exit'; readonly record: ExitedNotice };
