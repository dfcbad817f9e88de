"""A progress bar for what takes longer than two seconds."""

from tqdm import tqdm

PATIENCE = 2.0  # seconds without one


def progress(items=None, what="", **options):
    """``items`` one by one, with a bar; or a bar alone, of a ``total``."""
    return tqdm(items, desc=what, delay=PATIENCE, leave=False, **options)
