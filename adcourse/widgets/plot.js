// A plot in SVG: two axes, linear or logarithmic, and on them lines, points and words that can be put anew.
// Colours are the theme's, by role, and never alone: give each line its dash, each set of points its shape.
// The area of the data is an <svg> of its own, which cuts off what lies outside without needing an id.

function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

// A scale from values to pixels and back, with its ticks [value, text].
function scale({ min, max, log = false }, from, to) {
  const of = log ? Math.log10 : Number;
  const [a, b] = [of(min), of(max)];
  const unit = 10 ** Math.floor(Math.log10((b - a) / 6));
  const wanted = [1, 2, 5, 10].map((m) => m * unit).find((s) => s >= (b - a) / 6);
  const stride = log ? Math.max(1, Math.round(wanted)) : wanted;
  const ticks = [];
  for (let k = Math.ceil(a / stride - 1e-9); k * stride <= b + 1e-9 * stride; k++) {
    const t = Number((k * stride).toPrecision(9));
    ticks.push(log ? [10 ** t, t ? `1e${t}` : "1"] : [t, String(t)]);
  }
  return {
    ticks,
    at: (value) => from + ((of(value) - a) / (b - a)) * (to - from),
    value(pixel) {
      const t = a + ((pixel - from) / (to - from)) * (b - a);
      return log ? 10 ** t : t;
    },
  };
}

const SHAPES = {
  circle: (r) => `m${-r} 0a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0`,
  square: (r) => `m${-r} ${-r}h${2 * r}v${2 * r}h${-2 * r}z`,
  diamond: (r) => `m0 ${-1.4 * r}l${1.4 * r} ${1.4 * r} ${-1.4 * r} ${1.4 * r} ${-1.4 * r} ${-1.4 * r}z`,
  triangle: (r) => `m0 ${-1.2 * r}l${1.2 * r} ${2 * r}h${-2.4 * r}z`,
};

// `x` and `y` are {min, max, label, log}.
function plot({ label, x, y, width = 440, height = 300 }) {
  const [left, top, wide, high] = [58, 10, width - 72, height - 52];
  const X = scale(x, 0, wide);
  const Y = scale(y, high, 0);
  const area = svg("svg", { x: left, y: top, width: wide, height: high, class: "area" });
  const root = svg("svg", { class: "plot", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label });
  const path = (name, d) => root.append(svg("path", { class: name, d }));
  const text = (words, place, anchor = "middle") =>
    root.append(svg("text", { transform: `translate(${place})`, "text-anchor": anchor }, words));
  for (const [value, words] of X.ticks) {
    const at = left + X.at(value);
    path("grid", `M${at} ${top}v${high}`);
    text(words, [at, top + high + 16]);
  }
  for (const [value, words] of Y.ticks) {
    const at = top + Y.at(value);
    path("grid", `M${left} ${at}h${wide}`);
    text(words, [left - 6, at + 4], "end");
  }
  path("frame", `M${left} ${top}v${high}h${wide}`);
  text(x.label, [left + wide / 2, height - 6]);
  text(y.label, `13 ${top + high / 2}) rotate(-90`);
  root.append(area);

  const pixel = (v) => Math.min(Math.max(v, -1e4), 1e4).toFixed(1);
  const place = ([a, b]) => {
    const at = [X.at(a), Y.at(b)];
    return [a, b, ...at].every(Number.isFinite) ? at.map(pixel).join(" ") : "";
  };
  const add = (tag, attributes, ...children) => area.appendChild(svg(tag, attributes, ...children));
  // `draw(points)` makes the path of a mark; its role gives the colour.
  const mark = (role, name, draw, points, more) => {
    const element = add("path", { class: name, style: `--c:var(--ac-${role})`, ...more });
    const put = (points) => element.setAttribute("d", draw(points));
    put(points);
    return { element, put };
  };
  return {
    element: root, add, X, Y,
    // A line through points, which breaks where one can't be shown.
    line: (role, { dash = "", points = [], name = "" } = {}) => {
      const draw = (points) => points.map(place).map((at, i, all) => at && (all[i - 1] ? "L" : "M") + at).join("");
      return mark(role, `line ${name}`, draw, points, { "stroke-dasharray": dash });
    },
    // Points of one shape; `name` "hollow" leaves them open.
    points: (role, shape = "circle", { size = 3, points = [], name = "" } = {}) => {
      const draw = (points) => points.map(place).map((at) => at && `M${at}${SHAPES[shape](size)}`).join("");
      return mark(role, `point ${name}`, draw, points);
    },
    // Words at a point of the plot; the anchor is start, middle or end.
    word: (role, words, point, anchor = "start") =>
      add("text", { style: `--c:var(--ac-${role})`, "text-anchor": anchor, transform: `translate(${place(point)})` }, words),
    // Pressed or dragged: `act` gets the values under the pointer. A control must do the same by keyboard.
    drag(act) {
      const tell = (event) => {
        const box = area.getBoundingClientRect();
        const size = root.getBoundingClientRect().width / width;
        act(X.value((event.clientX - box.left) / size), Y.value((event.clientY - box.top) / size));
      };
      root.classList.add("draggable");
      root.addEventListener("pointerdown", (event) => {
        root.setPointerCapture(event.pointerId);
        tell(event);
      });
      root.addEventListener("pointermove", (event) => event.buttons && tell(event));
    },
  };
}
