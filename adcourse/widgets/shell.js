// What all pictures share: elements, controls, the status sentence, the question, the table.
// Native controls only, so that the keyboard and a screen reader work as everywhere; the notebook must not take their keys.

function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in element && name !== "role") element[name] = value;
    else element.setAttribute(name, value);
  }
  if (element.tabIndex >= 0 || tag === "summary") element.setAttribute("data-lm-suppress-shortcuts", "true");
  element.append(...children);
  return element;
}

// A number in words; null, which stands for what JSON has no number for, as it is said in Python.
function said(value, digits = 4) {
  if (value === null) return "nan";
  const number = Number(value.toPrecision(digits));
  const size = Math.abs(number);
  return (size >= 1e9 || (size && size < 1e-3) ? number.toExponential() : String(number)).replace("e+", "e");
}

// Words are put anew only where they change: the page is laid out again for each that is.
function write(element, text) {
  if (element.textContent !== String(text)) element.textContent = text;
}

// A button that can't act now keeps the focus: it is dimmed and said to be unavailable, never taken away.
function button(label, act) {
  return make("button", {
    type: "button",
    textContent: label,
    onclick: (event) => event.currentTarget.getAttribute("aria-disabled") !== "true" && act(),
  });
}

// One of `options`, each [value, words].
function choose(options, properties) {
  return make("select", properties, ...options.map(([value, words]) => make("option", { value, textContent: words })));
}

// A part of the picture that may have to be scrolled, by keyboard too.
function pane(name, label, ...children) {
  return make("div", { className: name, tabIndex: 0, role: "group", "aria-label": label }, ...children);
}

function tableOf(caption, head, lines) {
  const headings = head.map((text) => make("th", { scope: "col" }, text));
  const top = make("thead", {}, make("tr", {}, ...headings));
  return make("table", {}, make("caption", {}, caption), top, make("tbody", {}, ...lines));
}

// The table of the static form, folded away: its caption, headings and rows of words.
function sheet([caption, head, rows]) {
  const lines = rows.map(([first, ...rest]) =>
    make("tr", {}, make("th", { scope: "row" }, first), ...rest.map((text) => make("td", {}, text))));
  const textContent = "The picture as a table";
  return make("details", {}, make("summary", { textContent }), pane("sheet", textContent, tableOf(caption, head, lines)));
}

// The control of a setting: `set` is told what the learner chose, `put` shows what holds.
function control({ kind, label, options, start, ...limits }, set, words = String) {
  const choice = kind === "choice";
  const input = choice
    ? choose(options, { "aria-label": label })
    : make("input", { type: kind, "aria-label": label, ...limits });
  const reading = make("span", { className: "reading" });
  const read = () => (choice ? options[input.selectedIndex][0] : input.valueAsNumber);
  // A number is taken when it has been written, the others as they move.
  input.addEventListener(kind === "number" ? "change" : "input", () => input.reportValidity() && set(read()));
  const put = (value) => {
    if (choice) input.selectedIndex = options.findIndex(([v]) => v === value);
    else input.value = value;
    if (kind !== "range") return;
    write(reading, words(value));
    input.setAttribute("aria-valuetext", words(value));
  };
  return { element: make("label", {}, label, input, ...(kind === "range" ? [reading] : [])), put };
}

// The shell of a picture: title, a row of controls, one status sentence, the question, room for the rest.
// `show(settings)` paints and returns the sentence; `settle()` comes last, for what needs the page laid out; `words` say
// the value of a range. `ask(settings)` is the question to put now, by default the next of `data.asks`. For what else is
// stepped or moved: `lead` and `rows` are further controls, `home` is where the focus goes when the questions end,
// `restart()` sets back whatever state there is besides the settings, `reveal(verdict)` goes on after an answer.
function shell({ model, el, show, settle, words = {}, ask, lead = [], rows = [], home, restart, reveal }) {
  const data = model.get("data");
  const declared = Object.entries(data.settings);
  const start = Object.fromEntries(declared.map(([name, how]) => [name, how.start]));
  const answered = (name) => model.get("predictions").some((p) => p.name === name);
  const next = ask ?? (() => data.asks?.find(({ name }) => !answered(name)));
  let settings = { ...start, ...model.get("settings") };
  let before = "";

  const controls = declared.filter(([, how]) => how.label).map(([name, how]) => {
    const made = control(how, (value) => set({ [name]: value }), words[name]);
    return { ...made, refresh: () => made.put(settings[name]) };
  });
  const reset = button("Reset", () => {
    model.set("predictions", []);
    guess.put();
    restart?.();
    set(start);
  });
  const guess = prediction(model, reveal ?? say, !reveal);
  const status = make("p", { role: "status" });
  const body = make("div", { className: "body" });
  const row = make("div", { className: "controls" }, ...lead, ...controls.map((c) => c.element), reset);
  const root = make(
    "section",
    { className: "adcourse", "aria-label": `Interactive picture: ${data.title}` },
    make("p", { className: "title", textContent: data.title }), row, ...rows, status, guess.element, body,
  );
  el.append(root);

  function paint() {
    for (const { refresh } of controls) refresh();
    const focused = guess.element.contains(el.getRootNode().activeElement);
    if (!guess.put(next(settings)) && focused) (home ?? row.querySelector("input, select, button")).focus();
    write(status, `${before} ${show(settings)}`.trim());
    settle?.();
  }

  // `verdict` stands in front of the picture's own sentence: it answers what the learner did.
  function say(verdict = "") {
    before = verdict;
    paint();
    model.save_changes();
  }

  function set(changes, verdict) {
    settings = { ...settings, ...changes };
    say(verdict);
    model.set("settings", settings);
    model.save_changes();
  }

  const listening = [];
  function listen(event, act) {
    model.on(event, act);
    listening.push(() => model.off(event, act));
  }
  listen("change:predictions", paint);
  listen("change:settings", () => {
    const now = { ...start, ...model.get("settings") };
    if (JSON.stringify(now) === JSON.stringify(settings)) return;
    settings = now;
    before = "";
    paint();
  });
  const close = () => {
    for (const stop of listening) stop();
    root.remove();
  };
  return { root, body, paint, say, set, listen, answered, close };
}

// Whether an answer is right, and what to say if it is not. Near enough is right: within `factor`, or `tolerance`.
function judge({ options, answer, factor, tolerance, mistakes = [], below, above }, given) {
  if (options) return [given === answer, options.find(([key]) => key === given)[2]];
  const right = factor ? given < answer * factor && given > answer / factor : Math.abs(given - answer) <= tolerance;
  const known = mistakes.find(([wrong]) => Math.abs(given - wrong) <= 0.005 * Math.abs(wrong));
  return [right, known?.[1] ?? (given < answer ? below : above)];
}

// A question before the reveal, answered by a number or by one of `options`, each [value, words, why it is wrong].
// `reveal(verdict)` goes on. `skip`: a button shows the answer to who has none.
function prediction(model, reveal, skip) {
  let ask;
  const field = make("input", { type: "text", inputMode: "decimal", autocomplete: "off", size: 12 });
  const place = make("span");
  const question = make("span");
  const hint = make("span", { className: "hint" });
  const score = make("span", { className: "score" });
  const form = make(
    "form",
    { className: "predict" },
    make("label", {}, question, " ", place),
    make("button", { type: "submit", textContent: "Check" }),
    ...(skip ? [button("Show me", () => note(null, null, [`It is ${ask.shown}.`]))] : []),
    hint,
    score,
  );

  function note(answer, right, words) {
    const { step, name, because } = ask;
    const others = model.get("predictions").filter((p) => p.step !== step || p.name !== name);
    const entry = { ...(step && { step }), name, answer, expected: ask.answer, right };
    model.set("predictions", [...others, entry]);
    reveal([...words, because].filter(Boolean).join(" "));
  }

  function read() {
    if (ask.options) return ask.options[place.firstChild.selectedIndex - 1]?.[0];
    const whole = field.value.replace(/^\s*[1-9]\d?\d?([\s,]\d{3})+\s*$/, (digits) => digits.replace(/[\s,]/g, ""));
    const parts = whole.replace(/−/g, "-").split("/").map((p) => (p.trim() ? Number(p) : NaN));
    const number = parts.length > 2 ? NaN : parts.reduce((a, b) => a / b);
    return Number.isFinite(number) ? number : undefined;
  }

  // In JupyterLab the browser's own submission by Enter does not happen.
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    form.requestSubmit();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const given = read();
    if (given === undefined) {
      hint.textContent = ask.options ? "Choose one." : "Write a number, for instance 1.25, -2 or 5/4.";
      return;
    }
    const [right, why] = judge(ask, given);
    const words = ask.options ? ask.options.find(([key]) => key === given)[1] : field.value.trim();
    const near = ask.factor ? `Near enough: it is ${ask.shown}.` : "Right.";
    note(given, right, right ? [near] : [`Not ${words}: it is ${ask.shown}.`, why]);
  });
  return {
    element: form,
    // Put the question for what is to come, or none; returns whether there is one.
    put(now) {
      const made = model.get("predictions").filter((p) => p.right !== null);
      write(score, made.length ? `${made.filter((p) => p.right).length} of ${made.length} right so far` : "");
      const same = now && now.step === ask?.step && now.question === ask?.question;
      ask = now;
      form.hidden = !ask;
      if (same) return true; // what has been begun stays
      field.value = "";
      write(hint, "");
      write(question, ask ? `Predict: ${ask.question}` : "");
      if (ask?.options) place.replaceChildren(choose([["", "choose …"], ...ask.options]));
      else if (field.parentNode !== place) place.replaceChildren(field); // moved, it would lose the focus
      return Boolean(ask);
    },
  };
}
