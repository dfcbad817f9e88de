"""What a learner sets in a picture: declared once, in Python; the browser makes a control of each declaration.

A setting is a number on a slider, one of a few choices, a number that is typed in, or something for which the picture
has a control of its own. What holds now travels both ways, as ``picture.settings``.
"""

from ..core.errors import InputError


def slider(label, start, low, high, step=1):
    """A number between ``low`` and ``high``, in steps.

    >>> slider("order", 3, 0, 12)["kind"]
    'range'
    """
    return {"kind": "range", "label": label, "start": start, "min": low, "max": high, "step": step}


def choice(label, options, start=None):
    """One of ``options``, a dict from the value to the words a learner reads; the first one unless ``start`` says else.

    >>> choice("scheme", {"forward": "forward", "central": "central"})["start"]
    'forward'
    """
    start = next(iter(options)) if start is None else start
    return {"kind": "choice", "label": label, "start": start, "options": [[k, v] for k, v in options.items()]}


def typed(label, start, low, high, step="any"):
    """A number between ``low`` and ``high`` that is typed in."""
    return {**slider(label, start, low, high, step), "kind": "number"}


def free(start):
    """What the picture's module has a control for: anything; if ``start`` is a list of counts, one of that length."""
    return {"kind": "free", "start": start}


def checked(settings, declared):
    """``settings`` if they may be set in a picture that declares ``declared``, else InputError.

    >>> checked({"order": 4}, {"order": slider("order", 3, 0, 12)})
    {'order': 4}
    """
    for name, value in settings.items():
        if name not in declared:
            _refuse(
                f"There is no setting {name!r} here.", f"this picture has {', '.join(map(repr, declared)) or 'none'}."
            )
        how = declared[name]
        if how["kind"] == "choice" and value not in (options := [key for key, _ in how["options"]]):
            _refuse(f"{name} = {value!r} is not among the choices.", f"they are {', '.join(map(repr, options))}.")
        if isinstance(how["start"], list) and not _counts(value, len(how["start"])):
            _refuse(f"{name} = {value!r} can't be set.", f"it is a list of {len(how['start'])} whole numbers from 0.")
        if how["kind"] in ("range", "number") and not _between(value, how["min"], how["max"]):
            _refuse(f"{name} = {value!r} can't be set.", f"it is a number from {how['min']} to {how['max']}.")
    return settings


def _counts(value, length):
    whole = isinstance(value, list) and all(isinstance(k, int) and not isinstance(k, bool) and k >= 0 for k in value)
    return whole and len(value) == length


def _between(value, low, high):
    return isinstance(value, (int, float)) and not isinstance(value, bool) and low <= value <= high


def _refuse(what, why):
    raise InputError(
        what, why, "picture.settings = {...} with names and values that the picture has; see picture.settings"
    )
