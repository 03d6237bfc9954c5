"""Which groups a user or an app is in, by whatever way."""

from typing import Literal
from uuid import UUID

import msgspec

from shared.core.errors import MalformedAnswer
from shared.graph.client import GraphClient


class _Answer(msgspec.Struct):
    value: list[UUID]


async def member_objects(
    client: GraphClient, kind: Literal["user", "app"], object_id: UUID
) -> frozenset[UUID]:
    """Return the object ids of all groups, nested ones and directory roles too, around an object.

    https://learn.microsoft.com/graph/api/directoryobject-getmemberobjects; it changes nothing, so
    that it may be asked for again. Raises as `GraphClient.read`.
    """
    collection = "users" if kind == "user" else "servicePrincipals"
    url = f"{client.endpoint}/v1.0/{collection}/{object_id}/getMemberObjects"
    answer = await client.read(url, b'{"securityEnabledOnly": false}', bucket="directory")
    try:
        return frozenset(msgspec.json.decode(answer, type=_Answer).value)
    except msgspec.DecodeError as error:
        raise MalformedAnswer("graph_malformed", reason="no list of ids") from error
