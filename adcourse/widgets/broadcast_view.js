// The broadcast view: shapes aligned, drawn by the kernel and uncovered step by step, and a table of the axes.

function render({ model, el }) {
  const data = model.get("data");
  const shapes = pane("half", "Shapes, aligned at the last axis");
  shapes.innerHTML = data.svg;
  const uncover = covered(shapes);
  const rows = data.axes.map((header) => ({ header }));
  const axes = table("Each axis of the result: forward, and what is summed on the way back", "axis", data.columns, rows);

  function show(step) {
    uncover(step);
    data.cells.forEach((row, i) =>
      data.columns.forEach(([key], k) => write(axes.cell(i, key), step >= data.begins[k] ? row[k] : "")),
    );
    return step ? data.steps[step - 1].say : data.start;
  }

  const page = frame({ model, el, show });
  page.body.append(shapes, pane("half", "Table of axes", axes.element));
  page.paint();
  return page.close;
}

export default { render };
