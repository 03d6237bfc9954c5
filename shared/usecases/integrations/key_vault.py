"""The keys that seal, which the app's setting refers to Key Vault for: do they open what was sealed?"""

from collections.abc import Iterator

from shared.core.errors import SealBroken
from shared.core.integration import Connection, Integration
from shared.core.sealing import Keyring, named_keys
from shared.core.text import Text
from shared.store.registers.secrets import Secrets
from shared.usecases.deployment_view import DeploymentView


def _look(view: DeploymentView) -> Iterator[Connection]:
    keys = named_keys(view.settings.sealing_keys)
    if not keys:
        yield Connection(state="absent")
        return
    try:
        _ = Secrets(view.engine, Keyring(keys)).cursor_key
    except SealBroken as error:
        yield Connection(state="failing", error_at=view.now, error_code=error.code)
        return
    yield Connection(state="ok", success_at=view.now, details={"keys": len(keys)})


INTEGRATION = Integration(
    title=Text("Key Vault (sealing keys)", "Key Vault (封印用キー)"), look=_look
)
