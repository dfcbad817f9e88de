// What all pictures share: elements, controls, the status sentence, the table, the prediction.
// Native controls only, so that the keyboard and a screen reader work as everywhere; the notebook must not take their keys.

function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in element && name !== "role") element[name] = value;
    else element.setAttribute(name, value);
  }
  if (element.tabIndex >= 0) element.setAttribute("data-lm-suppress-shortcuts", "true");
  element.append(...children);
  return element;
}

// A button that can't act now keeps the focus: it is dimmed and said to be unavailable, never taken away.
function button(label, act) {
  return make("button", {
    type: "button",
    textContent: label,
    onclick: (event) => event.currentTarget.getAttribute("aria-disabled") !== "true" && act(),
  });
}

// The frame of a picture that is stepped through: title, controls, one status sentence, room for the rest.
// `sweeps` are [key, label, first step]; `show(step)` paints a step and returns its sentence; `settle(step)` comes last,
// for what needs the page laid out.
function frame({ model, el, sweeps, show, settle }) {
  const data = model.get("data");
  const last = data.steps.length;
  const clamp = (step) => Math.min(Math.max(step, 0), last);
  let step = clamp(model.get("step"));
  let before = "";

  const back = button("Back", () => go(step - 1));
  const next = button("Next", () => go(step + 1));
  const reset = button("Reset", () => {
    model.set("predictions", []);
    go(0);
  });
  const slider = make("input", { type: "range", min: 0, max: last, value: step, "aria-label": "Step" });
  slider.addEventListener("input", () => go(Number(slider.value)));
  const jumps = sweeps.map(([key, label, first]) => {
    const jump = button(label, () => go(first));
    jump.dataset.sweep = key;
    return jump;
  });
  const count = make("span", { className: "count" });
  const status = make("p", { role: "status" });
  const body = make("div", { className: "body" });
  const root = make(
    "section",
    { className: "adcourse", "aria-label": `Interactive picture: ${data.title}` },
    make("p", { className: "title", textContent: data.title }),
    make("div", { className: "controls" }, back, next, slider, count, reset),
    make("div", { className: "controls jumps", role: "group", "aria-label": "Go to a sweep" }, ...jumps),
    status,
    body,
  );
  el.append(root);

  // `verdict` stands in front of the step's own sentence: it answers what the learner did.
  function go(to, verdict = "") {
    step = clamp(to);
    before = verdict;
    paint();
    model.set("step", step);
    model.save_changes();
  }

  function paint() {
    const sentence = show(step);
    slider.value = step;
    slider.setAttribute("aria-valuetext", `Step ${step} of ${last}`);
    count.textContent = `Step ${step} of ${last}`;
    status.textContent = before ? `${before} ${sentence}` : sentence;
    back.setAttribute("aria-disabled", step === 0);
    next.setAttribute("aria-disabled", step === last);
    const sweep = step ? data.steps[step - 1].sweep : "";
    root.dataset.sweep = sweep;
    for (const jump of jumps) jump.setAttribute("aria-current", jump.dataset.sweep === sweep ? "step" : "false");
    settle(step);
  }

  const follow = () => {
    if (clamp(model.get("step")) === step) return;
    step = clamp(model.get("step"));
    before = "";
    paint();
  };
  model.on("change:step", follow);
  const close = () => {
    model.off("change:step", follow);
    root.remove();
  };
  return { body, go, paint, next, close };
}

// A part of the picture that may have to be scrolled, by keyboard too.
function pane(name, label, ...children) {
  return make("div", { className: name, tabIndex: 0, role: "group", "aria-label": label }, ...children);
}

// A table whose cells change: `columns` are [key, heading], each row starts with its own header cell.
function table(caption, heading, columns, rows) {
  const cells = new Map();
  const head = [heading, ...columns.map((c) => c[1])].map((text) => make("th", { scope: "col" }, text));
  const body = rows.map((row, i) => {
    const line = make("tr", { "data-row": i }, make("th", { scope: "row" }, row.header, row.note ? ` (${row.note})` : ""));
    for (const [key] of columns) {
      const cell = make("td", { className: key, "data-column": key });
      cells.set(`${i} ${key}`, cell);
      line.append(cell);
    }
    return line;
  });
  const element = make(
    "table",
    {},
    make("caption", {}, caption),
    make("thead", {}, make("tr", {}, ...head)),
    make("tbody", {}, ...body),
  );
  return { element, lines: body, cell: (row, key) => cells.get(`${row} ${key}`) };
}

// A question before the reveal. `reveal(verdict)` goes on; the answer may also be skipped by just stepping on.
function prediction(model, reveal) {
  let ask = null;
  const field = make("input", { type: "text", inputMode: "decimal", autocomplete: "off", size: 12 });
  const question = make("span");
  const hint = make("span", { className: "hint" });
  const score = make("span", { className: "score" });
  const form = make(
    "form",
    { className: "predict" },
    make("label", {}, question, " ", field),
    make("button", { type: "submit", textContent: "Check" }),
    hint,
    score,
  );
  // In JupyterLab the browser's own submission by Enter does not happen.
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    form.requestSubmit();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const parts = field.value.trim().replace(/−/g, "-").split("/");
    const number = parts.length > 2 || parts.some((p) => !p.trim()) ? NaN : parts.map(Number).reduce((a, b) => a / b);
    if (!Number.isFinite(number)) {
      hint.textContent = "Write a number, for instance 1.25, -2 or 5/4.";
      return;
    }
    const right = Math.abs(number - ask.answer) <= ask.tolerance;
    const known = ask.mistakes.find(([wrong]) => Math.abs(number - wrong) <= 0.005 * Math.abs(wrong));
    const entry = { step: ask.step, name: ask.name, answer: number, expected: ask.answer, right };
    model.set("predictions", [...model.get("predictions").filter((p) => p.step !== ask.step), entry]);
    const why = right || !known ? "" : ` ${known[1]}`;
    reveal(right ? "Right." : `Not ${field.value.trim()}: it is ${ask.shown}.${why}`);
  });
  return {
    element: form,
    // The question for the step to come, or null.
    put(next) {
      ask = next;
      form.hidden = !ask;
      field.value = hint.textContent = "";
      question.textContent = ask ? `Predict: ${ask.question}` : "";
      const made = model.get("predictions");
      score.textContent = made.length ? `${made.filter((p) => p.right).length} of ${made.length} right so far` : "";
    },
  };
}
