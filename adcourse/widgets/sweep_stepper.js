// The sweep stepper: graph, evaluation trace and running sums, filled step by step.

function render({ model, el }) {
  const data = model.get("data");
  const graph = pane("graph", "Graph");
  graph.innerHTML = data.svg;
  const trace = table(
    "Evaluation trace: values and tangents read down, adjoints up",
    "operation",
    data.columns,
    data.rows.map((row) => ({ header: make("code", { textContent: row.equation }), note: row.note })),
  );
  data.rows.forEach((row, i) => {
    const spans = row.partials.map((text) => make("span", { textContent: text, className: text.length > 30 ? "long" : "" }));
    trace.cell(i, "partials").append(...spans);
  });
  const sum = make("p", { className: "sum" });
  const scroll = pane("trace", "Evaluation trace", trace.element);

  graph.style.flexBasis = graph.firstChild.style.width; // side by side where there is room for both
  scroll.style.flexBasis = `${data.letters / 2}em`;

  const boxes = data.rows.map((_, i) => {
    const box = graph.querySelector(`[data-row="${i}"]`);
    return { box, value: box.querySelector(".value"), derivative: box.querySelector(".adjoint") };
  });
  const edges = [...graph.querySelectorAll("[data-edge]")].map((element) => ({
    element,
    name: element.dataset.edge,
    child: Number(element.dataset.edge.split(",")[1]),
  }));
  const crowded = Boolean(graph.querySelector(".partial[visibility]")); // then only an edge in use shows its partial
  let current = [];

  function show(step) {
    const now = step ? data.steps[step - 1] : null;
    const words = new Map();
    for (const done of data.steps.slice(0, step)) {
      for (const [row, column, long, short] of done.set) words.set(`${row} ${column}`, [long, short]);
    }
    const sweep = now && now.sweep !== "primal" ? now.sweep : "tangent";
    data.rows.forEach((_, i) => {
      for (const column of ["primal", "tangent", "adjoint"]) {
        write(trace.cell(i, column), words.get(`${i} ${column}`)?.[0] ?? "");
      }
      trace.lines[i].classList.toggle("computed", words.has(`${i} primal`));
      const { value, derivative } = boxes[i];
      const [, short] = words.get(`${i} ${sweep}`) ?? [];
      write(value, words.get(`${i} primal`)?.[1] ?? "");
      write(derivative, short === undefined ? "" : `${sweep} ${short}`);
      if (derivative.className.baseVal !== sweep) derivative.className.baseVal = sweep;
    });
    mark(now);
    edges.forEach((edge) => light(edge, words.has(`${edge.child} primal`), now));
    write(sum, now?.sum ?? "");
    return now ? now.say : data.start;
  }

  // The row at work gets a thick frame, its line of the table a bar.
  function mark(now) {
    for (const element of current) element.classList.remove("current");
    current = now ? [boxes[now.row].box, trace.lines[now.row]] : [];
    for (const element of current) element.classList.add("current");
  }

  function settle(step) {
    if (!step) return;
    keepInView(graph, current[0]);
    keepInView(scroll, current[1]);
  }

  // An edge in use is thick and shows its local partial; while an adjoint travels back, its head is at the other end.
  function light(edge, known, now) {
    const backward = now?.sweep === "adjoint";
    const used = Boolean(now) && (backward ? edge.name === now.edge : edge.child === now.row);
    const state = [used, used && backward, known && (used || !crowded)];
    if (String(state) === edge.state) return;
    edge.state = String(state);
    edge.element.classList.toggle("current", used);
    const shown = (kind, on) => edge.element.querySelector(kind).setAttribute("visibility", on ? "visible" : "hidden");
    shown(".ahead", !state[1]);
    shown(".back", state[1]);
    shown(".partial", state[2]);
  }

  // Scrolls inside the picture only; the page stays where the reader has it.
  function keepInView(pane, element) {
    if (pane.scrollHeight <= pane.clientHeight && pane.scrollWidth <= pane.clientWidth) return;
    const outer = pane.getBoundingClientRect();
    const inner = element.getBoundingClientRect();
    if (inner.top < outer.top + 30 || inner.bottom > outer.bottom - 30) {
      pane.scrollTop += (inner.top + inner.bottom - outer.top - outer.bottom) / 2;
    }
    if (inner.width < outer.width && (inner.left < outer.left || inner.right > outer.right)) {
      pane.scrollLeft += (inner.left + inner.right - outer.left - outer.right) / 2;
    }
  }

  const page = frame({ model, el, sweeps: data.sweeps, show, settle });
  page.body.append(sum, graph, scroll);
  page.paint();
  return page.close;
}

export default { render };
