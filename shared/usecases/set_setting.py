"""A check of posture that looks at one setting alone: is it set?"""

from collections.abc import Callable, Iterator

from shared.core.posture import Finding
from shared.core.settings import Settings
from shared.core.text import Text
from shared.usecases.deployment_view import DeploymentView


def look_at_setting(
    name: str, number_of: Callable[[Settings], int], is_set: Text, unset: Text
) -> Callable[[DeploymentView], Iterator[Finding]]:
    """Return the look of a check that passes where the setting `name` says any.

    `number_of` tells how many it says, which stands for `{number}` in the sentence `is_set`.
    """

    def look(view: DeploymentView) -> Iterator[Finding]:
        if number := number_of(view.settings):
            told = (sentence.format(number=number) for sentence in (is_set.en, is_set.ja))
            yield Finding("pass", Text(*told))
        else:
            yield Finding("fail", unset, (name,))

    return look
