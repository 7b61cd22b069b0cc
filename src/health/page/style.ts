/** Each colour has a contrast of 4.5:1 for text and 3:1 for shapes (WCAG 2.2, 1.4.3 and 1.4.11). */
const LIGHT =
  '--paper:#fbfbf9;--card:#fff;--ink:#1b2027;--soft:#5a6472;--line:#dfe2dd;--good:#1a7544;--bad:#b8202a;--wait:#8a5600;--idle:#4f7fae';
const DARK =
  '--paper:#12161b;--card:#191f26;--ink:#e6e9ed;--soft:#9aa5b1;--line:#2a323b;--good:#5cc98f;--bad:#ff7b7b;--wait:#e0aa3e;--idle:#6f9fd0';

/** All of the page's style. The Content-Security-Policy allows it by its hash, and no other. */
export const STATUS_STYLE: string = [
  `:root{color-scheme:light dark;${LIGHT}}@media(prefers-color-scheme:dark){:root{${DARK}}}`,
  '*{box-sizing:border-box}body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}',
  'main{max-width:720px;margin:0 auto;padding:24px 16px 40px}header{display:flex;flex-wrap:wrap;gap:4px 12px;align-items:center}',
  'h1{font-size:26px;line-height:1.2;margin:0}h2{font-size:17px;margin:0 0 8px}header p{flex-basis:100%;margin:4px 0 0;color:var(--soft)}',
  'section{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:14px 16px;margin-top:14px}',
  'b.tag{border:1px solid;border-radius:99px;padding:0 10px;font-size:14px;white-space:nowrap}.good{color:var(--good)}.bad{color:var(--bad)}.wait{color:var(--wait)}',
  'ul{list-style:none;margin:0;padding:0}li+li{border-top:1px solid var(--line);margin-top:8px;padding-top:8px}li{display:flex;flex-wrap:wrap;gap:0 10px;align-items:baseline}li p{flex-basis:100%;margin:2px 0 0}',
  'small,thead,dt,footer{color:var(--soft);font-size:14px}',
  'dl{display:grid;grid-template-columns:minmax(7em,2fr) 3fr;gap:4px 14px;margin:0;align-items:baseline}dd{margin:0}',
  'svg{display:block;width:100%;height:14px;margin-bottom:8px;border-radius:4px}table{border-collapse:collapse;width:100%}th,td{text-align:left;font-weight:400;padding:3px 8px 3px 0}td:last-child,th:last-child{text-align:right;padding-right:0}',
  'i{display:inline-block;width:10px;height:10px;border-radius:2px;margin-right:8px;background:var(--soft)}rect{fill:var(--soft)}',
  'i.preparing,i.backingOff{background:var(--idle)}rect.preparing,rect.backingOff{fill:var(--idle)}i.running{background:var(--good)}rect.running{fill:var(--good)}',
  'i.preStop,i.delaying,i.draining{background:var(--wait)}rect.preStop,rect.delaying,rect.draining{fill:var(--wait)}i.killing{background:var(--bad)}rect.killing{fill:var(--bad)}',
  'footer{margin-top:18px}a{color:inherit}tbody th{white-space:nowrap}@media(max-width:400px){main{padding:16px 10px 32px}section{padding:12px}td,tbody th{font-size:14px}}',
].join('');

/** The SHA-256 of the style in Base64, as CSP writes it; a constant, because node:crypto would have to be loaded for it. A test compares them. */
export const STATUS_STYLE_HASH = 'avzHiH9dg84PQq0jxlOOUJUOjTiWl/afAEWphZSuol8=';
