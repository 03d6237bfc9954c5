"""What is sealed opens with its key, under its label, whole and as it was, and in no other way."""

from copy import replace
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.core.errors import SealBroken
from shared.core.sealing import FRAME, Keyring, Label, named_keys

OLD, NEW = f"k1:{'old-key-' * 5}", f"k2:{'new-key-' * 5}"
LABEL = Label(UUID(int=7), "secret", "cursor")
PLAIN = b"nobody is to read this"
SIZES = [0, 1, FRAME - 1, FRAME, FRAME + 1, 3 * FRAME, 3 * FRAME + 5]


def keyring(*keys: str) -> Keyring:
    return Keyring(named_keys(" ".join(keys)))


def refused(ring: Keyring, sealed: bytes, label: Label = LABEL) -> str:
    """Return the code that opening is refused with; nothing that was sealed is in the message."""
    with pytest.raises(SealBroken) as found:
        ring.open(sealed, label)
    for lang in ("en", "ja"):
        assert PLAIN.decode() not in found.value.message(lang)
    return found.value.code


@pytest.mark.parametrize("size", SIZES)
def test_what_is_sealed_opens_and_shows_nothing(size: int) -> None:
    plain = bytes(n % 251 for n in range(size))
    sealed = keyring(NEW).seal(plain, LABEL)
    assert keyring(NEW).open(sealed, LABEL) == plain
    assert size < 16 or plain[:16] not in sealed
    assert keyring(NEW).seal(plain, LABEL) != sealed, "equal things do not look alike"


@given(st.binary(max_size=200_000), st.lists(st.integers(1, 90_000), max_size=20))
def test_pieces_of_whatever_size_make_the_same(plain: bytes, sizes: list[int]) -> None:
    def pieces(content: bytes) -> list[bytes]:
        found, left = [], content
        for size in sizes:
            found.append(left[:size])
            left = left[size:]
        return [*found, left]

    ring = keyring(NEW)
    sealed = b"".join(ring.seal_frames(pieces(plain), LABEL))
    assert b"".join(ring.open_frames(pieces(sealed), LABEL)) == plain


def test_keys_are_rotated_without_writing_anything_anew() -> None:
    before, after = keyring(OLD), keyring(NEW, OLD)
    sealed = before.seal(PLAIN, LABEL)
    assert after.open(sealed, LABEL) == PLAIN
    newer = after.seal(PLAIN, LABEL)
    assert b"k2" in newer, "the newest seals"
    assert refused(before, newer) == "sealed_key_unknown"


def test_without_its_key_it_does_not_open_and_the_key_is_named() -> None:
    sealed = keyring(OLD).seal(PLAIN, LABEL)
    with pytest.raises(SealBroken, match="k1"):
        keyring(NEW).open(sealed, LABEL)
    assert refused(keyring("k1:" + "another-key-" * 3), sealed) == "sealed_altered"
    assert refused(Keyring({}), sealed) == "sealing_key_missing"
    with pytest.raises(SealBroken, match="KANRI_SEALING_KEYS"):
        Keyring({}).seal(PLAIN, LABEL)


@pytest.mark.parametrize(
    "other",
    [
        replace(LABEL, tenant_id=uuid4()),
        replace(LABEL, purpose="audit"),
        replace(LABEL, name="anchor"),
        replace(LABEL, purpose="secretcursor", name=""),
        replace(LABEL, purpose="", name="secretcursor"),
        replace(LABEL, purpose="secret6", name="cursor"),
    ],
)
def test_what_was_moved_elsewhere_does_not_open(other: Label) -> None:
    assert refused(keyring(NEW), keyring(NEW).seal(PLAIN, LABEL), other) == "sealed_altered"


def test_one_altered_bit_anywhere_is_found() -> None:
    ring = keyring(NEW)
    sealed = ring.seal(PLAIN, LABEL)
    for place in range(len(sealed)):
        altered = bytearray(sealed)
        altered[place] ^= 1
        assert refused(ring, bytes(altered)) in ("sealed_altered", "sealed_key_unknown"), place


def test_whatever_is_cut_or_added_is_found() -> None:
    ring = keyring(NEW)
    sealed = ring.seal(PLAIN, LABEL)
    for end in range(len(sealed)):
        assert refused(ring, sealed[:end]) == "sealed_altered", end
    for more in (b"\0", sealed, bytes(FRAME + 16)):
        assert refused(ring, sealed + more) == "sealed_altered"


def test_frames_stand_in_their_order_and_none_is_missing() -> None:
    ring = keyring(NEW)
    sealed = ring.seal(bytes(3 * FRAME) + b"end", LABEL)
    each = FRAME + 16
    head = len(sealed) - 3 * each - len(b"end") - 16
    frames = [sealed[head + n * each : head + (n + 1) * each] for n in range(4)]
    start = sealed[:head]
    assert ring.open(start + b"".join(frames), LABEL)
    for wrong in ([1, 0, 2, 3], [0, 2, 3], [0, 1, 2], [0, 1], [0, 0, 1, 2, 3], [3], []):
        assert refused(ring, start + b"".join(frames[n] for n in wrong)) == "sealed_altered", wrong
    other = ring.seal(bytes(3 * FRAME) + b"end", LABEL)
    assert (
        refused(ring, start + b"".join(frames[:3]) + other[head + 3 * each :]) == "sealed_altered"
    )


@pytest.mark.parametrize(
    "strange", [b"", b"\0" * 100, b"plain text", b"kanri\x01\xff" + b"\xff" * 400]
)
def test_what_was_never_sealed_is_refused(strange: bytes) -> None:
    assert refused(keyring(NEW), strange) in ("sealed_altered", "sealed_key_unknown")


@pytest.mark.parametrize(
    "text", ["k1", "k1:short", f"K1:{'x' * 40}", f"{OLD} {OLD}", f"a_b:{'x' * 40}", f":{'x' * 40}"]
)
def test_keys_that_are_none_are_refused_without_being_shown(text: str) -> None:
    with pytest.raises(ValueError, match=r"entry|two keys") as found:
        named_keys(text)
    assert "x" * 40 not in str(found.value)
    assert "old-key" not in str(found.value)
