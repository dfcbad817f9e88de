// The frame of a picture that is stepped through: the shell, with Back, Next, a slider, and jumps to its sweeps.
// `sweeps` are [key, label, first step]; `show(step, settings)` paints a step and returns its sentence; `settle(step)`
// comes last. `last(settings)`, for pictures whose settings change their length. A step may `ask` before it is shown;
// `ask(step, settings)` is for questions that depend on the settings.
function frame({ model, el, sweeps = [], show, settle, ask, last: length, ...others }) {
  const data = model.get("data");
  let last = data.steps?.length;
  const clamp = (at) => Math.min(Math.max(at, 0), last);
  let step = model.get("step");

  const back = button("Back", () => go(step - 1));
  const next = button("Next", () => go(step + 1));
  const slider = make("input", { type: "range", min: 0, "aria-label": "Step" });
  slider.addEventListener("input", () => go(slider.valueAsNumber));
  const count = make("span", { className: "count" });
  const jumps = sweeps.map(([key, label, first]) => {
    const jump = button(label, () => go(first));
    jump.dataset.sweep = key;
    return jump;
  });
  const group = make("div", { className: "controls jumps", role: "group", "aria-label": "Go to a sweep" }, ...jumps);
  const page = shell({
    model,
    el,
    lead: [back, next, slider, count],
    rows: jumps.length ? [group] : [],
    home: next,
    show: paint,
    settle: settle && (() => settle(step)),
    restart: () => model.set("step", (step = 0)),
    ask: (settings) => {
      const asked = ask ? ask(step, settings) : data.steps?.[step]?.ask;
      return asked && { ...asked, step: step + 1 };
    },
    reveal: (verdict) => go(step + 1, verdict),
    ...others,
  });

  function go(to, verdict) {
    step = clamp(to);
    page.say(verdict);
    model.set("step", step);
    model.save_changes();
  }

  function paint(settings) {
    if (length) last = length(settings);
    step = clamp(step);
    const sentence = show(step, settings);
    slider.max = last;
    slider.value = step;
    write(count, `Step ${step} of ${last}`);
    slider.setAttribute("aria-valuetext", count.textContent);
    back.setAttribute("aria-disabled", step === 0);
    next.setAttribute("aria-disabled", step === last);
    const sweep = data.steps?.[step - 1]?.sweep ?? "";
    page.root.dataset.sweep = sweep;
    for (const jump of jumps) jump.setAttribute("aria-current", jump.dataset.sweep === sweep ? "step" : "false");
    return sentence;
  }

  page.listen("change:step", () => {
    if (clamp(model.get("step")) === step) return;
    step = clamp(model.get("step"));
    page.say();
  });
  return { ...page, go };
}
