/** The reason of a failure that was no answer in time, `timeout` in milliseconds. */
export function lateReason(timeout: number): string {
  return `no answer within ${timeout} ms`;
}

export function isLate(reason: string): boolean {
  return /\bno answer within \d/.test(reason);
}
