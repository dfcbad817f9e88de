// A dual number on its way through f, through f · g and through g ∘ f: the point with its arrow, before and after.

function render({ model, el }) {
  const data = model.get("data");
  const { u, y } = data.values;
  const [x, fx, gfx] = data.axes;
  const text = (x) => (isNaN(x) ? "none" : said(Math.abs(x) < 1e-12 ? 0 : x).replace("-", "−"));

  // Words with numbers in them: {u} a number, {u+du} a dual number.
  const fill = (words, n) =>
    words.replace(/\{(\w+)\+?(\w*)\}/g, (_, v, t) =>
      text(n[v]) + (t && ` ${n[t] < 0 ? "−" : "+"} ${text(Math.abs(n[t]))}ε`),
    );

  // All numbers of a place by their letters, which the Python side explains; NaN where there is no value.
  function numbers({ view, a, b, epsilon }) {
    const h = Number(epsilon);
    const n = { view, a, b, h, known: page.answered(view) };
    const k = Math.round(a / data.fine) - data.first;
    const moved = (name) => data.values[name][k + Math.round((b * h) / data.fine)] ?? NaN;
    for (const name in data.values) n[name] = data.values[name][k] ?? NaN;
    for (const [name, p, q] of data.products) n[name] = n[p] * n[q];
    n.change = n.across + n.up;
    const [value, tangent] = data.results[view];
    [n.value, n.tangent, n.moved] = [n[value], n[tangent], moved("u")];
    n.left = view === "product" ? n.corner * h * h : moved(value) - n.value - n.tangent * h;
    n.second = n.left / h / h;
    n.difference = n.tangent * h + n.left;
    n.exact = n.value + n.difference;
    return n;
  }

  function ask(settings) {
    const n = numbers(settings);
    const { tangent } = n;
    if (n.known || isNaN(tangent)) return;
    const asked = data.asks.find(({ name }) => name === n.view);
    const mistakes = asked.mistakes.map(([name, why]) => [n[name], why]);
    const apart = mistakes.map(([wrong]) => Math.abs(wrong - tangent) * 0.4).filter((d) => d > 1e-9);
    const tolerance = Math.min(Math.abs(tangent) / 50 + 1e-9, ...apart);
    return { ...asked, question: fill(asked.question, n), shown: text(tangent), answer: tangent, mistakes, tolerance };
  }

  function arrow({ X, Y, add }, [p, q], end) {
    const [i, j] = [X.at(end[0]) - X.at(p), Y.at(end[1]) - Y.at(q)];
    const size = 5 / (Math.hypot(i, j) || 1);
    const [c, s] = [i * size, j * size];
    const d = `M${X.at(p)} ${Y.at(q)}l${i} ${j}m0 0l${s - 2 * c} ${-c - 2 * s}l${-2 * s} ${2 * c}z`;
    if (isFinite(i + j)) add("path", { class: "line arrow", style: "--c:var(--ac-tangent)", d });
  }

  const plots = {}; // axes and curve are drawn once
  // One function: the arrow in below, the arrow out at the left, and between them the arrow along the curve.
  function graph(x, y, points, h, [a, b, u, du], moved, shown) {
    const area = (plots[y.label] ??= plot({ label: `${y.label} with arrows`, x, y }));
    const [right, tip] = [a + b * h, u + du * h];
    const marks = area.element.lastChild;
    if (marks.firstChild) marks.replaceChildren(marks.firstChild);
    else area.line("primal", { points });
    area.line("muted", { points: [[a, y.min], [a, u], [x.min, u]], dash: "2 3", name: "thin" });
    arrow(area, [a, y.foot], [right, y.foot]);
    if (shown) {
      arrow(area, [a, u], [right, tip]);
      arrow(area, [x.foot, u], [x.foot, tip]);
      area.line("adjoint", { points: [[right, tip], moved], dash: "3 2" });
      area.points("adjoint", "diamond", { points: [moved], name: "hollow" });
    }
    return area.element;
  }

  // A product: a rectangle, two strips, and the corner that is dropped.
  function rectangle({ known, u, v, du, dv, h, area: whole, across, up }) {
    const side = (label, ...reach) => {
      const [min, max] = [Math.min(0, ...reach), Math.max(0, ...reach)];
      const pad = 0.1 * (max - min) || 1;
      return { min: min - pad, max: max + pad, label };
    };
    const [w, l] = [u + du * h, v + dv * h];
    const area = plot({ label: "f(x) · g(x) as an area", x: side("f(x)", u, w), y: side("g(x)", v, l) });
    for (const [p, q, r, s, role, words, dash] of [
      [0, 0, u, v, "ink", text(whole)],
      [u, 0, w, v, "tangent", (known ? text(across) : "?") + "ε"],
      [0, v, u, l, "adjoint", (known ? text(up) : "?") + "ε", "6 3"],
      [u, v, w, l, "muted", known ? "dropped" : "ε²", "2 3"],
    ]) {
      area.line(role, { points: [[p, q], [r, q], [r, s], [p, s], [p, q]], dash, name: "filled" });
      area.word(role, words, [(p + r) / 2, (q + s) / 2], "middle");
    }
    return area.element;
  }

  let cells, seen; // the table's, and for which way
  const curve = u.map((value, k) => [(data.first + k) * data.fine, value]);
  const outer = u.map((value, k) => [value, y[k]]).sort((p, q) => p[0] - q[0]);

  function show(settings) {
    const n = numbers(settings);
    const { view, known, h, a, b, u, du, moved } = n;
    const chain = view === "chain";
    const areas = [view === "product" ? rectangle(n) : graph(x, fx, curve, h, [a, b, u, du], [a + b * h, moved], known || chain)];
    if (chain) areas.push(graph(fx, gfx, outer, h, [u, du, n.y, n.tangent], [moved, n.exact], known));
    const cell = (name) => make("td", {}, name && text(n[name]));
    const line = ([header, ...names]) => make("tr", {}, make("th", { scope: "row" }, header), ...names.map(cell));
    const list = tableOf("Numbers", data.columns, data.rows[view][+known].map(line));
    // What is in its place stays there: to put it there anew would cost the layout of all its words.
    const found = list.querySelectorAll("td");
    if (seen === view + known) {
      found.forEach((cell, i) => write(cells[i], cell.textContent));
      if (!areas[0].parentNode) page.body.firstChild.replaceWith(areas[0]);
    } else {
      cells = found;
      seen = view + known;
      page.body.replaceChildren(...areas, list);
    }
    const { hidden, say, drawn } = data.words[view];
    return fill(isNaN(n.tangent) ? data.words.none : !known ? hidden : isNaN(n.exact) ? say : say + drawn, n);
  }

  const page = shell({ model, el, show, ask, words: { a: text, b: text } });
  page.paint();
  return page.close;
}

export default { render };
