"""Where the work tree is: the app the host runs, and the folder of installations and state."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

WORK_DIR = ROOT / ".kanri"
