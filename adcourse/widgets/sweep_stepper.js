// The sweep stepper: graph, evaluation trace and running sums, filled step by step.

function render({ model, el }) {
  const data = model.get("data");
  const graph = pane("graph", "Graph");
  graph.innerHTML = data.svg;
  graph.style.flexBasis = graph.firstChild.style.width; // beside the table where there is room for both
  const trace = table(
    "Evaluation trace: values and tangents read down, adjoints up",
    "operation",
    data.columns,
    data.rows.map((row) => ({ header: make("code", { textContent: row.equation }), note: row.note })),
  );
  const sum = make("p", { className: "sum" });
  const scroll = pane("trace", "Evaluation trace", trace.element);

  const boxes = data.rows.map((_, i) => {
    const box = graph.querySelector(`[data-row="${i}"]`);
    return { box, value: box.querySelector(".value"), derivative: box.querySelector(".adjoint") };
  });
  const edges = new Map([...graph.querySelectorAll("[data-edge]")].map((edge) => [edge.dataset.edge, edge]));
  const labelled = data.rows.length <= 12;
  let current = [];
  let lit = [];

  const write = (element, text) => element.textContent !== text && (element.textContent = text);

  function show(step) {
    const now = step ? data.steps[step - 1] : null;
    const words = new Map();
    for (const done of data.steps.slice(0, step)) {
      for (const [row, column, long, short] of done.set) words.set(`${row} ${column}`, [long, short]);
    }
    const sweep = now && now.sweep !== "primal" ? now.sweep : "tangent";
    data.rows.forEach((row, i) => {
      for (const column of ["primal", "tangent", "adjoint"]) {
        write(trace.cell(i, column), words.get(`${i} ${column}`)?.[0] ?? "");
      }
      write(trace.cell(i, "partials"), words.has(`${i} primal`) ? row.partials : "");
      const { value, derivative } = boxes[i];
      const [, short] = words.get(`${i} ${sweep}`) ?? [];
      write(value, words.get(`${i} primal`)?.[1] ?? "");
      write(derivative, short === undefined ? "" : `${sweep} ${short}`);
      derivative.setAttribute("class", sweep);
    });
    mark(now);
    write(sum, now?.sum ?? "");
    const ask = data.steps[step]?.ask;
    const focused = guess.element.contains(el.getRootNode().activeElement);
    guess.put(ask ? { ...ask, step: step + 1 } : null);
    if (!ask && focused) page.next.focus();
    return now ? now.say : data.start;
  }

  // The row at work gets a thick frame and its table line a bar; the edge in use its partial and, going back, its other head.
  function mark(now) {
    for (const element of [...current, ...lit]) element.classList.remove("current");
    lit.forEach((edge) => light(edge, false, false));
    current = now ? [boxes[now.row].box, trace.lines[now.row]] : [];
    const backward = now?.sweep === "adjoint";
    const used = ([name]) => (backward ? name === now.edge : name.split(",")[1] === String(now.row));
    lit = now ? [...edges].filter(used).map(([, edge]) => edge) : [];
    lit.forEach((edge) => light(edge, true, backward));
    for (const element of [...current, ...lit]) element.classList.add("current");
    if (now) {
      keepInView(graph, boxes[now.row].box);
      keepInView(scroll, trace.lines[now.row]);
    }
  }

  function light(edge, on, backward) {
    edge.querySelector(".ahead").setAttribute("visibility", on && backward ? "hidden" : "visible");
    edge.querySelector(".back").setAttribute("visibility", on && backward ? "visible" : "hidden");
    if (!labelled) edge.querySelector(".partial").setAttribute("visibility", on ? "visible" : "hidden");
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

  const page = frame({ model, el, sweeps: data.sweeps, show });
  const guess = prediction(model, (verdict) => {
    const asked = model.get("step") + 1;
    page.go(asked, verdict);
  });
  page.body.append(guess.element, sum, graph, scroll);
  page.paint();
  return page.close;
}

export default { render };
