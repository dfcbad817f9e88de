// The Taylor explorer: function and polynomial on the left, the disc of convergence in the complex plane on the right.

function render({ model, el }) {
  const data = model.get("data");
  const { xs, ys, curve, about } = data;
  const [from, to] = [xs[0], xs[xs.length - 1]];
  const [low, high] = data.window;
  const left = plot({
    label: `${data.name} and its Taylor polynomial`,
    x: { min: from, max: to, label: "x" },
    y: { min: low, max: high, label: `${data.name}(x)` },
  });
  left.line("ink", { points: curve });
  const polynomial = left.line("primal", { dash: "8 4" });
  const ends = left.line("muted", { dash: "2 4", name: "thin" });
  const gap = left.line("adjoint", { name: "thick" });
  const point = left.points("ink", "circle", { size: 4 });
  const value = left.points("primal", "diamond", { size: 4 });

  const tall = ((to - from) * 124) / 368; // so that a circle is one
  const right = plot({
    label: "The complex plane with the disc of convergence and what ends it",
    x: { min: from, max: to, label: "real part" },
    y: { min: -tall, max: tall, label: "imaginary part" },
  });
  right.line("muted", { points: [[from, 0], [to, 0]], name: "thin" });
  const disc = right.line("muted", { dash: "2 4" });
  const poles = right.points("adjoint", "square", { size: 4 });
  const centre = right.points("primal", "circle", { size: 3 });
  const here = right.points("ink", "diamond", { size: 5, name: "hollow" });
  const note = right.add("text", { style: "--c:var(--ac-muted)", x: 8, y: 18 });
  const step = data.settings.x.step;
  for (const axes of [left, right]) axes.drag((x) => page.set({ x: xs[index(x)] ?? (x < from ? from : to) }));

  const numbers = sheet(data.table);
  const page = shell({ model, el, show, words: { x: (x) => said(xs[index(x)]) } });
  page.body.append(left.element, right.element, numbers);
  page.paint();
  return page.close;

  function index(x) {
    return Math.round((x - from) / step);
  }

  function show(settings) {
    const { order } = settings;
    const x = xs[index(settings.x)];
    const y = ys[index(settings.x)];
    const k = about.findIndex((one) => one.centre === settings.centre);
    const { centre: c, coefficients, radius, poles: singular, words } = about[k];
    const open = page.answered("outside");
    const known = open && (!k || data.asks.length === 1 || page.answered("radius")); // else its radius is asked for
    const at = (t) => coefficients.slice(0, order + 1).reduceRight((sum, f) => sum * (t - c) + f, 0);
    const p = at(x);
    polynomial.put(open ? curve.map(([t]) => [t, at(t)]) : []);
    value.put(open ? [[x, p]] : []);
    gap.put(open ? [[x, y], [x, p]] : []);
    point.put([[x, y]]);
    here.put([[x, 0]]);
    centre.put([[c, 0]]);
    const near = words && `, for it is singular at ${words}`;
    const ring = known && radius !== null;
    ends.put(ring ? [-1, 1].flatMap((side) => [[c + side * radius, low], [c + side * radius, high], [null, 0]]) : []);
    disc.put(ring ? Array.from({ length: 73 }, (_, i) => [c + radius * Math.cos(i / 11.46), radius * Math.sin(i / 11.46)]) : []);
    poles.put(known ? singular : []);
    note.textContent = !known ? "" : ring ? `dotted: radius ${said(radius, 3)}${data.known ? "" : " (estimated)"}${near.replace("for it is", "■")}` : "no end of the disc in sight";
    numbers.hidden = !open;
    if (y === null) return `${data.name} has no value at x = ${said(x)}.`;
    const value0 = `At x = ${said(x)} the function is ${said(y, 6)}`;
    if (!open) return `${value0}. The polynomial about ${said(c)} comes when you have predicted.`;
    const told = `${value0}, the polynomial of order ${order} about ${said(c)} is ${said(p, 6)}: remainder ${said(y - p, 2)}.`;
    if (!known) return told;
    const away = Math.abs(x - c);
    if (radius === null) return `${told} The series converges everywhere; far away it takes more orders.`;
    const q = said(away / radius, 2);
    if (Math.abs(away / radius - 1) < 0.02) return `${told} x is on the edge of the disc.`;
    return away < radius
      ? `${told} x is inside the disc: each order makes the remainder about ${q} times as large.`
      : `${told} x is outside the disc, ${q} times as far as it reaches${near}: higher orders make it worse.`;
  }
}

export default { render };
