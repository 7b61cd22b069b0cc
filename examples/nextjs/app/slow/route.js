const SECONDS = 2;

export const dynamic = 'force-dynamic';

/** A request that takes longer than the delay of the test. */
export async function GET() {
  process.stdout.write('busy\n');
  await new Promise((resolve) => setTimeout(resolve, SECONDS * 1_000));
  return new Response('slow\n');
}
