import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = new URL('../../', import.meta.url).pathname;

/** The commands `k8s-run probe …` of exec probes and HEALTHCHECK in the docs and examples, as words. */
export function documentedProbes(): readonly (readonly string[])[] {
  return globSync(['README.md', 'docs/**/*.md', 'examples/*/README.md'], { cwd: ROOT }).flatMap((page) =>
    [...readFileSync(join(ROOT, page), 'utf8').matchAll(/\[(?:"CMD", )?("[^"\]]*k8s-run", "probe"[^\]]*)\]/g)].map(
      ([, words]) => JSON.parse(`[${words}]`),
    ),
  );
}
