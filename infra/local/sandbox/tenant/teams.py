"""Teams: which groups have one, how it is set up, and its channels. Computed from the index of the group."""

from infra.local.sandbox.clock import epoch_stamp
from infra.local.sandbox.tenant.calendar import DAY
from infra.local.sandbox.tenant.collection import Collection, Entity
from infra.local.sandbox.tenant.dice import Dice
from infra.local.sandbox.tenant.groups import Groups
from infra.local.sandbox.tenant.timeline import Timeline

SLOTS = 8  # places for channels of a team
_CHANNELS = (
    ("General", "standard"),
    ("お知らせ", "standard"),
    ("Planning", "standard"),
    ("雑談", "standard"),
    ("人事 (Private)", "private"),
    ("Partners (shared)", "shared"),
    ("アーカイブ", "standard"),
)


class Teams:
    """Makes teams and channels; `settings` and `channels` keep what changes."""

    def __init__(self, seed: int, groups: Groups, anchor: int, timeline: Timeline) -> None:
        self._groups = groups
        self._anchor = anchor
        self._dice = Dice(seed, "team")
        self._channel_dice = Dice(seed, "channel")
        self.settings = Collection("teams", timeline, groups.teams, self._team, self._index)
        self.channels = Collection(
            "channels", timeline, groups.teams * SLOTS, self._channel, self._place
        )

    def _index(self, key: str) -> int | None:
        found = self._groups.index(key)
        return found if found is not None and found < self._groups.teams else None

    def _has(self, index: int) -> bool:
        """Whether a group's team is there: of twenty that the group tells of one has gone."""
        made = self._groups.make(index)["resourceProvisioningOptions"] == ["Team"]
        return made and self._dice.roll(index)[0] >= 13

    # ---- settings

    def _team(self, index: int) -> Entity | None:
        if not self._has(index):
            return None
        roll, group = self._dice.roll(index), self._groups.make(index)
        return {
            "id": group["id"],
            "createdDateTime": group["createdDateTime"],
            "internalId": f"19:{roll[:16].hex()}@thread.tacv2",
            "classification": "社外秘" if roll[16] < 40 else None,
            "specialization": "none",
            "visibility": group["visibility"].lower(),
            "webUrl": f"https://teams.microsoft.com/l/team/19%3A{roll[:16].hex()}%40thread.tacv2/conversations"
            f"?groupId={group['id']}",
            "isArchived": roll[17] < 25,
            "memberSettings": {
                "allowCreateUpdateChannels": roll[18] < 200,
                "allowCreatePrivateChannels": roll[18] < 160,
                "allowDeleteChannels": roll[18] < 120,
                "allowAddRemoveApps": roll[19] < 200,
                "allowCreateUpdateRemoveTabs": True,
                "allowCreateUpdateRemoveConnectors": roll[19] < 128,
            },
            "guestSettings": {
                "allowCreateUpdateChannels": roll[20] < 30,
                "allowDeleteChannels": roll[20] < 10,
            },
            "messagingSettings": {
                "allowUserEditMessages": True,
                "allowUserDeleteMessages": roll[21] < 220,
                "allowOwnerDeleteMessages": True,
                "allowTeamMentions": True,
                "allowChannelMentions": True,
            },
            "funSettings": {
                "allowGiphy": roll[22] < 180,
                "giphyContentRating": "strict" if roll[23] < 60 else "moderate",
                "allowStickersAndMemes": True,
                "allowCustomMemes": roll[22] < 128,
            },
        }

    # ---- channels

    def channel_key(self, number: int) -> str:
        """The id of a channel by its number."""
        return f"19:{self._channel_dice.guid(number).replace('-', '')}@thread.tacv2"

    def _place(self, key: str) -> int | None:
        digits = key.removeprefix("19:").partition("@")[0]
        parts = (digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:])
        return self._channel_dice.index("-".join(parts))

    def _channel(self, number: int) -> Entity | None:
        index, slot = divmod(number, SLOTS)
        team = self._team(index)
        if team is None or slot >= len(_CHANNELS):
            return None
        roll = self._channel_dice.roll(number)
        if slot and roll[0] < 140:
            return None
        name, kind = _CHANNELS[slot]
        days = 1 + (roll[1] % 200 if slot else 0)
        return {
            "id": self.channel_key(number),
            "teamId": team["id"],
            "displayName": name,
            "description": None if slot else "Everybody reads here",
            "createdDateTime": team["createdDateTime"]
            if slot == 0
            else max(team["createdDateTime"], epoch_stamp(self._anchor - days * DAY)),
            "membershipType": kind,
            "isArchived": slot == len(_CHANNELS) - 1,
            "email": "",
            "isFavoriteByDefault": None,
            "webUrl": f"https://teams.microsoft.com/l/channel/{self.channel_key(number)}",
        }
