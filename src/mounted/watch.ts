import { type FSWatcher, statSync, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Cancel } from '../clock.ts';
import { fingerprint } from './fingerprint.ts';

export type WatchTools = {
  /** The fingerprint of the path before the app was started; a difference since then is a change. */
  readonly before: string | null;
  readonly after: (delay: number, call: () => void) => Cancel;
  /** The content of `path` has changed. */
  readonly changed: (path: string) => void;
  /** Something to tell the user: the path disappeared or came back. */
  readonly remarked: (remark: string) => void;
};

/** The kubelet swaps with one rename, but an editor writes in several steps. Events within this time are one change. */
const DEBOUNCE = 200;
/** Events can be lost (inotify has limits; overlay file systems and NFS may send none), so the path is also compared this often. */
const POLL_PERIOD = 10_000;

/**
 * Watches a folder of a ConfigMap or Secret (whose `..data` link is swapped), a plain folder or a file, and calls back when its
 * content has changed. The content is compared, so a swap to the same content is no change. While the path is missing, the last
 * content counts. Returns the function that stops it.
 */
export function watchMounted(path: string, { before, after, changed, remarked }: WatchTools): () => void {
  let watcher: FSWatcher | null = null;
  let debounce: Cancel | null = null;
  let poll: Cancel | null = null;
  let stopped = false;
  let known = before;
  let missing = known === null;
  if (missing) remarked(`${path} does not exist or cannot be read; waiting for it`);

  function compare(): void {
    const now = fingerprint(path);
    if (now === null) {
      if (!missing) remarked(`${path} disappeared or cannot be read; it counts as unchanged until it is back`);
      missing = true;
      return;
    }
    const isBack = missing;
    missing = false;
    if (known === now) {
      if (isBack) remarked(`${path} is back with the same content`);
      return;
    }
    known = now;
    changed(path);
  }

  /** Later events do not postpone it: a file that is written to all the time is compared as well. */
  function compareSoon(): void {
    debounce ??= after(DEBOUNCE, () => {
      debounce = null;
      if (!stopped) compare();
    });
  }

  function openWatcher(): void {
    const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
    // A file may be replaced by a rename instead of being written to, which only its folder reports.
    watcher = watch(isFolder ? path : dirname(path), { persistent: false }, (_kind, name) => {
      if (isFolder || name === null || name === basename(path) || name.startsWith('..')) compareSoon();
    });
    watcher.on('error', closeWatcher);
    watcher.unref();
  }

  /** After an error the next poll opens a new one. */
  function closeWatcher(): void {
    watcher?.close();
    watcher = null;
  }

  function pollLater(): void {
    poll = after(POLL_PERIOD, () => {
      if (debounce === null) compare();
      reopenWatcher();
      pollLater();
    });
  }

  function reopenWatcher(): void {
    // The folder may have been unmounted and mounted again, and then the old watcher reports nothing any more.
    closeWatcher();
    try {
      openWatcher();
    } catch {
      // inotify has no watch left (ENOSPC: fs.inotify.max_user_watches), or the path does not exist yet: the poll remains.
    }
  }

  reopenWatcher();
  // Compared only after the watcher is open, so that no change in between is missed.
  compareSoon();
  pollLater();
  return () => {
    stopped = true;
    closeWatcher();
    debounce?.();
    poll?.();
  };
}
