// A motion in phase space on the left, beside lines of equal energy; on the right the error of its energy.

function render({ model, el }) {
  const { box, contours, hs, paths, errors, low, top, looks, table, begin, settings } = model.get("data");
  const [[a, b], [c, d]] = box;
  const plane = plot({
    label: "Lines of equal energy in the plane of q and p, and the path of the chosen method",
    x: { min: a, max: b, label: "q" },
    y: { min: c, max: d, label: "p" },
  });
  for (const points of contours) plane.line("line", { points, name: "thin" });
  const drawn = looks.map(([, , role, shape]) => plane.points(role, shape, { size: 2.4 }));
  const here = plane.points("ink", "diamond", { size: 5, name: "hollow" });

  const most = settings.steps.max;
  const right = plot({
    label: "Error of the energy after each step; the table below has the numbers",
    x: { min: 0, max: most, label: "step" },
    y: { min: Math.log10(low), max: Math.log10(top), label: "power of ten of |H − H₀|" },
  });
  const lines = looks.map(([, words, role, shape, sign], k) => {
    const line = right.line(role, { name: "thin" });
    const marks = right.points(role, shape, { size: 2.6 });
    const word = right.add("text", { style: `--c:var(--ac-${role})`, x: 8 + 190 * (k % 2), y: 16 + 17 * (k >> 1) }, `${sign} ${words}`);
    return { line, marks, word };
  });

  const numbers = sheet(table);
  const page = shell({ model, el, show, words: { step: (k) => said(hs[k]), steps: String } });
  page.body.append(plane.element, right.element, numbers);
  page.paint();
  return page.close;

  function show({ method, step, steps }) {
    const open = page.answered("energy");
    const n = open ? steps : Math.min(steps, begin);
    const [qs, ps] = paths[method][step];
    const path = qs.slice(0, n + 1).map((q, k) => [q, ps[k]]);
    looks.forEach(([name], k) => {
      drawn[k].put(name === method ? path : []);
      const row = errors[name][step].slice(1, n + 1).map((e, i) => [i + 1, e === null ? NaN : Math.log10(Math.max(e, low))]);
      lines[k].line.put(open ? row : []);
      lines[k].marks.put(open && name === method ? row.filter((_, i) => i % 5 === 4) : []);
      lines[k].word.style.display = open ? "" : "none";
    });
    numbers.hidden = !open;
    const [q, p] = path[path.length - 1];
    here.put([[q, p]]);
    const words = looks.find(([name]) => name === method)[1];
    const told = `${n} ${n === 1 ? "step" : "steps"} of ${words} with h = ${said(hs[step])}, to t = ${said(n * hs[step])}`;
    if (q === null || p === null) return `${told}: it has left the numbers.`;
    const where = q < a || q > b || p < c || p > d ? ", outside the picture" : "";
    const place = `${told}: q = ${said(q)}, p = ${said(p)}${where}`;
    if (!open) return `${place}. What becomes of the energy is for you to predict.`;
    const largest = Math.max(...errors[method][step].slice(0, n + 1));
    return `${place}; the energy is off by ${said(errors[method][step][n], 2)}, on the way by up to ${said(largest, 2)}.`;
  }
}

export default { render };
