import { type FSWatcher, statSync, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Cancel } from '../clock.ts';
import { fingerprint } from './fingerprint.ts';

export type WatchTools = {
  /** What the path held before the app was started; what has changed since is a change. */
  readonly before: string | null;
  readonly after: (delay: number, call: () => void) => Cancel;
  /** The content of `path` is another one. */
  readonly changed: (path: string) => void;
  /** Something the user should know: it is gone, it came back, it can only be looked at from time to time. */
  readonly remarked: (remark: string) => void;
};

/** The kubelet renames once, an editor writes in several steps: what follows within this time belongs to the same change. */
const SETTLE = 200;
/** Events can be missed (inotify has limits, overlays and NFS have none to give), so it is looked at this often in any case. */
const LOOK_ANYWAY = 10_000;

/**
 * Calls back when what `path` holds has changed: a folder of a ConfigMap or Secret, whose `..data` link is swapped, a plain
 * folder, or a file. Compared is the content, so that a swap to the same is none. While it is missing the old content counts.
 * Returns how to stop.
 */
export function watchMounted(path: string, { before, after, changed, remarked }: WatchTools): () => void {
  let watcher: FSWatcher | null = null;
  let settling: Cancel | null = null;
  let looking: Cancel | null = null;
  let stopped = false;
  let known = before;
  let gone = known === null;
  if (gone) remarked(`${path} cannot be read; waiting for it`);

  function look(): void {
    const found = fingerprint(path);
    if (found === null) {
      if (!gone) remarked(`${path} is gone or cannot be read; what was there last goes on counting`);
      gone = true;
      return;
    }
    const back = gone;
    gone = false;
    if (known === found) {
      if (back) remarked(`${path} is back, with the same content`);
      return;
    }
    known = found;
    changed(path);
  }

  /** Not put off by what follows: a file that is written to all the time is looked at all the same. */
  function settle(): void {
    settling ??= after(SETTLE, () => {
      settling = null;
      if (!stopped) look();
    });
  }

  function listen(): void {
    const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
    // A file is replaced by a rename as often as it is written to, so it is its folder that tells.
    watcher = watch(isFolder ? path : dirname(path), { persistent: false }, (_kind, name) => {
      if (isFolder || name === null || name === basename(path) || name.startsWith('..')) settle();
    });
    watcher.on('error', deaf);
    watcher.unref();
  }

  /** What was listened to is gone, or cannot be: the next look tries again. */
  function deaf(): void {
    watcher?.close();
    watcher = null;
  }

  function lookAnyway(): void {
    looking = after(LOOK_ANYWAY, () => {
      if (settling === null) look();
      begin();
      lookAnyway();
    });
  }

  function begin(): void {
    // The folder may be another one by now (unmounted and mounted again), and the old watch silent for ever.
    deaf();
    try {
      listen();
    } catch {
      // No inotify to be had (ENOSPC: fs.inotify.max_user_watches), or nothing there yet: looking every few seconds has to do.
    }
  }

  begin();
  // After it is listened to, so that nothing is missed in between.
  settle();
  lookAnyway();
  return () => {
    stopped = true;
    deaf();
    settling?.();
    looking?.();
  };
}
