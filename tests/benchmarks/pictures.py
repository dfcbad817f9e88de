"""Interactive pictures: from key to repaint in Chromium alone, and from running a cell to the shown picture in a real
JupyterLab, beside a slider of ipywidgets and an anywidget of one line. ``python -m tests.benchmarks.pictures``; names
of pictures, or ``alone`` or ``jupyterlab``, measure these only."""

import json
import shutil
import sys
import tempfile
from pathlib import Path
from statistics import median

from playwright.sync_api import sync_playwright

from tests.browser.conftest import MOUNT, NAMES, OPTIONS
from tests.browser.lab import Lab, Notebook
from tests.widgets.examples import EXAMPLES

STEPS, RUNS = 80, 7

# A step of the first slider, again and again: the times of our code with the layout that it asks for, and of the frame.
MOVE = """async (steps) => {
  const slider = document.querySelector(".adcourse input[type=range]"), channel = new MessageChannel();
  const frame = () => new Promise((done) => requestAnimationFrame(() => {
    const start = performance.now();
    channel.port1.onmessage = () => done(performance.now() - start);  // comes when the frame has been painted
    channel.port2.postMessage(0);
  }));
  const times = [];
  for (let k = -10; k < steps; k++) {
    const start = performance.now();
    slider[k & 4 ? "stepDown" : "stepUp"]();
    slider.dispatchEvent(new Event("input"));
    slider.closest(".adcourse").getBoundingClientRect();
    const code = performance.now() - start, painted = await frame();
    if (k >= 0) times.push(code + painted);
  }
  return times;
}"""
LOOP = """
import time, anywidget, ipywidgets, numpy as np
from adcourse.widgets import SweepStepper
from tests.widgets.examples import EXAMPLES

class Plain(anywidget.AnyWidget):
    _esm = "export default { render({ el }) { el.className = 'plain'; el.textContent = 'plain'; } }"

def chain(n):
    def f(x):
        for _ in range((n - 1) // 3):
            x = 4 * x * (1 - x)
        return x
    return lambda: SweepStepper(f, 0.2)

MADE = {"slider": ipywidgets.IntSlider, "anywidget": Plain, "30 nodes": chain(30), "200 nodes": chain(199), **EXAMPLES}

def in_python(name):
    times = []
    for _ in range(3):
        start = time.process_time()
        MADE[name]()._repr_mimebundle_()
        times.append(time.process_time() - start)
    print(min(times))
"""
RIVALS = {"slider": ".widget-slider", "anywidget": ".plain"}


def answered(picture):
    """With every question answered, so that nothing is hidden, and in the middle of its steps."""
    picture.predictions = [{"name": ask["name"], "answer": None, "right": None} for ask in picture.data.get("asks", ())]
    picture.step = picture.last // 2
    return picture


def alone(browser, picture):
    """Key to repaint: all times of one picture in a bare page, and the main thread's own time for a step, in ms."""
    page = browser.new_page(viewport={"width": 1000, "height": 1400})
    page.set_content(f"<style>{picture._css}</style><main><div id=w0></div></main>")
    state = picture.get_state(["data", "step", "settings", "predictions"])
    page.evaluate(MOUNT, {"esm": picture._esm, "state": state, "k": 0})
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    kinds = ("ScriptDuration", "RecalcStyleDuration", "LayoutDuration")

    def spent():
        values = {entry["name"]: entry["value"] for entry in session.send("Performance.getMetrics")["metrics"]}
        return sum(values[kind] for kind in kinds)

    before = spent()
    times = page.evaluate(MOVE, STEPS)
    own = 1000 * (spent() - before) / (STEPS + 10)
    page.close()
    return times, own


def in_chromium(browser, names):
    print("\n| key to repaint, Chromium alone | median | minimum | main thread | module | state |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    for name in names:
        picture = answered(EXAMPLES[name]())
        times, own = alone(browser, picture)
        sizes = [len(picture._esm.encode()), len(json.dumps(picture.data))]
        kilobytes = " | ".join(f"{size / 1000:.1f} KB" for size in sizes)
        print(f"| {name} | {median(times):.1f} ms | {min(times):.1f} ms | {own:.1f} ms | {kilobytes} |", flush=True)


def in_jupyterlab(browser, names):
    """The contestants take turns; what counts is the ratio to the slider in the same round."""
    names = [*RIVALS, *names, "30 nodes", "200 nodes"]
    cells = [LOOP, *(f"MADE[{name!r}]()" for name in names)]
    with tempfile.TemporaryDirectory() as folder, Lab(Path(folder)) as lab:
        page = browser.new_page(viewport={"width": 1280, "height": 1400})
        page.set_default_timeout(120_000)
        notebook = Notebook(page, lab).open(cells)
        notebook.run_all()
        rounds = [
            {name: notebook.shown(k, RIVALS.get(name, ".adcourse")) for k, name in enumerate(names, 1)}
            for _ in range(RUNS)
        ]
        print("\n| shown in JupyterLab | median | minimum | over the slider | of that in Python |")
        print("| --- | ---: | ---: | ---: | ---: |")
        for name in names:
            times = [found[name] for found in rounds]
            over = median(found[name] / found["slider"] for found in rounds)
            python = 1000 * float(notebook.ask(f"in_python({name!r})"))
            print(
                f"| {name} | {median(times):.0f} ms | {min(times):.0f} ms | {over:.1f} | {python:.0f} ms |", flush=True
            )
        notebook.close()


def main(given):
    names = [name for name in EXAMPLES if name in given] or list(EXAMPLES)
    path = next(filter(None, map(shutil.which, NAMES)))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=OPTIONS)
        for what, measure in (("alone", in_chromium), ("jupyterlab", in_jupyterlab)):
            if what in given or not {"alone", "jupyterlab"} & set(given):
                measure(browser, names)
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
