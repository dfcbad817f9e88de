// An iteration as a cobweb on the left; on the right its errors: of the value, of the loop's derivative, of the equation's.

function render({ model, el }) {
  const data = model.get("data");
  const { starts, zs, loop, equation, solution, derivative, looks } = data;
  const [from, to, low, high] = data.window;
  const left = plot({
    label: `The curve of ${data.name}, the diagonal, and the steps between them`,
    x: { min: from, max: to, label: "z" },
    y: { min: low, max: high, label: `${data.name}(z, a)` },
  });
  left.line("muted", { dash: "7 4", points: [[from, from], [to, to]] });
  left.line("ink", { points: data.curve });
  const web = left.line("primal", { name: "thin" });
  const goal = left.points("ink", "diamond", { size: 5, name: "hollow" });
  goal.put([[solution, solution]]);
  const here = left.points("primal", "circle", { size: 5 });
  left.drag((z) => page.set({ start: nearest(z) }));

  const most = zs[0].length - 1;
  const right = plot({
    label: "Errors after each step; the table below has the numbers",
    x: { min: 0, max: most, label: "step k" },
    y: { min: Math.log10(data.floor), max: Math.log10(data.top), label: "power of ten of the error" },
  });
  const series = looks.map(([name, role, shape, words], k) => {
    const line = right.line(role, { name: "thin" });
    const points = right.points(role, shape, { size: 3 });
    const word = right.add("text", { style: `--c:var(--ac-${role})`, x: 110, y: 18 + 17 * k }, words);
    return { rows: { value: zs, loop, equation }[name], truth: name === "value" ? solution : derivative, line, points, word, name };
  });

  const numbers = sheet(data.table);
  const words = { start: (i) => `z₀ = ${said(starts[i])}`, steps: String };
  const page = shell({ model, el, show, words });
  page.body.append(left.element, right.element, numbers);
  page.paint();
  return page.close;

  function nearest(z) {
    return starts.reduce((best, s, i) => (Math.abs(s - z) < Math.abs(starts[best] - z) ? i : best), 0);
  }

  function off({ rows, truth }, start, k) {
    const value = rows[start][k];
    return value === null ? null : Math.abs(value - truth);
  }

  function show({ start, steps }) {
    const path = zs[start].slice(0, steps + 1);
    const corners = path.flatMap((z, k) => (k ? [[path[k - 1], z], [z, z]] : [[z, low]]));
    web.put(corners.filter(([a, b]) => a !== null && b !== null));
    const z = path[steps];
    here.put(z === null ? [] : [[z, z]]);
    const open = !page.answered("behind") && data.asks.some(({ name }) => name === "behind") ? ["value"] : looks.map(([name]) => name);
    numbers.hidden = open.length === 1;
    for (const one of series) {
      const shown = open.includes(one.name);
      const dots = path.map((_, k) => [k, Math.log10(Math.max(off(one, start, k) ?? NaN, data.floor))]);
      one.line.put(shown ? dots : []);
      one.points.put(shown ? dots : []);
      one.word.style.display = shown ? "" : "none";
    }
    const after = `After ${steps} ${steps === 1 ? "step" : "steps"} from ${said(starts[start])}`;
    if (z === null) return `${after} the iteration has left the numbers.`;
    const [value, slope, direct] = series.map((one) => off(one, start, steps));
    const told = `${after}: z = ${said(z, 9)}, off by ${said(value, 2)}.`;
    if (open.length === 1) return told;
    const both = `The loop's derivative ${said(loop[start][steps], 9)} is off by ${said(slope, 2)}`;
    return `${told} ${both}; the equation's, at the same z, by ${said(direct, 2)}.`;
  }
}

export default { render };
