/** Colours that stay apart for colour-blind eyes, on light and on dark ground; roles take them in this order. */
const COLOURS = 8;
export const colourValue = (number: number): string => `var(--c${number % COLOURS})`;
export const isDashed = (number: number): boolean => number >= COLOURS;

export const STYLE = `
:root {
  color-scheme: light dark;
  --ground: #f7f7f5; --card: #ffffff; --ink: #1b1b1a; --soft: #5e5d59; --line: #dedcd6; --grid: #ecebe6;
  --c0: #2a78d6; --c1: #d9622b; --c2: #178f66; --c3: #b98100; --c4: #c75a86; --c5: #4a3aa7; --c6: #5f7d12; --c7: #c23b3b;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #161615; --card: #1f1f1d; --ink: #f2f1ec; --soft: #b1afa8; --line: #3a3936; --grid: #2b2a28;
    --c0: #5a9ff0; --c1: #ee8452; --c2: #3dbb8d; --c3: #d9a62e; --c4: #e288ad; --c5: #a59bf0; --c6: #9dbb4f; --c7: #ec7f7f;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 1180px; margin: 0 auto; padding: 28px 24px 48px; }
h1 { font-size: 24px; line-height: 1.25; margin: 0 0 4px; }
h2 { font-size: 16px; margin: 0; }
p { margin: 0; color: var(--soft); }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(170px, 1fr)); gap: 12px; margin: 20px 0 12px; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 14px 18px; }
.tile b { display: block; font-size: 26px; line-height: 1.3; font-weight: 600; font-variant-numeric: tabular-nums; }
.tile span { color: var(--soft); font-size: 13px; }
.charts { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 12px; }
.wide { grid-column: 1 / -1; }
@media (max-width: 860px) { .charts { grid-template-columns: minmax(0, 1fr); } .wide svg { min-width: 800px; } }
figure { margin: 0; position: relative; }
figcaption p { font-size: 13px; margin-top: 2px; }
.legend { display: flex; flex-wrap: wrap; gap: 2px 16px; font-size: 13px; margin: 8px 0 2px; list-style: none; padding: 0; }
.legend i { display: inline-block; width: 14px; height: 3px; border-radius: 2px; margin-right: 6px; vertical-align: middle; }
svg { display: block; width: 100%; height: auto; overflow: visible; }
svg text { font: 12px system-ui, sans-serif; fill: var(--soft); }
svg .end { fill: var(--ink); font-weight: 500; }
svg .grid { stroke: var(--grid); }
svg .axis { stroke: var(--line); }
svg .series { fill: none; stroke-width: 2; stroke-linejoin: round; }
svg .cursor { stroke: var(--soft); stroke-dasharray: 3 3; }
.tip { position: absolute; top: 0; left: 0; pointer-events: none; background: var(--card); border: 1px solid var(--line);
  border-radius: 6px; padding: 6px 10px; font-size: 13px; box-shadow: 0 2px 8px rgb(0 0 0 / 20%); white-space: nowrap; }
.tip table { border-collapse: collapse; }
.tip td { padding: 0 0 0 8px; text-align: right; font-variant-numeric: tabular-nums; border: 0; }
.tip td:first-child { padding: 0; text-align: left; }
.scroll { overflow-x: auto; overflow-y: hidden; }
.data { width: 100%; border-collapse: collapse; font-size: 14px; font-variant-numeric: tabular-nums; }
.data th { text-align: right; font-weight: 500; color: var(--soft); padding: 6px 10px; white-space: nowrap; }
.data td { text-align: right; padding: 6px 10px; border-top: 1px solid var(--grid); white-space: nowrap; }
.data th:first-child, .data td:first-child { text-align: left; padding-left: 0; }
.data .left { text-align: left; }
.swatch { display: inline-block; width: 10px; height: 10px; border-radius: 2px; margin-right: 8px; }
footer { margin-top: 20px; font-size: 13px; color: var(--soft); }
`;
