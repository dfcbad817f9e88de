// A landscape to descend in: contours, minima, basins, and the walk from a start that is dragged or set.

function render({ model, el }) {
  const { names, box, contours, series, rates, minima, basins, most, flat, shown } = model.get("data");
  const [[left, right], [low, high]] = box;
  const axes = plot({
    label: "Contour lines of f, its minima by letter, and a walk down",
    height: 400,
    x: { min: left, max: right, label: names[0] },
    y: { min: low, max: high, label: names[1] },
  });
  for (const points of contours) axes.line("line", { points, name: "thin" });
  const kinds = [["tangent", "circle"], ["partial", "square"], ["warm", "diamond"], ["primal", "triangle"]];
  const marks = basins.map((_, i) => axes.points(...kinds[i % 4], { size: 1.8 }));
  const path = axes.line("adjoint");
  const dots = axes.points("adjoint", "circle", { size: 2.5 });
  const here = axes.points("ink", "diamond", { size: 5 });
  for (const [name, x, y] of minima) axes.word("ink", name, [x, y], "middle");

  const rows = Array.from({ length: shown + 1 }, (_, k) => [String(k), "", "", "", ""]);
  const numbers = sheet(["The walk", ["step", ...names, "f", "largest entry of ∇f"], rows]);
  const cells = [...numbers.querySelectorAll("td")];
  const words = { x: said, y: said, rate: (k) => said(rates[k]), steps: String };
  const page = shell({ model, el, show, words });
  page.body.append(axes.element, numbers);
  axes.drag((x, y) => page.set({ x: tidy(x, left, right), y: tidy(y, low, high) }));
  page.paint();
  return page.close;

  // A start under the pointer, where the slider could put it too.
  function tidy(value, from, to) {
    const unit = (to - from) / 100;
    return Number((from + unit * Math.round((Math.min(Math.max(value, from), to) - from) / unit)).toPrecision(9));
  }

  // The gradient and f, by their Chebyshev series.
  function at(x, y) {
    const ladder = (t, n) => {
      const T = [1, t];
      while (T.length < n) T.push(2 * t * T.at(-1) - T.at(-2));
      return T;
    };
    const a = ladder((2 * x - left - right) / (right - left), series[0].length);
    const b = ladder((2 * y - low - high) / (high - low), series[0][0].length);
    return series.map((C) => C.reduce((sum, row, i) => sum + a[i] * row.reduce((s, c, j) => s + c * b[j], 0), 0));
  }

  function walk({ x, y, rate, momentum }) {
    const points = [];
    let [v, w] = [0, 0];
    for (;;) {
      if (!(x >= left && x <= right && y >= low && y <= high)) return { points, end: "out" };
      const [gx, gy, f] = at(x, y);
      const slope = Math.max(Math.abs(gx), Math.abs(gy));
      points.push([x, y, f, slope]);
      if (slope <= flat && rates[rate] * Math.max(Math.abs(v), Math.abs(w)) < 1e-6 * (right - left)) {
        const near = ([, p, q]) => Math.max(Math.abs(x - p), Math.abs(y - q)) < 1e-3 * (right - left);
        return { points, end: minima.find(near)?.[0] ?? "flat" };
      }
      if (points.length > most) return { points, end: "on" };
      [v, w] = [momentum * v + gx, momentum * w + gy];
      [x, y] = [x - rates[rate] * v, y - rates[rate] * w];
    }
  }

  function show(settings) {
    const { points, end } = walk(settings);
    const open = page.answered("end");
    const seen = points.slice(0, open ? settings.steps + 1 : 1);
    path.put(seen);
    dots.put(seen);
    here.put(points.slice(0, 1));
    marks.forEach((mark, i) => mark.put(open && settings.basins === "show" ? basins[i] : []));
    cells.forEach((cell, n) => write(cell, n < 4 * seen.length ? said(seen[n >> 2][n & 3]) : ""));
    const [x, y, f, slope] = seen.at(-1);
    const place = `(${said(x)}, ${said(y)}), f = ${said(f)}, slope ${said(slope)}`;
    if (!open) return `The start is ${place}. Where the walk goes is for you to predict.`;
    const ends = {
      out: `It leaves the picture after step ${points.length - 1}.`,
      on: `After ${most} steps it has settled nowhere.`,
      flat: "It stands still where it is flat, but no minimum.",
    };
    const there = minima.find(([name]) => name === end);
    const where = there && `It settles in ${end}, at (${said(there[1])}, ${said(there[2])}).`;
    const n = seen.length - 1;
    return `After ${n} ${n === 1 ? "step" : "steps"} with α = ${said(rates[settings.rate])}: ${place}. ${where ?? ends[end]}`;
  }
}

export default { render };
