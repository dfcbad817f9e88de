// A picture that the kernel has drawn is uncovered step by step: what has data-from is shown from that step on, what has
// data-only at that step alone. Returns what to call with the step.
function covered(picture) {
  const marks = [...picture.querySelectorAll("[data-from], [data-only]")].map((element) => {
    const { from, only } = element.dataset;
    return { element, on: only ? (step) => step === Number(only) : (step) => step >= Number(from) };
  });
  return (step) => {
    for (const mark of marks) {
      const on = mark.on(step) ? "inline" : "none";
      if (mark.shown !== on) mark.element.setAttribute("display", (mark.shown = on));
    }
  };
}
