"""Static files: read once, served from memory under the hash of all of them, so that browsers keep them.

One hash for the whole tree, in the path rather than per file, lets modules import each other by relative
path and never mixes two versions.
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

_FOREVER = "public, max-age=31536000, immutable"
_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class StaticFile:
    """One file, plain and packed."""

    content: bytes
    packed: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class StaticTree:
    """All static files and the hash they are served under."""

    version: str
    by_path: dict[str, StaticFile]

    def url(self, path: str) -> str:
        """Return the address of a file.

        Raises:
            KeyError: there is no such file; a template that names it is wrong.
        """
        self.by_path[path]  # a wrong name fails here, not in somebody's browser
        return f"/static/{self.version}/{path}"


@cache
def static_tree() -> StaticTree:
    """Read every file under ``static/``."""
    by_path: dict[str, StaticFile] = {}
    digest = hashlib.sha256()
    for path, file in sorted(_walk(files("tenban.web").joinpath("static"), "")):
        content = file.read_bytes()
        digest.update(path.encode() + b"\0" + hashlib.sha256(content).digest())
        suffix = path[path.rfind(".") :]
        media_type = _TYPES.get(suffix) or mimetypes.guess_type(path)[0] or "application/octet-stream"
        by_path[path] = StaticFile(content, gzip.compress(content, 6, mtime=0), media_type)
    return StaticTree(digest.hexdigest()[:12], by_path)


def _walk(folder: Traversable, prefix: str) -> list[tuple[str, Traversable]]:
    found: list[tuple[str, Traversable]] = []
    for entry in folder.iterdir():
        if entry.is_dir():
            found += _walk(entry, f"{prefix}{entry.name}/")
        else:
            found.append((prefix + entry.name, entry))
    return found


async def serve_static(request: Request) -> Response:
    """Answer with one file; a file of another version is not found rather than mixed in."""
    tree = static_tree()
    file = tree.by_path.get(request.path_params["path"])
    if file is None or request.path_params["version"] != tree.version:
        return PlainTextResponse("not found", status_code=404)
    headers = {"Cache-Control": _FOREVER, "Vary": "Accept-Encoding"}
    content = file.content
    if "gzip" in request.headers.get("accept-encoding", "") and len(file.packed) < len(content):
        content = file.packed
        headers["Content-Encoding"] = "gzip"
    return Response(content, media_type=file.media_type, headers=headers)
