"""Declarations only: what to collect and what to report. One file adds one thing.

`table` is the language of reports, `words` and `labels` their vocabulary, `derivation` what follows
from them; the other modules say what several declarations share.
"""
