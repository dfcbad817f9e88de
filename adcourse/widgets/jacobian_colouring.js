// Jacobian colouring: a button on each column paints it; beside the matrix stands what the sweeps give.

function render({ model, el }) {
  const { entries, letters, roles, asks } = model.get("data");
  const columns = entries[0].map((_, j) => j);
  const ink = (c) => `var(--ac-${roles[c % roles.length]})`;
  let palette = columns.length;
  let colours = columns;
  let shown; // whether the sweeps are

  const painters = columns.map((j) => {
    const painter = button("", () => brush(j, colours[j] + 1));
    painter.style.padding = "3px 0";
    painter.style.width = "30px";
    // The letter of a colour paints with it.
    painter.addEventListener("keydown", (event) => {
      const c = letters.indexOf(event.key.toUpperCase());
      if (c >= 0 && c < palette && !event.ctrlKey && !event.metaKey && !event.altKey) brush(j, c);
    });
    return painter;
  });
  const matrix = table(
    "The matrix: the button on a column gives it the next colour, a letter key that colour",
    "row",
    columns.map((j) => [j, painters[j]]),
    entries.map((_, i) => ({ header: String(i) })),
  );
  const sweeps = table(
    "What the sweeps give, one for each colour",
    "row",
    columns.map((c) => [c, letters[c]]),
    entries.map((_, i) => ({ header: String(i) })),
  );
  const [headings] = sweeps.element.rows;
  const longest = Math.max(...entries.flat().map((text) => text.length)); // of equal width, so that nothing jumps
  matrix.element.style.minWidth = `${Math.max(46, 7 * longest + 22) * (columns.length + 1)}px`;
  const looks = new Map(); // of each cell, so that only what changes is painted anew
  const left = pane("trace half narrow", "The matrix", matrix.element);
  const right = pane("trace half narrow", "What the sweeps give", sweeps.element);
  const words = { palette: (k) => (k === 1 ? "1 colour" : `${k} colours`) };
  const page = shell({ model, el, show, words });
  page.body.append(left, right);
  page.paint();
  return page.close;

  function brush(j, c) {
    page.set({ painted: colours.map((old, k) => (k === j ? c % palette : old)) });
  }

  function look(cell, c, text, mixed) {
    const now = `${c} ${mixed} ${text}`;
    if (looks.get(cell) === now) return;
    looks.set(cell, now);
    write(cell, text);
    cell.style.color = ink(c);
    cell.classList.toggle("mixed", mixed);
  }

  // In a row, the columns of one colour that have an entry there.
  function met(row, c) {
    return columns.filter((j) => row[j] && colours[j] === c);
  }

  function show(settings) {
    palette = settings.palette;
    colours = settings.painted.map((c) => c % palette);
    const open = page.answered("fewest");
    const used = [...new Set(colours)].sort((a, b) => a - b);
    const conflicts = [];
    entries.forEach((row, i) => {
      for (const c of used) if (met(row, c).length > 1) conflicts.push([i, c, met(row, c)]);
      for (const j of columns) {
        const mixed = open && row[j] && met(row, colours[j]).length > 1;
        look(matrix.cell(i, j), colours[j], row[j] + (mixed ? " !" : ""), mixed);
      }
    });
    painters.forEach((painter, j) => {
      look(painter, colours[j], letters[colours[j]], false);
      painter.setAttribute("aria-label", `column ${j}: ${letters[colours[j]]}`);
    });
    if (open !== shown) sweeps.element.tBodies[0].replaceChildren(...((shown = open) ? sweeps.lines : []));
    for (const c of columns) {
      const off = !used.includes(c);
      if (headings.cells[c + 1].hidden !== off) for (const row of [headings, ...sweeps.lines]) row.cells[c + 1].hidden = off;
    }
    if (open) entries.forEach((row, i) => used.forEach((c) => {
      const meeting = met(row, c);
      const mixed = meeting.length > 1;
      look(sweeps.cell(i, c), c, meeting.map((j) => row[j]).join(" + ") + (mixed ? " mixed" : ""), mixed);
    }));
    const count = entries.flat().filter(Boolean).length;
    if (!open) return `${columns.length} columns with ${count} entries, in ${words.palette(used.length)}. What the sweeps give is shown when you have predicted.`;
    return `${words.palette(used.length)}, ${used.length} of ${columns.length} sweeps. ${verdict(conflicts, used.length)}`;
  }

  function verdict(conflicts, used) {
    if (conflicts.length) {
      const [i, c, meeting] = conflicts[0];
      const all = conflicts.length === 1 ? "1 conflict" : `${conflicts.length} conflicts`;
      const sum = meeting.map((j) => entries[i][j]).join(" + ");
      return `${all}: in row ${i}, columns ${meeting.join(" and ")} are all ${letters[c]}; the sweep gives ${sum}, and none can be read off.`;
    }
    const fewest = asks[0].answer;
    return `No conflict: every entry can be read off. ${used > fewest ? "Fewer colours are enough." : "Fewer are not enough."}`;
  }
}

export default { render };
