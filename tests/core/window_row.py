"""What a row of the database does with leases, as plain arithmetic: the measure of the real one."""

from dataclasses import dataclass

from shared.core.lease import Ask, Grant


@dataclass
class WindowRow:
    """One quota of windows of `seconds`, at instants in seconds."""

    quota: int
    seconds: int
    began: int = 0
    taken: int = 0
    held: int = 0

    def lease(self, ask: Ask, now: float) -> Grant:
        began = int(now // self.seconds) * self.seconds
        if began > self.began:
            self.began, self.taken, self.held = began, 0, 0
        if ask.window == self.began:
            self.held = max(0, self.held - ask.settled)
        left = self.quota - self.taken
        more = max(0, min(ask.wanted - 1, self.quota // 25 - self.held, left // 4))
        granted = max(0, min(left, 1 + more))
        self.taken += granted
        self.held += max(0, granted - 1)
        return Grant(self.began, granted, self.quota - self.taken, self.began + self.seconds - now)
