import { clock } from '../clock.ts';
import type { Trouble } from './facts.ts';
import { type Probes, watch } from './kubelet.ts';
import type { Outside } from './outside.ts';
import type { Pod } from './pod.ts';
import { refusalOf } from './refusal.ts';
import { Broken, condemned, endedEarly, neverReady } from './trouble.ts';

export type Serving = {
  readonly probes: Probes;
  /** Milliseconds after which it never will be ready. */
  readonly within: number;
  readonly now: () => number;
  /** Whether the rehearsal is: then an end is no news. */
  readonly isOver: () => boolean;
  readonly told: (ready: boolean) => void;
  /** What goes wrong with it after it was ready, too. */
  readonly fail: (trouble: Trouble) => void;
};

/** Has the kubelet probe a pod for as long as it lives. Resolves when it is first ready, and rejects with Broken when it cannot be. */
export function serving(pod: Pod, serving: Serving, outside: Outside): Promise<void> {
  const { probes, within, now, isOver, told } = serving;
  const { story } = pod;
  const over = new AbortController();
  return new Promise((resolve, reject) => {
    const fail = (trouble: Trouble): void => {
      over.abort();
      reject(new Broken(trouble));
      serving.fail(trouble);
    };
    const late = clock.after(within, () => {
      const app = pod.app();
      const listening = app === null ? null : outside.listening(app);
      refusalOf(pod, outside)
        .then((refusal) => fail(neverReady(pod, within, listening, refusal)))
        .catch(reject);
    });
    pod.exited
      .then(() => {
        late();
        over.abort();
        if (story.deleted === null && !isOver()) fail(endedEarly(pod, now()));
      })
      .catch(reject);
    let ready = false;
    watch(probes, over.signal, (health) => {
      if (!health.live && story.deleted === null && story.condemned === null) {
        story.condemned = now();
        fail(condemned(pod));
      }
      if (health.ready === ready) return;
      ready = health.ready;
      late();
      if (ready) story.ready ??= now();
      told(ready);
      resolve();
    });
  });
}
