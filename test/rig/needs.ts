import { isInstalled, type Program, remedyFor } from '../../scripts/programs.js';

/** Set by .ci/run, so that a missing program is a failure there instead of a skipped test. */
const demandsAll = process.env['K8S_RUN_TEST_DEMAND_ALL'] === '1';

/** For `skip` of node:test: false, or which of the programs are missing and how to install them. */
export function needs(...programs: readonly Program[]): string | false {
  const missing = programs.filter((program) => !isInstalled(program));
  if (missing.length === 0) return false;
  return absent(`${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} not installed`, remedyFor(missing));
}

/** The same for anything else; `works`: whether it is available. */
export function needsThat(works: boolean, what: string, remedy: string): string | false {
  return works ? false : absent(what, remedy);
}

function absent(what: string, remedy: string): string {
  if (demandsAll) throw new Error(`cannot run this test: ${what}; ${remedy}`);
  return `${what}: ${remedy}`;
}
