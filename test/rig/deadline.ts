/** How many times longer to wait than on a machine of today: set where processors are emulated (test/vm/run.ts). */
const patience = Number(process.env['K8S_RUN_TEST_PATIENCE'] ?? 1);
/** Milliseconds after which a wait fails. Long, because the machine may be busy; a passing test never waits that long. */
export const DEADLINE: number = 60_000 * patience;
const LOOK_EVERY = 10;

/** Waits until `look` returns something other than undefined, null or false. Rejects at the deadline, with `what` was awaited. */
export async function until<T>(
  what: string,
  look: () => T | Promise<T>,
  transcript: () => string = () => '',
): Promise<NonNullable<T>> {
  const end = performance.now() + DEADLINE;
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== null && seen !== false) return seen as NonNullable<T>;
    if (performance.now() > end) throw new Error(`not in ${DEADLINE} ms: ${what}\n${transcript()}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY));
  }
}

/** The same promise, which also rejects at the deadline. */
export async function soon<T>(
  what: string,
  promise: Promise<T>,
  transcript: () => string = () => '',
  deadline: number = DEADLINE,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not in ${deadline} ms: ${what}\n${transcript()}`)), deadline);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
