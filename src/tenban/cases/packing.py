"""Making a package: everything measured once, signed, and laid into one sealed ZIP."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tenban import __version__
from tenban.base.clock import Instant, to_rfc3339
from tenban.base.errors import TooLarge
from tenban.cases.files import PackageFiles
from tenban.cases.gathering import Gathered, Gathering, Piece
from tenban.cases.host_clock import host_clock
from tenban.cases.manifest import FORMAT, KEY, MANIFEST, SIGNATURE, canonical, measured
from tenban.cases.model import Item
from tenban.cases.page import offline_page
from tenban.cases.zip import Entry, zip_length, zip_parts
from tenban.pos.queries import clocks
from tenban.sites.model import Shop

RESERVE_BYTES = 500_000_000
"""Left free on the disk for recording, however large a package becomes."""
PAGE, README = "index.html", "README.txt"
_GATHERED, _MEASURED = 0.3, 0.6
"""Shares of the whole at which these steps are over."""


class NoRoom(TooLarge):
    """The disk has too little room for the package beside what recording needs."""

    code = "no_room"


class Key(Protocol):
    """Whoever signs: the key that seals the audit log, see :class:`tenban.access.keys.SealingKey`."""

    public: Ed25519PublicKey
    key_id: str

    def sign(self, text: bytes) -> bytes:
        """Return the Ed25519 signature of a text, 64 bytes."""
        ...


@dataclass(frozen=True, slots=True)
class Made:
    """A finished package."""

    size: int
    sha256: str
    manifest_sha256: str
    files: int


def make_package(
    gathering: Gathering,
    items: list[Item],
    files: PackageFiles,
    key: Key,
    made_at: Instant,
    progress: Callable[[float], None] = lambda _share: None,
) -> Made:
    """Make a package and keep it, sealed.

    Args:
        gathering: of its case, with a scratch folder.
        items: what the case contains.
        files: where packages are kept.
        key: signs the manifest.
        made_at: now.
        progress: told how much is done, 0–1; may raise to stop.

    Raises:
        NoRoom: it would leave too little of the disk.
        Changed: something changed while it was read.
        TenbanError: a file cannot be read.
    """
    found = gathering.gather(items)
    progress(_GATHERED)
    room = shutil.disk_usage(gathering.scratch).free - RESERVE_BYTES
    shown = _shown(gathering, found, made_at, key)
    pieces = [
        Piece(PAGE, "page", partial(_once, offline_page(shown)), {}),
        Piece(README, "readme", partial(_once, _readme(gathering, key)), {}),
        *found.pieces,
    ]
    entries, named, done = [], [], 0

    def read(length: int) -> None:
        nonlocal done
        done += length
        if done > room:
            raise NoRoom(f"expected room for {done} bytes and more, got {max(room, 0)}")
        # How much there is to read is not known before: the step comes nearer to its end, ever more slowly.
        progress(_GATHERED + (_MEASURED - _GATHERED) * (1 - 1 / (1 + done / 500_000_000)))

    for piece in pieces:
        known = measured(piece.read, read)
        entries.append(Entry(piece.path, known.size, known.crc32, piece.read))
        about = {"path": piece.path, "kind": piece.kind, "bytes": known.size, "sha256": known.sha256}
        named.append({**piece.about, **about})
    signed = canonical({**_manifest(gathering, found, made_at, key), "files": named})
    pem = key.public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    for path, data in ((MANIFEST, signed), (SIGNATURE, key.sign(signed)), (KEY, pem)):
        known = measured(partial(_once, data))
        entries.append(Entry(path, known.size, known.crc32, partial(_once, data)))
    size = zip_length(entries)
    if size > room:
        raise NoRoom(f"expected room for {size} bytes, got {max(room, 0)}")
    digest, written = hashlib.sha256(), 0

    def parts() -> Iterator[bytes]:
        nonlocal written
        for part in zip_parts(entries, made_at):
            digest.update(part)
            written += len(part)
            progress(_MEASURED + (1 - _MEASURED) * written / size)
            yield part

    files.put(gathering.case.id, gathering.package.id, parts(), size)
    return Made(size, digest.hexdigest(), hashlib.sha256(signed).hexdigest(), len(named))


def _once(data: bytes) -> Iterator[bytes]:
    yield data


def _manifest(gathering: Gathering, found: Gathered, made_at: Instant, key: Key) -> dict[str, Any]:
    case, package, shop = gathering.case, gathering.package, gathering.sites.shop(gathering.case.shop)
    return {
        "format": FORMAT,
        "case": {
            "id": case.id,
            "reference": case.reference,
            "title": case.title,
            "company": gathering.sites.company,
            "shop": {"id": shop.id, "name": shop.name, "timezone": shop.timezone.key},
            "opened_at": to_rfc3339(case.opened_at),
            "opened_by": {"id": case.opened_by, "name": case.opened_by_name},
            "sealed_at": None if case.sealed_at is None else to_rfc3339(case.sealed_at),
            "sealed_by": {"id": case.sealed_by, "name": case.sealed_by_name},
        },
        "package": {
            "id": package.id,
            "number": package.number,
            "form": package.form.value,
            "sound": package.sound,
            "ordered_at": to_rfc3339(package.ordered_at),
            "ordered_by": {"id": package.ordered_by, "name": package.ordered_by_name},
            "made_at": to_rfc3339(made_at),
            "purpose": package.purpose,
            "receiver": package.receiver,
        },
        "software": {"name": "tenban", "version": __version__},
        "audit": {"ordered_n": package.ordered_n, "ordered_hash": package.ordered_hash, "key_id": key.key_id},
        "clocks": {"server": host_clock(), "tills": _tills(gathering, shop)},
        "missing": found.missing,
    }


def _tills(gathering: Gathering, shop: Shop) -> list[dict[str, Any]]:
    """Return how far tills' clocks are from ours, as known now; each event has both of its times besides."""
    known = gathering.db.read_now(clocks)
    names = {register.id: register.name for register in shop.registers}
    return [
        {
            "register": one.register,
            "name": names.get(one.register, one.register),
            "offset_us": one.offset_us,
            "observed_at": to_rfc3339(one.observed_at),
            "doubted_events": one.doubted,
        }
        for one in known
        if one.shop == shop.id
    ]


def _shown(gathering: Gathering, found: Gathered, made_at: Instant, key: Key) -> dict[str, Any]:
    manifest = _manifest(gathering, found, made_at, key)
    shop = gathering.sites.shop(gathering.case.shop)
    return {**manifest, "items": found.shown, "currency": shop.currency}


def _readme(gathering: Gathering, key: Key) -> bytes:
    case = gathering.case
    return (
        f"Tenban, {gathering.sites.company}: {case.reference} / package {gathering.package.number}\n\n"
        "1. Unpack the whole ZIP file, then open index.html in a browser. Nothing is installed or sent.\n"
        "   ZIPファイルをすべて展開してから、index.htmlをブラウザーで開いてください。\n\n"
        "2. To prove that nothing was changed, use any of these / 改ざんがないことの確認方法:\n"
        "   - the button at the end of index.html / index.htmlの下部にあるボタン\n"
        "   - tenban evidence verify PACKAGE.zip --key public-key-from-the-shop.pem\n"
        "   - openssl pkeyutl -verify -pubin -inkey public-key.pem -rawin -in manifest.json "
        "-sigfile manifest.sig\n"
        "     and the SHA-256 of each file beside the one in manifest.json\n\n"
        f"3. The key must be the shop's. Its name is {key.key_id}; ask the shop for it by another way than\n"
        "   the one this package came by.\n"
        "   署名鍵の名前が店舗のものと一致するか、別の経路で店舗に確認してください。\n"
    ).encode()
