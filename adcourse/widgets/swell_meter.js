// The swell meter: curves drawn by the kernel, uncovered round by round, and their numbers as a table.

function render({ model, el }) {
  const data = model.get("data");
  const curves = pane("half", "Size of y′ against the rounds");
  curves.innerHTML = data.svg;
  const drawn = [...curves.querySelectorAll("[data-loop]")].map((group) => ({ group, uncover: covered(group) }));
  const rows = data.loops.nest.rows.map((_, n) => ({ header: n }));
  const sizes = table("Nodes of the formulas, and rows of the trace", "rounds", data.columns, rows);

  function show(step, { loop }) {
    const { rows, says } = data.loops[loop];
    rows.forEach((row, n) => {
      data.columns.forEach(([key], k) => write(sizes.cell(n, key), n <= step ? row[k] : ""));
      sizes.lines[n].classList.toggle("current", n === step);
    });
    for (const { group, uncover } of drawn) {
      const now = group.dataset.loop === loop;
      group.style.display = now ? "" : "none";
      uncover(now ? step : 0); // what is hidden waits at its beginning: nothing of it is written at a step
    }
    return says[step];
  }

  const page = frame({ model, el, show, ask: (step, { loop }) => data.loops[loop].asks[step + 1] });
  page.body.append(curves, pane("half", "Table of sizes", sizes.element));
  page.paint();
  return page.close;
}

export default { render };
