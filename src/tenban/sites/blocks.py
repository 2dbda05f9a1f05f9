"""A TOML text as a row of blocks: each a header, the keys below it, and the comments that belong to it.

tomlkit keeps comments and order within a table, but gathers arrays of tables that are written alternately
(camera, register, camera, register), which moves them. So the blocks of a file stay where they are and as
they are; tomlkit works within one block at a time. What an edit gives is read again by ``tomllib`` and held
against what was meant (:func:`tenban.sites.edit.change_text`), so a form of TOML not foreseen here costs a
refusal and never a wrong file.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import Array

from tenban.base.errors import Unavailable

Address: TypeAlias = tuple[str | int, ...]
"""Where a table stands, such as ``("shop", 0, "camera", 2)``."""

REMOVED: Final = object()
"""Given as a key's value: the key goes."""


class NotEditable(Unavailable):
    """The file is written in a form that pages do not edit; a person has to."""

    code = "not_editable"


@dataclass(slots=True)
class Block:
    """One table of the file.

    Attributes:
        address: of the table; empty for the keys before the first header.
        lead: comment lines directly above the header.
        header: its line.
        body: the keys, up to the last.
        tail: blank and comment lines after them.
    """

    address: Address
    lead: str
    header: str
    body: str
    tail: str

    @property
    def text(self) -> str:
        """The block as it stands in the file."""
        return self.lead + self.header + self.body + self.tail


@dataclass(slots=True)
class Blocks:
    """A whole file."""

    blocks: list[Block] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The file's text."""
        return "".join(block.text for block in self.blocks)

    def find(self, address: Address) -> int | None:
        """Return the place of the block with this address, or None."""
        return next((n for n, block in enumerate(self.blocks) if block.address == address), None)

    def last_within(self, address: Address) -> int | None:
        """Return the place of the last block that stands at or below an address, or None."""
        found = [n for n, block in enumerate(self.blocks) if block.address[: len(address)] == address]
        return found[-1] if found else None

    def set_keys(self, address: Address, values: Mapping[str, object]) -> None:
        """Set or take away keys of one table; a nested table given as a value is merged key by key.

        Raises:
            NotEditable: the table is not written under a header of its own.
        """
        place = self.find(address)
        if place is None:
            raise NotEditable(f"tenban.toml: expected a header [[{_dotted(address)}]] to edit, found none")
        block = self.blocks[place]
        try:
            document = tomlkit.parse(block.body)
            _merge(document, values)
            block.body = document.as_string()
        except TOMLKitError as error:
            raise NotEditable(f"tenban.toml: {_dotted(address)} cannot be edited here: {error}") from error
        if block.body and not block.body.endswith("\n"):
            block.body += "\n"
        if block.header and not block.header.endswith("\n"):
            block.header += "\n"

    def remove(self, address: Address) -> None:
        """Take a table and all below it away, with the comments directly above their headers."""
        kept: list[Block] = []
        for block in self.blocks:
            if block.address[: len(address)] != address:
                kept.append(block)
            elif kept:
                # Comments that stand free below the table speak of something else.
                kept[-1].tail += _free_comments(block.tail)
        self.blocks = kept

    def insert(self, place: int, address: Address, header: str, values: Mapping[str, object]) -> None:
        """Put a new table in as the block with this place in the row."""
        document = tomlkit.document()
        for key, value in values.items():
            if value is not REMOVED:
                document[key] = _in_line(value, None)
        if place > 0:
            before = self.blocks[place - 1]
            if before.text and not before.text.endswith("\n"):
                before.tail += "\n"
            if before.text and not before.text.endswith("\n\n"):
                before.tail += "\n"
        tail = "\n" if place < len(self.blocks) else ""
        self.blocks.insert(place, Block(address, "", f"{header}\n", document.as_string(), tail))


def split(text: str) -> Blocks:
    """Return the blocks of a text that is valid TOML."""
    starts = [0, *_header_starts(text)]
    pieces = [text[start:end] for start, end in zip(starts, [*starts[1:], len(text)], strict=True)]
    counts: dict[Address, int] = {}
    blocks: list[Block] = []
    for number, piece in enumerate(pieces):
        lead = ""
        if number:
            # Comment lines directly above a header belong to it.
            blocks[-1].tail, lead = _cut_lead(blocks[-1].tail)
        header, rest = ("", piece) if number == 0 else _first_line(piece)
        body_end = _end_of_keys(rest)
        address = _address(header, counts) if number else ()
        blocks.append(Block(address, lead, header, rest[:body_end], rest[body_end:]))
    return Blocks(blocks)


def _merge(table: Any, values: Mapping[str, object]) -> None:
    for key, value in values.items():
        if value is REMOVED:
            if key in table:
                del table[key]
        elif isinstance(value, Mapping) and isinstance(table.get(key), dict):
            _merge(table[key], value)
        else:
            table[key] = _in_line(value, table.get(key))


def _in_line(value: object, known: object) -> object:
    """Return a value as it can stand in one table's body, with the comment of the one it replaces."""
    if not isinstance(value, list) or not any(isinstance(one, Mapping) for one in value):
        return value
    array = tomlkit.array()
    for one in value:
        table = tomlkit.inline_table()
        table.update(one)
        array.append(table)
    if isinstance(known, Array):
        array.trivia.comment_ws, array.trivia.comment = known.trivia.comment_ws, known.trivia.comment
    return array


def _header_starts(text: str) -> Iterator[int]:
    """Yield where the lines begin that are headers, and not a piece of a value."""
    at = depth = 0
    fresh = True  # nothing but blanks since the line began
    while at < len(text):
        sign = text[at]
        if sign == "#":
            at = _line_end(text, at)
            continue
        if sign in "\"'":
            at = _string_end(text, at)
            fresh = False
            continue
        if sign == "\n":
            fresh = True
        elif fresh and depth == 0 and sign == "[":
            yield text.rfind("\n", 0, at) + 1
            at = _line_end(text, at)
            continue
        elif sign not in " \t\r":
            fresh = False
            depth += (sign in "[{") - (sign in "]}")
        at += 1


def _string_end(text: str, at: int) -> int:
    quote = text[at]
    triple = quote * 3
    if text.startswith(triple, at):
        end = at + 3
        while not text.startswith(triple, end):
            end += 2 if text[end] == "\\" and quote == '"' else 1
        end += 3
        while text.startswith(quote, end):  # up to two quotes may stand before the closing three
            end += 1
        return end
    end = at + 1
    while text[end] != quote:
        end += 2 if text[end] == "\\" and quote == '"' else 1
    return end + 1


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def _first_line(text: str) -> tuple[str, str]:
    end = min(_line_end(text, 0) + 1, len(text))
    return text[:end], text[end:]


def _end_of_keys(text: str) -> int:
    """Return where the blank and comment lines after the last key begin."""
    lines = text.splitlines(keepends=True)
    end = len(text)
    # What looks like a comment line within a multi-line string or array is followed by its closing sign.
    while lines and (not lines[-1].strip() or lines[-1].lstrip().startswith("#")):
        end -= len(lines.pop())
    return end


def _cut_lead(tail: str) -> tuple[str, str]:
    lines = tail.splitlines(keepends=True)
    at = len(lines)
    while at and lines[at - 1].lstrip().startswith("#"):
        at -= 1
    return "".join(lines[:at]), "".join(lines[at:])


def _free_comments(tail: str) -> str:
    return tail if "#" in tail else ""


def _address(header: str, counts: dict[Address, int]) -> Address:
    names: list[str] = []
    inner: Any = tomllib.loads(header)
    is_array = False
    while inner:
        name, inner = next(iter(inner.items()))
        names.append(name)
        is_array = isinstance(inner, list)
        inner = inner[0] if is_array else inner
    address: Address = ()
    for name in names[:-1]:
        address += (name,)
        if address in counts:
            address += (counts[address] - 1,)
    address += (names[-1],)
    if not is_array:
        return address
    counts[address] = counts.get(address, 0) + 1
    address += (counts[address] - 1,)
    # A new element begins its own arrays from nothing; their addresses hold its number, so none can clash.
    return address


def _dotted(address: Address) -> str:
    return ".".join(str(part) for part in address if isinstance(part, str))
