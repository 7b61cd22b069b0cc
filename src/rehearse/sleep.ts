import { clock } from '../clock.ts';

/** Resolves with true after so many milliseconds, or with false as soon as `unwanted` fires. */
export function sleep(milliseconds: number, unwanted?: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    if (unwanted?.aborted === true) {
      resolve(false);
      return;
    }
    const stop = (): void => {
      cancel();
      resolve(false);
    };
    const cancel = clock.after(milliseconds, () => {
      unwanted?.removeEventListener('abort', stop);
      resolve(true);
    });
    unwanted?.addEventListener('abort', stop, { once: true });
  });
}
