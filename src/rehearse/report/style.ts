/** Colours by their meaning. Each has a contrast of 4.5:1 for text and 3:1 for shapes (WCAG 2.2, 1.4.3 and 1.4.11). */
const LIGHT =
  '--paper:#fbfbf9;--card:#fff;--ink:#1b2027;--soft:#5a6472;--line:#e2e4e0;--grid:#e8eae6;--band:#eef2f7;' +
  '--starting:#7aa7d6;--serving:#2f8f5b;--delaying:#d99a1c;--stopping:#9467bd;--lost:#c0232c;--kept:#1f7a4a;--dot:#3b6ea5;--routed:#b4690e';
const DARK =
  '--paper:#12161b;--card:#191f26;--ink:#e6e9ed;--soft:#9aa5b1;--line:#2a323b;--grid:#262e36;--band:#1d2733;' +
  '--starting:#5b8fc4;--serving:#3fae74;--delaying:#e0aa3e;--stopping:#b08ad6;--lost:#ff6b6b;--kept:#5cc98f;--dot:#7fb2e5;--routed:#e39a4a';

export const COLOURS: string = `:root{color-scheme:light dark;${LIGHT}}@media(prefers-color-scheme:dark){:root{${DARK}}}`;

const FONT = 'system-ui,-apple-system,"Segoe UI",Roboto,"Liberation Sans",Arial,sans-serif';

/** The rules of the picture, in the page and as a file. */
export const DRAWING: string = [
  `svg text{font:12px ${FONT};fill:var(--ink)}`,
  'svg .head{font-size:15px;font-weight:650}',
  'svg .name{font-size:12px;fill:var(--soft)}svg .axis,svg .note{font-size:11px;fill:var(--soft)}',
  'svg .lost{fill:var(--lost);font-weight:650;font-size:14px}svg .kept{fill:var(--kept);font-weight:650;font-size:14px}svg .small{font-size:11px}',
  'svg .grid{stroke:var(--grid);stroke-width:1}svg .rollout{fill:var(--band)}',
  'svg .starting{fill:var(--starting)}svg .serving{fill:var(--serving)}svg .delaying{fill:var(--delaying)}svg .stopping{fill:var(--stopping)}',
  'svg .routed{stroke:var(--routed);stroke-width:2;stroke-dasharray:3 3}svg .end{stroke:var(--ink);stroke-width:2}svg .kill{stroke:var(--lost);stroke-width:3}',
  'svg .dots{stroke:var(--dot);stroke-width:3;stroke-linecap:round;stroke-opacity:.55;fill:none}svg .cross{stroke:var(--lost);stroke-width:1.6;fill:none}',
].join('');

/** The rules of the page around the picture. */
export const PAGE: string = [
  `*{box-sizing:border-box}body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 ${FONT}}`,
  'main{max-width:1040px;margin:0 auto;padding:40px 24px 64px}',
  'h1{text-wrap:balance;font-size:30px;line-height:1.2;margin:0 0 6px;letter-spacing:-.01em}h2{font-size:19px;margin:40px 0 12px}',
  '.lead{color:var(--soft);margin:0 0 28px;overflow-wrap:anywhere}code,pre{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace;font-size:.9em}',
  '.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(270px,1fr));gap:16px}',
  '.card{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:18px 20px}',
  '.card h3{margin:0;font-size:15px;color:var(--soft);font-weight:600}.big{display:flex;align-items:baseline;gap:10px;font-size:34px;font-weight:700;line-height:1.25;letter-spacing:-.02em}.big.words{font-size:24px;line-height:1.45}',
  '.big.lost{color:var(--lost)}.big.kept{color:var(--kept)}.big small{line-height:1.4;font-size:15px;font-weight:500;color:var(--soft);letter-spacing:0}',
  'dl{display:grid;grid-template-columns:1fr auto;gap:3px 14px;margin:12px 0 0;font-size:14px}dt{color:var(--soft)}dd{margin:0;text-align:right}',
  'ul.advice{list-style:none;margin:0 0 18px;padding:0;display:grid;gap:10px}ul.advice li{background:var(--card);border:1px solid var(--line);border-left:4px solid var(--soft);border-radius:8px;padding:11px 16px}',
  'ul.advice li.problem{border-left-color:var(--lost)}ul.advice li.ok{border-left-color:var(--kept)}ul.advice li.note{border-left-color:var(--delaying)}',
  '.figure{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:18px 20px}.figure svg{display:block;width:100%;height:auto}.figure svg.narrow{display:none}',
  '.legend{display:flex;flex-wrap:wrap;gap:6px 18px;margin:14px 0 0;padding:0;list-style:none;font-size:13px;color:var(--soft)}.legend i{display:inline-block;width:14px;height:10px;border-radius:2px;margin-right:6px}',
  'table{border-collapse:collapse;width:100%;font-size:14px}th,td{text-align:left;padding:6px 12px 6px 0;border-bottom:1px solid var(--line);vertical-align:top}th{color:var(--soft);font-weight:600}td:first-child{white-space:nowrap}',
  'dl.plain{margin:0;grid-template-columns:minmax(150px,auto) 1fr;gap:5px 24px}dl.plain dd{text-align:left}',
  'pre{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:12px 14px;overflow-x:auto;margin:10px 0}',
  'footer{margin-top:44px;color:var(--soft);font-size:13px}',
  '@media(max-width:640px){main{padding:24px 14px 44px}h1{font-size:25px}.figure{padding:12px 6px}.legend{padding:0 8px}.figure svg.wide{display:none}.figure svg.narrow{display:block}dl.plain{display:block}dl.plain dd{margin:0 0 8px}' +
    'thead{display:none}tbody{display:grid;gap:12px}tr{display:block;background:var(--card);border:1px solid var(--line);border-radius:12px;padding:10px 14px}' +
    'td{display:flex;justify-content:space-between;gap:14px;border:0;padding:2px 0;text-align:right}td:empty,td.none{display:none}td[data-head]::before{content:attr(data-head);color:var(--soft);text-align:left}' +
    'td:not([data-head]){text-align:left}td:first-child{font-weight:650}td:nth-child(2){color:var(--soft)}}',
].join('');
