// A curve with a kink on the left; on the right its slopes, and what the chain rule says.

function render({ model, el }) {
  const { name, ts, values, slopes, inside, lefts, rights, heights, steep, table, places } = model.get("data");
  const [from, to] = [ts[0], ts[ts.length - 1]];
  const left = plot({
    label: `The curve of ${name}, and the line with the chain rule's slope`,
    x: { min: from, max: to, label: "t" },
    y: { min: heights[0], max: heights[1], label: name },
  });
  left.line("ink", { points: ts.map((t, i) => [t, values[i]]) });
  const line = left.line("adjoint", { dash: "7 4" });
  const place = left.points("adjoint", "square", { size: 4 });
  left.drag((t) => page.set({ place: nearest(t) }));

  const right = plot({
    label: "The slope of the curve to both sides, and the chain rule's; the table below has the numbers",
    x: { min: from, max: to, label: "t" },
    y: { min: steep[0], max: steep[1], label: "slope" },
  });
  // To the left of each place its left slope, to the right its right one: a jump shows as a gap.
  const sides = ts.flatMap((t, i) => [[t, lefts[i]], ...(jump(i) ? [[NaN, NaN]] : []), [t, rights[i]]]);
  right.line("primal", { points: sides });
  const bar = right.line("primal", { dash: "2 3" });
  const ends = right.points("primal", "circle", { size: 4, name: "hollow" });
  const answer = right.points("adjoint", "square", { size: 4 });
  right.add("text", { style: "--c:var(--ac-primal)", x: 10, y: 18 }, "○ slopes of the curve");
  const legend = right.add("text", { style: "--c:var(--ac-adjoint)", x: 10, y: 35 }, "■ the chain rule");

  const numbers = sheet(table);
  const page = shell({ model, el, show, words: { place: (i) => `t = ${places[i]}`, share: (s) => said(s) } });
  page.body.append(left.element, right.element, numbers);
  page.paint();
  return page.close;

  function nearest(t) {
    return ts.reduce((best, at, i) => (Math.abs(at - t) < Math.abs(ts[best] - t) ? i : best), 0);
  }

  function jump(i) {
    return lefts[i] === null || rights[i] === null || Math.abs(lefts[i] - rights[i]) > 1e-6 * Math.max(1, Math.abs(lefts[i]));
  }

  function show({ place: i, share = 0 }) {
    const [t, y] = [ts[i], values[i]];
    const row = Math.round(10 * share);
    const slope = slopes[row][i];
    const open = page.answered("answer");
    const known = open && slope !== null && y !== null;
    place.put([[t, y]]);
    line.put(known ? [from, to].map((u) => [u, y + slope * (u - t)]) : []);
    ends.put([[t, lefts[i]], [t, rights[i]]]);
    bar.put([[t, lefts[i]], [t, rights[i]]]);
    answer.put(known ? [[t, slope]] : []);
    legend.style.display = open ? "" : "none";
    numbers.hidden = !open;
    const word = (v) => (v === null ? "no finite slope" : `the slope ${said(v)}`);
    const sides = `the curve has ${word(lefts[i])}` + (jump(i) ? ` to the left and ${word(rights[i])} to the right` : "");
    const told = `At t = ${places[i]} ${sides}`;
    if (!open) return `${told}. What the chain rule says there is for you to predict.`;
    const choice = slopes.length > 1 ? ` with s = ${said(share)}` : "";
    if (slope === null) return `${told}; the chain rule${choice} returns no finite number.`;
    const verdict = inside[row][i] ? (jump(i) ? "one from the left to the right slope" : "the same") : "no slope of this curve";
    return `${told}; the chain rule${choice} returns ${said(slope)}: ${verdict}.`;
  }
}

export default { render };
