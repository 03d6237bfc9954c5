"""What seals secrets and archived audit events is to be there, and changed now and then."""

from collections.abc import Iterator

from shared.core.posture import Check, Finding
from shared.core.sealing import named_keys
from shared.core.text import Text
from shared.usecases.deployment_view import DeploymentView


def _look(view: DeploymentView) -> Iterator[Finding]:
    """Ids of keys are told, never keys. Of their age nothing is known: neither they nor ids tell it."""
    keys = tuple(named_keys(view.settings.sealing_keys))
    if not keys:
        why = Text("There is no key to seal with.", "封印用のキーがありません。")
        yield Finding("fail", why, ("KANRI_SEALING_KEYS",))
        return
    why = Text(
        f"There are {len(keys)} keys to seal with, the newest first. How old they are is not known here: "
        "Key Vault tells when each version of the secret was made.",
        f"封印用のキーは {len(keys)} 個です (新しい順)。経過日数はここでは分かりません。"
        "シークレットの各バージョンの作成日時は Key Vault で確認できます。",
    )
    yield Finding("unknown", why, keys)


CHECK = Check(
    title=Text("Sealing keys are there and young", "封印用キーの有無と経過日数"),
    severity="high",
    look=_look,
    fix=Text(
        "Put a new key first in the secret kanri-sealing once a year; the old ones stay behind it.",
        "年に 1 回、シークレット kanri-sealing の先頭に新しいキーを追加し、古いキーは残してください。",
    ),
    docs="docs/security.md#sealing",
)
