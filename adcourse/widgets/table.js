// A table whose cells change: `columns` are [key, heading], each row has its header and may have words by key.
function table(caption, heading, columns, rows) {
  const cells = new Map();
  const lines = rows.map((row, i) => {
    const line = make("tr", { "data-row": i }, make("th", { scope: "row" }, row.header, row.note ? ` (${row.note})` : ""));
    for (const [key] of columns) {
      const cell = make("td", { className: key, "data-column": key }, row[key] ?? "");
      cells.set(`${i} ${key}`, cell);
      line.append(cell);
    }
    return line;
  });
  const element = tableOf(caption, [heading, ...columns.map((c) => c[1])], lines);
  return { element, lines, cell: (row, key) => cells.get(`${row} ${key}`) };
}
