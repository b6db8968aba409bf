"""What pages share: their style, light and dark, and what a browser may do."""

__all__ = ["POLICY", "STYLE"]

# Nothing is fetched and nothing runs, whatever a cell holds.
POLICY = "default-src 'none'; img-src data:; media-src data:; style-src 'unsafe-inline'"

STYLE = """
:root { color-scheme: light dark; --ground: #fbfaf8; --card: #fff; --ink: #1c1d20;
  --soft: #5d6168; --line: #e1dfda; --accent: #2f6f8f; --accent-soft: #9cc3d5;
  --heat: 47, 111, 143;
  --c0: #1f5f7e; --c1: #d0762b; --c2: #6b8e3d; --c3: #8a5aa8; --c4: #b3445c;
  --c5: #3b8f86; --c6: #8d7a4f; }
@media (prefers-color-scheme: dark) { :root { --ground: #141518; --card: #1d1f23;
  --ink: #e9e7e2; --soft: #a3a7ae; --line: #34373d; --accent: #7cbad6;
  --accent-soft: #3d6a7f; --heat: 124, 186, 214; --c0: #7cbad6; --c1: #eda05e;
  --c2: #a6c973; --c3: #c39bdd; --c4: #ea869b; --c5: #74c9bf; --c6: #cbb98b; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
  -webkit-text-size-adjust: 100%; }
main { max-width: 68rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .3rem; letter-spacing: -.01em;
  overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; margin: 0 0 .25rem; }
h3 { font-size: 1rem; margin: 0; overflow-wrap: anywhere; }
p { margin: .25rem 0 .75rem; }
.soft, figcaption, .note { color: var(--soft); font-size: .9rem; }
section { background: var(--card); border: 1px solid var(--line); border-radius: 12px;
  padding: 1.25rem 1.4rem; margin-top: 1.25rem; min-width: 0; }
.two { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem),
  1fr)); gap: 0 1.25rem; }
.facts { display: flex; flex-wrap: wrap; gap: .5rem 2rem; margin: 1rem 0 0; }
.facts div { min-width: 6rem; max-width: 100%; }
.facts b { display: block; font-size: 1.6rem; line-height: 1.2;
  font-variant-numeric: tabular-nums; }
.bars { display: grid; grid-template-columns: fit-content(11rem) 1fr max-content;
  gap: .45rem .75rem; align-items: center; margin: .75rem 0; }
.bars .name, .legend span, .facts div, .numbers th[scope=row] {
  overflow-wrap: anywhere; }
.bars .number { text-align: right; font-variant-numeric: tabular-nums; }
.bars .number i { color: var(--soft); font-style: normal; font-size: .85em; }
.track { position: relative; height: 1.05rem; background: rgba(128, 128, 128, .13);
  border-radius: 3px; }
.track i { position: absolute; top: 0; bottom: 0; border-radius: 3px; }
.track u { position: absolute; top: 50%; height: 2px; margin-top: -1px;
  background: var(--ink); opacity: .55; }
.track s { position: absolute; top: -3px; bottom: -3px; width: 1px;
  background: var(--soft); }
.b { background: var(--accent); } .b.pale { background: var(--accent-soft); }
.strong { font-weight: 650; }
.chart { width: 100%; max-width: 36rem; height: auto; display: block; }
.chart text { fill: var(--soft); font-size: 11px; }
.chart .grid { stroke: var(--line); } .chart .dots { fill: var(--accent); }
.legend span { max-width: 100%; }
.legend { display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; font-size: .9rem; }
.legend span::before { content: ""; display: inline-block; width: 1.3em; height: 3px;
  margin: 0 .4em .25em 0; background: var(--k); }
.scroll { overflow-x: auto; max-width: 100%; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
td, th { padding: .3rem .55rem; text-align: right; font-weight: 400; }
th[scope=row], th.left { text-align: left; }
.numbers td, .numbers th { border-top: 1px solid var(--line); }
.confusion td { min-width: 2.4rem; text-align: center; border: 1px solid var(--card); }
.confusion th { color: var(--soft); max-width: 9rem; overflow: hidden;
  text-overflow: ellipsis; white-space: nowrap; }
.confusion thead th { vertical-align: bottom; }
.confusion thead span { writing-mode: vertical-rl; transform: rotate(180deg);
  max-height: 9rem; overflow: hidden; text-overflow: ellipsis; display: inline-block; }
.confusion .own { outline: 1.5px solid var(--soft); outline-offset: -2px; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%,
  20rem), 1fr)); gap: 1rem; margin-top: 1rem; }
article { border: 1px solid var(--line); border-radius: 10px; padding: .9rem 1rem;
  display: flex; flex-direction: column; gap: .6rem; min-width: 0; }
article header { display: flex; flex-direction: column; gap: .1rem; }
.verdict { display: grid; grid-template-columns: max-content 1fr max-content;
  gap: 0 .6rem; overflow-wrap: anywhere; }
.verdict span, .verdict i { color: var(--soft); font-style: normal; }
.verdict b, .clamp { display: -webkit-box; -webkit-box-orient: vertical;
  -webkit-line-clamp: 3; overflow: hidden; }
.pictures { display: flex; gap: .5rem; }
.pictures figure { margin: 0; flex: 1; min-width: 0; }
.pictures img { width: 100%; height: 9.5rem; object-fit: contain; background: #fff;
  border-radius: 6px; border: 1px solid var(--line); }
audio { width: 100%; height: 2.4rem; }
.strip { width: 100%; height: 3.2rem; border-radius: 6px; background: #fff;
  border: 1px solid var(--line); display: block; object-fit: fill; }
.said { overflow-wrap: anywhere; margin: 0; max-height: 15rem; overflow-y: auto; }
article > *, article figure { min-width: 0; }
.of { display: flex; gap: .6rem; overflow-wrap: anywhere; font-size: .82rem;
  color: var(--soft); }
.of b { font-weight: 600; flex-shrink: 0; max-width: 60%; overflow-wrap: anywhere; }
.of i { font-style: normal; overflow: hidden; text-overflow: ellipsis;
  white-space: nowrap; min-width: 0; }
.small { font-size: .9rem; }
details { margin-top: .6rem; } summary { cursor: pointer; color: var(--soft);
  font-size: .9rem; }
@media (max-width: 32rem) { main { padding: 1.1rem .8rem 3rem; } section {
  padding: 1rem .9rem; } h1 { font-size: 1.5rem; } .facts { gap: .4rem 1.4rem; }
  td, th { padding: .25rem .4rem; } .confusion { font-size: .85rem; }
  .confusion td { min-width: 2rem; }
  .chart text { font-size: 13px; } .bars .number i { display: block; } }
@media print { section, article { break-inside: avoid; } }
"""
