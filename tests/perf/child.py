"""The measured process: runs one variant on the job from standard input, prints its figures."""

import json
import sys
from importlib import import_module


def main() -> None:
    """Run "module:function" of the command line; its own prints go to standard error."""
    job = json.load(sys.stdin)
    module, _, function = sys.argv[1].partition(":")
    answers = sys.stdout
    sys.stdout = sys.stderr
    figures = getattr(import_module(module), function)(job)
    answers.write(json.dumps(figures) + "\n")


if __name__ == "__main__":
    main()
