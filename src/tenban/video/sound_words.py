"""What a camera says of its sound: in its session description (RFC 8866), and told on in few words. Pure."""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass
from typing import Literal, TypeAlias
from urllib.parse import urljoin

from tenban.base.errors import BadInput
from tenban.video.packets import SoundCoding
from tenban.video.sound import aac_coding, opus_coding
from tenban.video.sound_rtp import AuHeaders

Why: TypeAlias = Literal["none", "codec", "refused", "waiting"]

_STATIC = {"0": "PCMU", "8": "PCMA", "9": "G722", "3": "GSM", "14": "MPA"}
_NAMES = {
    "PCMU": "G.711",
    "PCMA": "G.711",
    "PCM_MULAW": "G.711",
    "PCM_ALAW": "G.711",
    "G722": "G.722",
    "ADPCM_G726": "G.726",
    "MP4A-LATM": "AAC (LATM)",
    "MPA": "MP3",
    "MP3": "MP3",
}


@dataclass(frozen=True, slots=True)
class SoundTold:
    """What is known of a camera's sound: how it is coded, or why there is none.

    Attributes:
        coding: as it is recorded; None: it is not.
        why: there is none: ``none``, ``codec`` (it sends ``came``), ``refused`` (it answered ``came``).
        came: see there.
    """

    coding: SoundCoding | None = None
    why: Why = "none"
    came: str = ""

    def as_text(self) -> str:
        """Return it in one line, as :func:`told_of` reads it: ``aac 48000 1``, or ``! codec G.711``."""
        if self.coding is None:
            return f"! {self.why} {self.came}".rstrip()[:200]
        return f"{self.coding.codec} {self.coding.rate} {self.coding.channels}"


def told_of(text: str | None) -> dict[str, str | int] | None:
    """Return what :meth:`SoundTold.as_text` wrote: codec, rate, channels; or why and what came."""
    if text is None:
        return None
    first, _, rest = text.partition(" ")
    if first == "!":
        why, _, came = rest.partition(" ")
        return {"why": why, "came": came}
    rate, _, channels = rest.partition(" ")
    return {"codec": first, "rate": int(rate), "channels": int(channels)}


def codec_name(said: str) -> str:
    """Return how people call a coding."""
    return _NAMES.get(said.upper(), said or "?")


@dataclass(frozen=True, slots=True)
class SoundMedia:
    """The sound of a session description.

    Attributes:
        told: how it is coded, or why it is not recorded.
        control: the address to set it up at.
        headers: of AAC's access units.
    """

    told: SoundTold
    control: str
    headers: AuHeaders


def sound_of(sdp: str, base: str) -> SoundMedia:
    """Return the first sound of a session description that can be recorded, or why there is none.

    Args:
        sdp: the description.
        base: the address that relative ones are relative to.
    """
    found = [_media(lines, base) for lines in _lines_of_sound(sdp)]
    if not found:
        return SoundMedia(SoundTold(), "", AuHeaders())
    return next((one for one in found if one.told.coding is not None), found[0])


def _lines_of_sound(sdp: str) -> list[list[str]]:
    media: list[list[str]] = []
    current: list[str] | None = None
    for line in sdp.replace("\r\n", "\n").split("\n"):
        if line.startswith("m="):
            current = [line] if line.startswith("m=audio") else None
            media += [] if current is None else [current]
        elif current is not None:
            current.append(line)
    return media


def _media(lines: list[str], base: str) -> SoundMedia:
    kind = (lines[0].split() + [""] * 4)[3]
    codec, control = _STATIC.get(kind, ""), ""
    fmtp: dict[str, str] = {}
    for line in lines[1:]:
        name, _, value = line.partition(":")
        of, _, rest = value.strip().partition(" ")
        if name == "a=rtpmap" and of == kind:
            codec = rest.partition("/")[0]
        elif name == "a=control":
            control = value.strip()
        elif name == "a=fmtp" and of == kind:
            pairs = re.findall(r"([\w-]+)\s*=\s*([^;]*)", rest)
            fmtp = {name.lower(): value.strip() for name, value in pairs}
    if control in {"", "*"}:
        control = base
    elif "://" not in control:
        control = urljoin(base if base.endswith("/") else base + "/", control)
    return SoundMedia(_told(codec.strip().upper(), fmtp), control, _headers(fmtp))


def _told(codec: str, fmtp: dict[str, str]) -> SoundTold:
    if codec == "OPUS":
        # The map always says two channels (RFC 7587, section 7); what is sent says itself how many.
        return SoundTold(opus_coding(2 if fmtp.get("sprop-stereo") == "1" else 1))
    if codec != "MPEG4-GENERIC":
        return SoundTold(None, "codec", codec_name(codec))
    mode = fmtp.get("mode", "").lower()
    if mode not in {"aac-hbr", "aac-lbr"}:
        return SoundTold(None, "codec", f"AAC ({mode or '?'})")
    try:
        return SoundTold(aac_coding(binascii.unhexlify(fmtp.get("config", ""))))
    except (BadInput, binascii.Error) as error:
        came = error.came if isinstance(error, BadInput) else "no configuration"
        return SoundTold(None, "codec", f"AAC ({came})")


def _headers(fmtp: dict[str, str]) -> AuHeaders:
    is_low = fmtp.get("mode", "").lower() == "aac-lbr"
    usual = AuHeaders(6, 2, 2) if is_low else AuHeaders()

    def bits(name: str, default: int) -> int:
        said = fmtp.get(name, "")
        return int(said) if said.isdecimal() and int(said) <= 32 else default

    return AuHeaders(
        max(1, bits("sizelength", usual.size)),
        bits("indexlength", usual.index),
        bits("indexdeltalength", usual.delta),
    )
