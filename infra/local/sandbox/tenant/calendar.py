"""Time stamps by table: a user has several, and half a million users should not take minutes."""

from infra.local.sandbox.clock import epoch_stamp

DAY = 86_400
_DAYS = 3_700
_STEP = DAY // 256


class Calendar:
    """Stamps `days` before the anchor at one of 256 times of day.

    Give at least one day, so that no stamp lies after the anchor.
    """

    def __init__(self, anchor: int) -> None:
        self._dates = [epoch_stamp(anchor - day * DAY)[:11] for day in range(_DAYS)]
        self._times = [epoch_stamp(slot * _STEP)[11:] for slot in range(256)]

    def stamp(self, days: int, slot: int) -> str:
        """ISO 8601 with seconds; `slot` (0 to 255) is the time of day."""
        return self._dates[days] + self._times[slot]
