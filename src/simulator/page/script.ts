/** Shows under the pointer what each line is at that time. Runs in the page, so that it is plain JavaScript. */
export const SCRIPT = `
for (const figure of document.querySelectorAll('figure.chart')) {
  const data = JSON.parse(figure.querySelector('script').textContent);
  const svg = figure.querySelector('svg');
  const cursor = svg.querySelector('.cursor');
  const tip = document.createElement('div');
  tip.className = 'tip';
  tip.hidden = true;
  figure.append(tip);
  const texts = {
    percent: v => (v * 100).toFixed(1) + ' %',
    count: v => v.toLocaleString('en-US'),
    index: v => v.toFixed(3),
  };
  const clock = ms => {
    const s = Math.round(ms / 1000);
    return [Math.floor(s / 3600), Math.floor(s / 60) % 60, s % 60].map(n => String(n).padStart(2, '0')).join(':');
  };
  svg.addEventListener('pointermove', event => {
    const box = svg.getBoundingClientRect();
    const at = ((event.clientX - box.left) / box.width) * data.width;
    const part = (at - data.left) / (data.right - data.left);
    const last = data.atMs[data.atMs.length - 1];
    let i = data.atMs.findIndex(ms => ms >= part * last);
    if (i < 0) i = data.atMs.length - 1;
    const x = data.left + (data.atMs[i] / last) * (data.right - data.left);
    cursor.setAttribute('x1', x);
    cursor.setAttribute('x2', x);
    cursor.setAttribute('visibility', 'visible');
    const table = document.createElement('table');
    for (const line of data.lines) {
      const row = table.insertRow();
      const name = row.insertCell();
      const swatch = document.createElement('span');
      swatch.className = 'swatch';
      swatch.style.background = line.colour;
      name.append(swatch, line.name);
      row.insertCell().textContent = line.values[i] === null ? '-' : texts[data.format](line.values[i]);
    }
    tip.replaceChildren(clock(data.atMs[i]), table);
    tip.hidden = false;
    const inFigure = figure.getBoundingClientRect();
    const px = box.left - inFigure.left + (x / data.width) * box.width;
    const left = px + 14 + tip.offsetWidth > inFigure.width ? px - 14 - tip.offsetWidth : px + 14;
    tip.style.transform = 'translate(' + left + 'px, ' + (box.top - inFigure.top + 8) + 'px)';
  });
  svg.addEventListener('pointerleave', () => {
    tip.hidden = true;
    cursor.setAttribute('visibility', 'hidden');
  });
}
`;
