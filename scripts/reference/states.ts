import { readFileSync } from 'node:fs';
import { type EndpointAnswer, STATE_ROWS } from '../../src/lifecycle/catalog.ts';
import { alignedTable, code, table } from './blocks.ts';

const SOURCE: URL = new URL('../../src/lifecycle/state.ts', import.meta.url);
const ANSWERS: Readonly<Record<EndpointAnswer, string>> = {
  fails: '503',
  passes: '200',
  'follows the probe': 'the probe',
};

export function stateTable(): string {
  const rows = Object.entries(STATE_ROWS).map(([state, { phase, meaning }]) => [
    code(state),
    phase === null ? '–' : code(phase),
    meaning,
  ]);
  return table(['state', 'phase', 'what is true'], rows);
}

/** What Kubernetes is answered in each state. */
export function endpointTable(): string {
  const rows = Object.entries(STATE_ROWS).map(([state, { endpoints }]) => [
    state,
    ...(['startup', 'ready', 'live'] as const).map((probe) => ANSWERS[endpoints[probe]]),
  ]);
  return alignedTable(['state', '`/startupz`', '`/readyz`', '`/livez`'], rows);
}

/** The diagram of src/lifecycle/state.ts, which test/unit/lifecycle/transition.test.ts compares with what the machine does. */
export function lifecycleDiagram(): string {
  const [, comment] = /<!-- diagram: [^\n]*-->\n([\s\S]*?)\*\//.exec(readFileSync(SOURCE, 'utf8')) ?? [];
  if (comment === undefined) throw new Error('cannot copy the diagram: src/lifecycle/state.ts has lost its mark');
  const lines = comment.split('\n').map((line) => line.replace(/^ \* ?/, '').trimEnd());
  const indent = Math.min(...lines.filter((line) => line !== '').map((line) => line.search(/\S/)));
  const text = lines.map((line) => line.slice(indent)).join('\n');
  return `\`\`\`\n${text.replace(/^\n+|\s+$/g, '')}\n\`\`\``;
}
