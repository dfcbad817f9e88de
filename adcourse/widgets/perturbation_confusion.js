// A derivative inside a derivative: two runs side by side, line by line, with one ε for both and with an ε for each.

function render({ model, el }) {
  const data = model.get("data");
  const panels = data.panels.map(([title, { body, width, height }]) => {
    const drawing = pane("half graph", title, make("p", { className: "title", textContent: title }));
    drawing.insertAdjacentHTML(
      "beforeend",
      `<svg class="adcourse-graph" role="img" viewBox="0 0 ${width} ${height}" style="width:${width}px;min-width:${0.8 * width}px">${body}</svg>`,
    );
    drawing.lastChild.setAttribute("aria-label", `${title}. The table below has its numbers.`);
    return { drawing, uncover: covered(drawing) };
  });
  const rows = table(
    "Line by line",
    "line",
    [["without", "without tags"], ["tagged", "with tags"]],
    data.rows.map(([equation]) => ({ header: make("code", { textContent: equation }) })),
  );

  function show(step) {
    for (const { uncover } of panels) uncover(step);
    data.rows.forEach(([, without, tagged], k) => {
      write(rows.cell(k, "without"), k < step ? without : "");
      write(rows.cell(k, "tagged"), k < step ? tagged : "");
      rows.lines[k].classList.toggle("current", k === step - 1);
    });
    return step ? data.steps[step - 1].say : data.start;
  }

  const page = frame({ model, el, show });
  page.body.append(...panels.map((panel) => panel.drawing), rows.element);
  page.paint();
  return page.close;
}

export default { render };
