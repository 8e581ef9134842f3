/** The stylesheet of a report: the colours of the pages (`web/tokens.css`), light and dark, and light on paper. */
export const style = `
:root {
  color-scheme: light dark;
  --canvas: #f9f8f6; --surface: #fff; --sunken: #f3f1ed;
  --line: #e8e5df; --line-strong: #d6d2ca;
  --text: #1d1b18; --text-soft: #55514a; --text-meta: #6a655c;
  --accent: #1f6a3c; --accent-ground: #e9f2eb;
  --good: #1f6a3c; --good-ground: #e9f2eb;
  --warning: #855400; --warning-ground: #fbf1dd; --warning-line: #e8cf9c;
  --bad: #b02a20; --bad-ground: #fcecea; --bad-line: #f0c3be;
  --series-1: #00805d; --series-2: #1967b3; --series-3: #b8500f;
  --font: -apple-system, "Segoe UI", "Inter", "Roboto", "Cantarell", "Ubuntu", "Noto Sans", "DejaVu Sans Condensed", system-ui, sans-serif;
  --code: ui-monospace, "SF Mono", "Cascadia Mono", "JetBrains Mono", "DejaVu Sans Mono", monospace;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --canvas: #131210; --surface: #1a1917; --sunken: #0f0e0d;
    --line: #2a2825; --line-strong: #3b3834;
    --text: #edebe6; --text-soft: #b7b2a8; --text-meta: #9b958b;
    --accent: #7ccb94; --accent-ground: #1a2a1f;
    --good: #7ccb94; --good-ground: #1a2a1f;
    --warning: #e3b25a; --warning-ground: #2c2413; --warning-line: #54431c;
    --bad: #f28b80; --bad-ground: #321a18; --bad-line: #64302b;
    --series-1: #4fc9a4; --series-2: #74b3f0; --series-3: #f0985c;
  }
}
* { box-sizing: border-box; }
html { background: var(--canvas); color: var(--text); font: 400 15px/1.55 var(--font); font-variant-numeric: tabular-nums; text-size-adjust: 100%; }
body { margin: 0 auto; max-width: 1040px; padding: 40px 24px 64px; }
h1, h2, h3, p, ul, ol, figure, dl, dd { margin: 0; padding: 0; }
ul, ol { list-style: none; }
h1, h2, h3 { font-weight: 600; line-height: 1.3; letter-spacing: -.01em; text-wrap: balance; }
h1 { font-size: 28px; letter-spacing: -.02em; }
h2 { font-size: 18px; }
h3 { font-size: 13px; color: var(--text-meta); font-weight: 500; letter-spacing: 0; }
code { font: 13px var(--code); background: var(--sunken); padding: 2px 6px; border-radius: 5px; }
header { display: grid; gap: 8px; padding-bottom: 24px; }
.brand { color: var(--accent); font-weight: 600; font-size: 13px; }
.meta { color: var(--text-meta); font-size: 13px; overflow-wrap: anywhere; }
.verdict { border: 1px solid var(--line-strong); border-radius: 8px; padding: 20px 24px; display: grid; gap: 12px; background: var(--surface); }
.verdict.good { background: var(--good-ground); border-color: transparent; }
.verdict.attention { background: var(--bad-ground); border-color: var(--bad-line); }
.verdict.unknown { background: var(--warning-ground); border-color: var(--warning-line); }
.verdict li { padding-left: 20px; position: relative; }
.verdict li::before { content: ""; position: absolute; left: 4px; top: .68em; width: 5px; height: 5px; border-radius: 50%; background: var(--text-meta); }
.tiles { display: grid; grid-template-columns: repeat(4, 1fr); border: 1px solid var(--line); border-radius: 8px; background: var(--line); gap: 1px; overflow: hidden; margin: 24px 0 8px; }
.tile { padding: 16px 20px 18px; background: var(--surface); display: grid; gap: 2px; align-content: start; min-width: 0; }
.tile .value { font-size: 26px; font-weight: 600; letter-spacing: -.02em; line-height: 1.25; overflow-wrap: anywhere; }
.tile .value.unknown { color: var(--text-meta); font-weight: 500; }
.tile .note { font-size: 13px; color: var(--text-meta); }
.outcome { display: inline-flex; align-items: center; gap: 6px; font-size: 13px; font-weight: 500; white-space: nowrap; }
.outcome::before { content: ""; width: 8px; height: 8px; border-radius: 50%; background: currentColor; }
.met, .good { color: var(--good); } .missed, .attention { color: var(--bad); } .unknown { color: var(--warning); }
.verdict, .tile, section { color: var(--text); }
.missed::before { border-radius: 1px !important; } .unknown::before { background: none !important; border: 2px solid currentColor; }
section { padding-top: 32px; margin-top: 24px; border-top: 1px solid var(--line); display: grid; gap: 16px; min-width: 0; }
section > p { color: var(--text-soft); max-width: 72ch; }
.missing { border: 1px dashed var(--line-strong); border-radius: 8px; padding: 16px 20px; color: var(--text-soft); }
.table { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
th { text-align: left; font-weight: 500; color: var(--text-meta); font-size: 13px; }
th, td { padding: 8px 16px 8px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th.number, td.number { text-align: right; white-space: nowrap; }
th.number + th:not(.number), td.number + td:not(.number) { padding-left: 24px; }
td.time { white-space: nowrap; color: var(--text-soft); }
th:last-child, td:last-child { padding-right: 0; }
.chart { display: grid; gap: 8px; min-width: 0; break-inside: avoid; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 20px; font-size: 13px; color: var(--text-soft); }
.legend i { display: inline-block; width: 14px; height: 3px; border-radius: 2px; margin-right: 8px; vertical-align: middle; background: currentColor; }
.legend i.target { background: none; border-top: 2px dashed var(--text-meta); border-radius: 0; }
.plot { display: grid; grid-template-columns: 64px 1fr; grid-template-rows: 100%; gap: 12px; height: 200px; } .low .plot { height: 140px; }
.axis-y { white-space: nowrap; display: flex; flex-direction: column; justify-content: space-between; text-align: right; font-size: 12px; color: var(--text-meta); margin: -9px 0; }
.axis-x { position: relative; height: 18px; margin-left: 76px; font-size: 12px; color: var(--text-meta); overflow: hidden; }
.axis-x span { position: absolute; white-space: nowrap; } .axis-x .middle { transform: translateX(-50%); }
.plot svg { width: 100%; height: 100%; display: block; border-bottom: 1px solid var(--line-strong); overflow: visible; }
svg line, svg path { vector-effect: non-scaling-stroke; }
.grid { stroke: var(--line); stroke-width: 1; }
line.target { stroke: var(--text-meta); stroke-width: 1.5; stroke-dasharray: 5 4; }
.line { fill: none; stroke: currentColor; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
.dot { stroke: currentColor; stroke-width: 5; stroke-linecap: round; }
.bar { fill: currentColor; }
.note { fill: transparent; } .note:hover { fill: var(--text); fill-opacity: .06; }
.series-1 { color: var(--series-1); } .series-2 { color: var(--series-2); } .series-3 { color: var(--series-3); } .series-bad { color: var(--bad); }
.line.series-2 { stroke-dasharray: 7 4; }
.interval { width: 100%; height: 8px; display: block; border-radius: 4px; overflow: hidden; margin: 10px 0 4px; }
.scale { display: flex; justify-content: space-between; font-size: 12px; color: var(--text-meta); }
.track { fill: var(--line-strong); } .range { fill: var(--series-1); fill-opacity: .45; } .mark { stroke: var(--text); stroke-width: 2; }
.columns { display: grid; grid-template-columns: 1fr 1fr; gap: 16px 40px; align-items: start; } .columns.wide { grid-template-columns: 2fr 1fr; } .columns > * { min-width: 0; }
.list { display: grid; grid-template-columns: 1fr 1fr; gap: 0 40px; }
.list li { padding: 10px 0; border-bottom: 1px solid var(--line); display: grid; grid-template-columns: 56px 1fr; gap: 2px 8px; align-content: start; align-items: baseline; }
.list .sub { grid-column: 2; color: var(--text-meta); font-size: 13px; overflow-wrap: anywhere; } .list .main { overflow-wrap: anywhere; }
footer { margin-top: 48px; padding-top: 16px; border-top: 1px solid var(--line); color: var(--text-meta); font-size: 13px; display: grid; gap: 4px; }
@media (max-width: 860px) { .tiles { grid-template-columns: repeat(2, 1fr); } .columns, .columns.wide, .list { grid-template-columns: 1fr; } }
@media (max-width: 480px) {
  body { padding: 24px 16px 40px; } h1 { font-size: 23px; } .verdict { padding: 16px; } .tile { padding: 12px 14px; } .tile .value { font-size: 21px; }
  .optional { display: none; } th, td { padding-right: 10px; }
  .stack thead { display: none; } .stack tr { display: grid; grid-template-columns: auto 1fr; gap: 0 12px; padding: 10px 0; border-bottom: 1px solid var(--line); } .stack td { border: 0; padding: 0; } .stack td:last-child { grid-column: 1 / -1; }
  .plot { grid-template-columns: 48px 1fr; gap: 8px; height: 160px; } .axis-x { margin-left: 56px; } .axis-x span:nth-child(even) { display: none; }
}
@page { size: A4; margin: 16mm 15mm; }
@media print {
  html { background: #fff; font-size: 12px; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  body { max-width: none; padding: 0; } h1 { font-size: 24px; }
  .tiles { grid-template-columns: repeat(4, 1fr); } .columns, .list { grid-template-columns: 1fr 1fr; } .columns.wide { grid-template-columns: 2fr 1fr; }
  section { padding-top: 20px; margin-top: 20px; gap: 12px; } section > h2 { break-after: avoid; }
  .verdict, .tiles, .chart, .missing, tr, .list li { break-inside: avoid; } thead { display: table-header-group; }
  .plot { height: 150px; } .low .plot { height: 110px; } .tile { padding: 10px 14px; } .tile .value { font-size: 20px; } .table { overflow: visible; }
}
`;
