// The cost of the modes: the factors as boxes, and every grouping with its products, its count and a bar.

function render({ model, el }) {
  const data = model.get("data");
  const factors = make("div", { className: "factors" });
  const place = pane("trace", "Groupings of the product");
  const columns = [["count", "multiplications"], ["ratio", "times the least"], ["products", "products"]];
  const write = new Intl.NumberFormat("en-US").format;
  const names = (n) => String(n).replace(/\d/g, (d) => "₀₁₂₃₄₅₆₇₈₉"[d]);
  let layers, costs, bars, drawn;

  const chain = ({ inputs, layers, results }) => [inputs, ...data.between.slice(0, layers), results];
  const work = (sizes, products) => products.reduce((sum, [p, q, r]) => sum + sizes[p] * sizes[q] * sizes[r], 0);
  const spelled = (sizes, products) => products.map((at) => at.map((i) => write(sizes[i])).join("·")).join(" + ") || "none";

  // The sizes, and of each grouping its sum and its count; those of the two modes first and last by name.
  function account(settings) {
    const sizes = chain(settings);
    const every = data.groupings[sizes.length - 1].map(([name, products]) => {
      const count = work(sizes, products);
      return { name, count, sum: `${spelled(sizes, products)} = ${write(count)}` };
    });
    const least = Math.min(...every.map((g) => g.count));
    return { sizes, every, least, forward: every[0], reverse: every.at(-1), best: every.find((g) => g.count === least) };
  }

  function draw(sizes) {
    const side = (n) => 14 + 22 * Math.log10(n);
    const boxes = sizes.slice(1).map((rows, i) => {
      const box = make("div", { className: "factor" });
      box.style.cssText = `height:${side(rows)}px;width:${side(sizes[i])}px`;
      return make("figure", {}, box, make("figcaption", { textContent: `J${names(i + 1)}: ${write(rows)} × ${write(sizes[i])}` }));
    });
    factors.replaceChildren(...boxes.reverse());
  }

  function show(step, settings) {
    const { sizes, every, least, forward, reverse, best } = account(settings);
    const [inputs, results] = [sizes[0], sizes.at(-1)];
    if (layers !== settings.layers) {
      layers = settings.layers;
      const rows = data.groupings[sizes.length - 1].map(([name, , note]) => ({ header: name, note: note.trim() }));
      costs = table("Multiplications for the whole Jacobian; bars on a logarithmic scale", "grouping", columns, rows);
      bars = rows.map((_, i) => {
        const [text, bar] = [make("div"), make("div", { className: "bar" })];
        costs.cell(i, "count").append(text, bar);
        return [text, bar];
      });
      place.replaceChildren(costs.element);
    }
    if (drawn !== String(sizes)) draw(sizes);
    drawn = String(sizes);
    const revealed = (i) => step > 3 || (step > 1 && i === 0) || (step > 2 && i === every.length - 1);
    const top = Math.log10(Math.max(...every.filter((_, i) => revealed(i)).map((g) => g.count), 10));
    every.forEach(({ count, sum }, i) => {
      const known = revealed(i);
      const put = (place, text) => place.textContent !== (known ? text : "") && (place.textContent = known ? text : "");
      put(costs.cell(i, "products"), sum);
      put(costs.cell(i, "ratio"), least && step > 3 ? (count / least).toPrecision(3) : "");
      put(bars[i][0], write(count) + (count === least && step > 3 ? ", least" : ""));
      bars[i][1].style.width = `${known ? (100 * Math.log10(Math.max(count, 1))) / top : 0}%`;
      costs.lines[i].classList.toggle("current", step > 3 && every[i] === best);
    });
    const passes = (n, what) => `${write(n)} ${what}` + (n > 1 ? "s" : "");
    return [
      `A chain ${sizes.map(write).join(" → ")}: its Jacobian is the product of ${sizes.length - 1}, drawn with sides on a logarithmic scale.`,
      `A JVP gives a column of the Jacobian, a VJP a row: forward takes ${passes(inputs, "JVP")}, reverse ${passes(results, "VJP")}.`,
      `Forward, from the input, ${forward.name}: ${forward.sum} multiplications.`,
      `Reverse, from the result, ${reverse.name}: ${reverse.sum} multiplications.`,
      `The least of ${passes(every.length, "grouping")}, ${best.name}: ${best.sum}. Forward takes ${write(forward.count)}, reverse ${write(reverse.count)}.`,
    ][step];
  }

  const page = frame({ model, el, show, ask });

  function ask(step, settings) {
    const { sizes, every, least, forward, reverse, best } = account(settings);
    const [inputs, results] = [sizes[0], sizes.at(-1)];
    const number = (name, from, grouping, other) => ({
      name, answer: grouping.count, shown: write(grouping.count), tolerance: 0.5,
      question: `${from}, ${grouping.name}: how many multiplications?`,
      mistakes: [
        [other.count, "That is the other mode."],
        [sizes.reduce((a, b) => a * b), "The products are done one after the other: their counts add."],
        [sizes.slice(1).reduce((sum, n, i) => sum + n * sizes[i], 0), "That is one vector on its way through the chain, not a matrix."],
      ].filter(([wrong]) => wrong !== grouping.count),
      below: "Each product of a p × q with a q × r matrix takes p·q·r.",
      above: "Each product of a p × q with a q × r matrix takes p·q·r.",
    });
    const options = (answer, ...choices) => ({ answer, shown: choices.find(([key]) => key === answer)[1], options: choices });
    const why = "Forward seeds one input at a time, reverse one result.";
    const fewer = inputs < results ? "forward" : inputs > results ? "reverse" : "same";
    const both = Math.min(forward.count, reverse.count);
    return [
      {
        name: "passes",
        question: "which mode needs fewer passes for the whole Jacobian?",
        ...options(fewer, ["forward", "forward", why], ["reverse", "reverse", why], ["same", "as many", why]),
      },
      number("forward", "from the input", forward, reverse),
      number("reverse", "from the result", reverse, forward),
      every.length > 2 && {
        name: "best",
        question: `of all ${every.length} groupings, is one cheaper than both?`,
        ...options(
          least < both ? "yes" : "no",
          ["yes", "yes", `No grouping takes less than ${write(both)}.`],
          ["no", "no", `${best.name} takes ${write(least)}.`],
        ),
      },
    ][step];
  }

  page.body.append(factors, place);
  page.paint();
  return page.close;
}

export default { render };
