// The error V: the secant of a step on the left, its error on the right.

const METHODS = {
  forward: ["primal", "circle", "●"], central: ["adjoint", "triangle", "▲"],
  complex: ["tangent", "square", "■"], ad: ["partial", "diamond", "◆"],
};

function render({ model, el }) {
  const data = model.get("data");
  const { x, hs, slopes, errors, theory, truth } = data;
  const [from, to, low, high] = data.window;
  const left = plot({
    label: data.alt,
    x: { min: from, max: to, label: "x" },
    y: { min: low, max: high, label: data.label },
  });
  left.line("ink", { points: data.curve });
  left.line("muted", { dash: "7 4", points: [from, to].map((t) => [t, data.value + truth * (t - x)]) });
  const secant = left.line("primal");
  const ends = left.points("primal", "circle", { size: 4 });

  const right = plot({
    label: "Error of the slope against the step h; the table below has the numbers",
    x: { min: hs[0], max: hs[hs.length - 1] * 2, label: "step h", log: true },
    y: { min: data.floor / 3, max: data.top, label: "error (0 at the bottom)", log: true },
  });
  const shown = (i, name) => errors[name][i] === null ? null : Math.max(errors[name][i], data.floor);
  const names = data.settings.method.options;
  const marks = names.map(([name, words], k) => {
    const [role, shape, sign] = METHODS[name];
    const every = k > 1 ? 4 : 1; // the complex step lies on the central quotient
    const points = hs.map((h, i) => [h, i % every ? null : shown(i, name)]);
    const { element } = right.points(role, shape, { size: k > 1 ? 2.8 : 1.8, points });
    const word = right.add("text", { style: `--c:var(--ac-${role})`, x: 10, y: 140 + 17 * k }, `${sign} ${words}`);
    return [element, word];
  });
  const cuts = ["7 4", "2 3"].map((dash) => right.line("ink", { dash, name: "thin" }));
  const terms = ["truncation, slope ", "round-off, slope "].map((words, k) => {
    const element = right.add("text", { style: "--c:var(--ac-ink)", "text-anchor": k ? "start" : "end" });
    return (line, at) => {
      element.textContent = line ? words + String(line[1]).replace("-", "−") : "";
      element.setAttribute("transform", line ? `translate(${right.X.at(at)} ${right.Y.at(line[0] * at ** line[1]) - 10})` : "");
    };
  });
  const here = right.points("ink", "diamond", { size: 6, name: "hollow" });
  right.drag((h) => page.answered("best step") && page.set({ power: data.powers[index(Math.log10(h))] ?? data.powers[0] }));

  const numbers = sheet(data.table);

  const page = shell({ model, el, show, words: { power: (p) => said(hs[index(p)], 2) } });
  page.body.append(left.element, right.element, numbers);
  page.paint();
  return page.close;

  function index(power) {
    return Math.round((power - data.powers[0]) * 10);
  }

  function show({ power, method }) {
    const i = index(power);
    const h = hs[i];
    const slope = slopes[method][i];
    const at = (data.points[method] ?? []).map(([o, ys]) => [x + o * h, ys[i]]);
    const [a, b] = at[0] ?? [x, data.value];
    secant.put(slope === null ? [] : [from, to].map((t) => [t, b + slope * (t - a)]));
    ends.put(at.length ? at : [[x, data.value]]);
    const open = page.answered("best step");
    numbers.hidden = !open;
    for (const element of marks.flat()) element.style.display = open ? "" : "none";
    here.put(open ? [[h, shown(i, method)]] : []);
    const parts = (open && theory[method]) || [];
    cuts.forEach((cut, k) => {
      const line = parts[k]?.[0] ? parts[k] : null;
      cut.put(line ? [hs[0], hs[hs.length - 1] * 2].map((t) => [t, line[0] * t ** line[1]]) : []);
      terms[k](line, hs[k ? 25 : hs.length - 25]);
    });
    const name = names.find(([key]) => key === method)[1];
    const told = `With h = ${said(h, 2)} the ${name} gives the slope ${said(slope, 9)}`;
    if (slope === null) return `With h = ${said(h, 2)} the ${name} has no value.`;
    if (!open) return `${told}; the tangent, dashed, is the truth.`;
    const size = errors[method][i] ? `an error of ${said(errors[method][i], 2)}` : "with no error at all";
    return `${told}, ${size}. ${why(method, h, parts)}`;
  }

  // Which of the two errors it is, in words.
  function why(method, h, parts) {
    if (method === "ad") return "There is no step in it: nothing is cut off, and nothing subtracted.";
    const [cut, lost] = parts.map((line) => (line?.[0] ? line[0] * h ** line[1] : 0));
    if (method === "complex") return `Truncation would be ${said(cut, 1)}; there is no subtraction, so no round-off.`;
    if (x + h === x) return `${said(x)} + h rounds to ${said(x)}: the difference is 0, and the slope with it.`;
    const both = `truncation ${said(cut, 1)}, round-off up to ${said(lost, 1)}`;
    if (cut > 3 * lost) return `The step is too large: ${both}.`;
    return lost > 3 * cut ? `The step is too small: ${both}.` : `The two are in balance: ${both}.`;
  }
}

export default { render };
