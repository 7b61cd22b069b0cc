import { formatDuration } from '../duration.ts';
import { adviceOn, type Has } from './advice.ts';
import type { Rehearsal, Side, Trouble } from './facts.ts';
import { figuresOf } from './figures.ts';
import { COLOURS, DRAWING, PAGE } from './page-style.ts';
import { drawing, type Form, NARROW, WIDE } from './picture.ts';
import { remedyFor } from './remedy.ts';
import { printable } from './report-text.ts';
import { element, escaped, words } from './svg.ts';
import { exitCodeWords, hasLost, span, TITLES, WAYS } from './words.ts';

/** What the colours mean. */
const LEGEND: readonly (readonly [colour: string, text: string])[] = [
  ['var(--starting)', 'starting'],
  ['var(--serving)', 'serving'],
  ['var(--pausing)', 'deleted, and still serving'],
  ['var(--stopping)', 'told to stop'],
  ['var(--sent)', 'nodes still send to it'],
  ['var(--lost)', 'failed, killed'],
  ['var(--band)', 'rollout'],
];

/** The whole report as one page that needs nothing else: no network, no script. */
export function page(rehearsal: Rehearsal, has: Has): string {
  const { command, sides, trouble, remarks, version } = rehearsal;
  const body = [
    `<h1>${escaped(headline(rehearsal))}</h1>`,
    `<p class="lead">A rolling update of <code>${escaped(command)}</code>, rehearsed on one machine.</p>`,
    trouble === null ? '' : troubled(trouble),
    sides.length === 0 ? '' : `<div class="cards">${sides.map(card).join('')}</div>`,
    sides.length === 0 ? '' : figure(rehearsal),
    ...sides.map((side) => advised(rehearsal, side, has)),
    sides.length === 0 ? '' : `<h2>Each replica</h2><div class="wide">${table(sides)}</div>`,
    `<h2>How it was played</h2>${played(rehearsal)}`,
    remarks.length === 0 ? '' : `<ul>${remarks.map((remark) => `<li>${escaped(remark)}</li>`).join('')}</ul>`,
    `<footer>k8s-run ${escaped(version)} rehearse</footer>`,
  ];
  return [
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">',
    `<title>${escaped(headline(rehearsal))}</title><style>${COLOURS}${DRAWING}${PAGE}</style></head>`,
    `<body><main>${body.join('\n')}</main></body></html>\n`,
  ].join('\n');
}

/** The picture alone, as a file of its own. */
export function picture(rehearsal: Rehearsal): string {
  const { markup, height: drawn } = drawing(rehearsal, WIDE);
  const height = drawn + 30;
  let x = 0;
  const legend = LEGEND.map(([colour, text]) => {
    const mark = element('rect', { x, y: drawn + 16, width: 14, height: 10, rx: 2, fill: colour });
    const label = words(x + 20, drawn + 25, text, 'note');
    x += 38 + text.length * 6.2;
    return mark + label;
  }).join('');
  const background = element('rect', { width: WIDE.width + 40, height: height + 32, rx: 12, fill: 'var(--card)' });
  const content = `<title>${escaped(headline(rehearsal))}</title><style>${COLOURS}${DRAWING}</style>${background}`;
  const box = `0 0 ${WIDE.width + 40} ${height + 32}`;
  return `${element('svg', { xmlns: 'http://www.w3.org/2000/svg', viewBox: box, role: 'img' }, `${content}<g transform="translate(20 16)">${markup}${legend}</g>`)}\n`;
}

function headline({ sides, trouble }: Rehearsal): string {
  const [ours] = sides.filter(({ way }) => way === 'k8s-run');
  const [theirs] = sides.filter(({ way }) => way !== 'k8s-run');
  if (trouble !== null || ours === undefined) return 'It could not be rehearsed';
  const lost = (side: Side): string => {
    const { failed } = figuresOf(side);
    return failed === 1 ? '1 request' : `${failed} requests`;
  };
  if (ours.broken !== null) return 'The rollout did not come to its end';
  if (theirs !== undefined && figuresOf(theirs).failed !== figuresOf(ours).failed)
    return `${lost(theirs)} lost without k8s-run, ${figuresOf(ours).failed} with it`;
  if (!hasLost(ours)) return 'The rollout lost nothing';
  return figuresOf(ours).failed > 0 ? `The rollout lost ${lost(ours)}` : 'A replica had to be killed';
}

function card(side: Side): string {
  const { made, failed, failures, stall, latency, killed, untilReady } = figuresOf(side);
  const facts: readonly (readonly [string, string])[] = [
    ...failures.slice(0, 4).map(([what, count]) => [what, String(count)] as const),
    ...(side.load === null ? [] : [['longest stall', span(stall)] as const]),
    ...(latency === null
      ? []
      : [['answers, median and p99', `${span(latency.median)}, ${span(latency.p99)}`] as const]),
    ['slowest to be ready', untilReady.length === 0 ? '–' : span(Math.max(...untilReady))],
    ['rollout', side.rollouts.map(({ from, to }) => span(to - from)).join(', ') || '–'],
    ['killed', killed.length === 0 ? 'nobody' : killed.join(', ')],
  ];
  const number =
    side.load === null
      ? '<div class="big">no load</div>'
      : `<div class="big ${failed > 0 ? 'lost' : 'kept'}">${failed} <small>of ${made} requests failed</small></div>`;
  const list = facts.map(([name, value]) => `<dt>${escaped(name)}</dt><dd>${escaped(value)}</dd>`).join('');
  return `<section class="card"><h3>${escaped(WAYS[side.way])}</h3>${number}<dl>${list}</dl></section>`;
}

function figure(rehearsal: Rehearsal): string {
  const draw = (form: Form, kind: string): string => {
    const { markup, height } = drawing(rehearsal, form);
    const attributes = {
      class: kind,
      viewBox: `0 0 ${form.width} ${height}`,
      role: 'img',
      'aria-label': headline(rehearsal),
    };
    return element('svg', attributes, markup);
  };
  const legend = LEGEND.map(([colour, text]) => `<li><i style="background:${colour}"></i>${text}</li>`);
  return `<h2>What happened</h2><div class="figure">${draw(WIDE, 'wide')}${draw(NARROW, 'narrow')}<ul class="legend">${legend.join('')}</ul></div>`;
}

function advised({ circumstances }: Rehearsal, side: Side, has: Has): string {
  const items = adviceOn(side, circumstances, has).map(
    ({ weight, text }) => `<li class="${weight}">${flagged(text)}</li>`,
  );
  return `<h2>${escaped(TITLES[side.way])}</h2><ul class="advice">${items.join('')}</ul>${side.broken === null ? '' : lastWords(side.broken)}`;
}

/** Options stand out as what can be typed. */
const flagged = (text: string): string =>
  escaped(text).replace(
    /--[a-z][a-z-]*(?: (?:\d[\w.]*|[A-Z]{3,}|http\S+|process|tcp\S+)(?![\w]))?/g,
    (flag) => `<code>${flag}</code>`,
  );

function troubled(trouble: Trouble): string {
  const { what } = trouble;
  return `<ul class="advice"><li class="bad">${escaped(what)}. ${flagged(remedyFor(trouble))}</li></ul>${lastWords(trouble)}`;
}

function lastWords({ lines }: Trouble): string {
  if (lines.length === 0) return '';
  return `<p>It printed last:</p><pre>${lines.map((line) => escaped(printable(line))).join('\n')}</pre>`;
}

function table(sides: readonly Side[]): string {
  const row = (cells: readonly string[], kind: 'th' | 'td'): string =>
    `<tr>${cells.map((cell) => `<${kind}>${escaped(cell)}</${kind}>`).join('')}</tr>`;
  const since = (from: number | null, to: number | null): string =>
    from === null || to === null ? '–' : span(to - from);
  const rows = sides.flatMap((side) =>
    side.pods.map((pod) =>
      row(
        [
          ...[
            pod.name,
            WAYS[side.way],
            since(pod.started, pod.ready),
            side.way === 'k8s-run' ? since(pod.deleted, pod.signalled) : '–',
          ],
          ...[since(pod.signalled, pod.ended), since(pod.deleted, pod.forgotten)],
          pod.exitCode === null ? 'still serving' : exitCodeWords(pod.exitCode),
          pod.killed === null ? '' : `by ${pod.killed.by}`,
        ],
        'td',
      ),
    ),
  );
  const heads = ['', '', 'until ready', 'pause', 'from signal to end', 'still sent to', 'exit code', 'killed'];
  return `<table><thead>${row(heads, 'th')}</thead><tbody>${rows.join('')}</tbody></table>`;
}

function played({ circumstances: all, scouted }: Rehearsal): string {
  const facts: readonly (readonly [string, string])[] = [
    ['replicas', String(all.replicas)],
    [
      'requests',
      `${all.rate} a second, ${Math.round(all.keptAlive * 100)} % on kept-alive connections, of ${all.paths.join(', ')}`,
    ],
    ['nodes', `${all.nodes}, each hears of a change up to ${formatDuration(all.lag)} late`],
    ['pause and grace', `${formatDuration(all.shutdownDelay)}, ${formatDuration(all.grace)}`],
    ['terminationGracePeriodSeconds', String(all.terminationGracePeriod / 1_000)],
    ['seed', all.seed],
    ...(scouted === null ? [] : [['first start, until ready', span(scouted.untilReady)] as const]),
  ];
  return `<dl class="card plain">${facts.map(([name, value]) => `<dt>${escaped(name)}</dt><dd>${escaped(value)}</dd>`).join('')}</dl>`;
}
