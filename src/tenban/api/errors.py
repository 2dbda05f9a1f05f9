"""Errors as clients see them: ``{"error": {"code", "message"}}`` and a fitting status."""

from __future__ import annotations

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from tenban.access.model import OtherShop
from tenban.base import errors
from tenban.base.log import get_log

log = get_log(__name__)

_STATUS: dict[type[errors.TenbanError], int] = {
    errors.BadInput: 400,
    errors.NotSignedIn: 401,
    errors.Forbidden: 403,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.TooMany: 429,
    errors.TooLarge: 413,
    errors.Unavailable: 503,
}

_CODES = {
    404: "not_found",
    405: "method_not_allowed",
    408: "too_slow",
    413: "too_large",
    415: "wrong_media_type",
}


def answer(status: int, code: str, message: str, told: dict[str, str] | None = None) -> JSONResponse:
    """Return an error in the one shape; ``told`` is the sentence in ja and en, where there is one."""
    error: dict[str, object] = {"code": code, "message": message}
    if told is not None:
        error["told"] = told
    return JSONResponse({"error": error}, status_code=status)


def answer_to(error: errors.TenbanError | HTTPException) -> JSONResponse:
    """Return the answer to a request that was refused."""
    if isinstance(error, HTTPException):
        return answer(error.status_code, _CODES.get(error.status_code, "error"), str(error.detail))
    status = next((status for kind, status in _STATUS.items() if isinstance(error, kind)), 500)
    refused = answer(status, error.code, str(error), error.told)
    if status == 429:
        refused.headers["Retry-After"] = "1"
    return refused


def install(app: FastAPI) -> None:
    """Teach the application to answer errors in the one shape."""

    @app.exception_handler(errors.TenbanError)
    async def refused(request: Request, error: errors.TenbanError) -> JSONResponse:
        if isinstance(error, OtherShop):
            await request.app.state.here.write_down_refused(error)
        return answer_to(error)

    @app.exception_handler(RequestValidationError)
    async def misshapen(_request: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"] if part != "body") or "body"
        came = "nothing" if first["type"] == "missing" else repr(first.get("input"))[:80]
        return answer(400, "bad_input", f"{where}: {first['msg']}, got {came}")

    @app.exception_handler(HTTPException)
    async def other(_request: Request, error: HTTPException) -> JSONResponse:
        return answer_to(error)
