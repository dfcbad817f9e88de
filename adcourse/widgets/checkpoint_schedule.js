// Tape and checkpoints: what is kept on the way forward, and the schedule that follows, drawn over time.

function render({ model, el }) {
  const { n, slots, least, head, legend, cuts, ways, asks } = model.get("data");
  const x = (k) => "x" + String(k).replace(/\d/g, (d) => "₀₁₂₃₄₅₆₇₈₉"[d]);
  const names = (states) => states.map(x).join(" ");
  const drawing = make("div", { className: "half" });
  const rows = [{ header: "yours" }, ...ways.map(([header]) => ({ header }))];
  const costs = table("What it costs", head[0], head.slice(1).map((words, c) => [c, words]), rows);
  const words = Object.fromEntries(Array.from({ length: slots - 1 }, (_, i) => [`place ${i + 2}`, (k) => (k < 1 ? "empty" : x(Math.trunc(k)))]));
  let shown, kept, moments, now, at;

  // The kernel's schedule: forwards once, then the stretches from the last to the first.
  function schedule({ again, ...places }) {
    kept = [...new Set([0, ...Object.values(places).map(Math.trunc)])].sort((a, b) => a - b);
    const ends = [...kept.slice(1), n - 1];
    const actions = [];
    // Steps a, ..., b - 1 from x_a, the current state, which takes one of c places.
    const back = (a, b, c) => {
      if (b - a === 1) return actions.push(["reverse", a]);
      const j = c > 1 ? a + cuts[c - 1][b - a] : b - 1;
      actions.push(["advance", a, j]);
      if (c > 1) actions.push(["save", j]);
      back(j, b, c - 1);
      actions.push(["restore", a]);
      back(a, j, c);
    };
    kept.forEach((a, i) => {
      actions.push(["save", a]);
      if (ends[i] > a) actions.push(["advance", a, ends[i]]);
    });
    actions.push(["reverse", n - 1]);
    for (let i = kept.length - 1; i >= 0; i--) {
      if (ends[i] === kept[i]) continue;
      actions.push(["restore", kept[i]]);
      back(kept[i], ends[i], again === "used" ? slots - i : 1);
    }
    return actions;
  }

  // Each action with what holds after it: the time, the steps run so far, the states kept.
  function follow(actions) {
    let [time, extra, held] = [0, 0, []];
    return actions.map(([what, k, j]) => {
      const from = time;
      if (what === "advance") [time, extra] = [time + j - k, extra + j - k];
      if (what === "reverse") [time, held] = [time + 1, held.filter((state) => state !== k)];
      if (what === "save") held = [...held, k];
      return { what, k, j, from, time, extra, held };
    });
  }

  function draw() {
    const total = moments.at(-1).time;
    const X = (t) => (46 + (384 * t) / total).toFixed(1);
    const Y = (k) => (222 - (208 * k) / n).toFixed(1);
    const Z = (count) => (316 - (54 * count) / slots).toFixed(1);
    at = ({ time, what, k, j }) => `M${X(time)} 8V322M${X(time)} ${Y(what === "advance" ? j : k)}m-5 0a5 5 0 1 0 10 0a5 5 0 1 0 -10 0`;
    const path = (name, role, d, more = "") => `<path class="${name}" style="--c:var(--ac-${role})" d="${d}" ${more}/>`;
    const text = (x, y, words, anchor = "end") => `<text x="${x}" y="${y}" text-anchor="${anchor}">${words}</text>`;
    const saved = {};
    const lines = { run: "", back: "", kept: "", points: "", level: `M46 ${Z(0)}` };
    let level = 0;
    for (const { what, k, j, from, time, held } of moments) {
      lines.level += `H${X(from)}V${Z(level)}`;
      if (what === "advance") lines.run += `M${X(from)} ${Y(k)}L${X(time)} ${Y(j)}`;
      if (what === "reverse") lines.back += `M${X(from + 0.5)} ${Y(k)}m0 5l4 -8h-8z`;
      if (what === "reverse" && k in saved) {
        lines.kept += `M${X(saved[k])} ${Y(k)}H${X(time)}`;
        delete saved[k];
      }
      if (what === "save") {
        saved[k] = from;
        lines.points += `M${X(from)} ${Y(k)}m-3 0a3 3 0 1 0 6 0a3 3 0 1 0 -6 0`;
      }
      lines.level += `H${X(time)}`;
      level = held.length;
    }
    drawing.innerHTML = `<svg class="plot" viewBox="0 0 440 356" role="img" aria-label="The schedule over time, and how many states are kept">` +
      path("frame", "line", "M46 8V222H430M46 256V316H430") +
      path("grid", "line", `M46 ${Z(slots)}H430`) +
      [0, Math.round(n / 2), n].map((k) => text(40, Number(Y(k)) + 4, x(k))).join("") +
      [0, slots].map((k) => text(40, Number(Z(k)) + 4, k)).join("") +
      [0, Math.round(total / 2), total].map((t) => text(X(t), 332, t, t === total ? "end" : "middle")).join("") +
      legend.map(([words, role], i) => `<g class="area" style="--c:var(--ac-${role})">` + text(430, 22 + 17 * i, words) + "</g>").join("") +
      text(46, 248, "states kept", "start") + text(238, 350, "time, in steps", "middle") +
      path("line", "primal", lines.kept, 'stroke-dasharray="5 3" stroke-width="1"') + path("point", "primal", lines.points) +
      path("line", "ink", lines.run) + path("point", "adjoint", lines.back) + path("line", "primal", lines.level + `V${Z(0)}`) +
      path("line thin", "warm", "", 'data-now=""') + "</svg>";
    now = drawing.querySelector("[data-now]");
  }

  function show(step, settings) {
    const open = asks.every(({ name }) => page.answered(name));
    const { extra } = moments.at(-1);
    const passes = Array(n).fill(0);
    for (const { what, k, j } of moments) if (what === "advance") for (let i = k; i < j; i++) passes[i]++;
    const most = Math.max(...moments.map(({ held }) => held.length));
    [["", names(kept), extra, most, Math.max(...passes)], ...ways].forEach((row, i) =>
      row.slice(1).forEach((text, c) => write(costs.cell(i, c), i && !open ? "" : text)));
    now.setAttribute("d", step ? at(moments[step - 1]) : "");
    const verdict = !open ? "" : extra > least ? ` The least is ${least}.` : " No schedule has fewer.";
    const whole = `${extra} extra steps, ${most} of ${slots} states at most.${verdict}`;
    if (!step) return `Kept on the way forward: ${names(kept)}. ${whole}`;
    const { what, k, j, extra: sofar, held } = moments[step - 1];
    const kinds = {
      save: () => `Keep ${x(k)}: ${held.length} of ${slots} places are taken, by ${names(held)}.`,
      restore: () => `Go back to ${x(k)}, which is kept; ${sofar} extra steps so far.`,
      advance: () => `Advance from ${x(k)} to ${x(j)}: ${j - k} more, ${sofar} extra steps so far.`,
      reverse: () => `Reverse step ${k}, from ${x(k)}; ${k} are left. ` + (k ? `Kept: ${names(held)}.` : whole),
    };
    return kinds[what]();
  }

  const page = frame({
    model, el, words, reveal: null,
    last: (settings) => {
      const key = JSON.stringify(settings);
      if (key !== shown) {
        shown = key;
        moments = follow(schedule(settings));
        draw();
      }
      return moments.length;
    },
    ask: () => asks.find(({ name }) => !page.answered(name)),
    show,
  });
  page.body.append(drawing, pane("half", "What it costs", costs.element));
  page.paint();
  return page.close;
}

export default { render };
