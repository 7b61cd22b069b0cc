import { clock } from '../clock.ts';

/** Resolves true when so many milliseconds have passed, and false at once when it is not wanted any more. */
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
