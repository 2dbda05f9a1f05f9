"""Reading ``tenban.toml``: every mistake is told with file, key, what was expected and what came."""

from __future__ import annotations

import tomllib
from collections import Counter
from functools import cache
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, Field, ValidationError

from tenban.base.errors import BadInput
from tenban.sites.lens import FisheyePart, checked_fisheye
from tenban.sites.model import (
    Broker,
    Camera,
    Group,
    Masking,
    Network,
    Printer,
    Register,
    Shop,
    Sites,
    Stamping,
    Trying,
    View,
)
from tenban.sites.parts import Id, Name, Part, RoleName
from tenban.sites.provider import OidcPart, checked_oidc
from tenban.sites.retention import LIMITS, Kept, Notice, Retention
from tenban.sites.signing_in import SessionLimits, StepUp
from tenban.sites.zone import Zone

_Cell = Annotated[int, Field(ge=1, le=24)]
_PassOn = Annotated[float, Field(ge=0, le=3600, strict=False)]


HOST_PATTERN = r"^[^\s/@]+$"
ALLOW_PATTERN = r"^[^\s@?#]{1,255}$"
"""An address, a network such as ``10.0.0.0/8``, or a host name."""


def _network(text: str) -> str:
    try:
        ip_network(text, strict=False)
    except ValueError as error:
        raise ValueError("an address or a network such as 10.0.0.0/24") from error
    return text


class _Company(Part):
    name: Name


class _Zone(Part):
    role: str
    polygon: list[list[float]]


class _View(Part):
    camera: Id
    zone: list[_Zone] = []
    detector: str = "motion"
    analysis_fps: Annotated[float, Field(gt=0, le=60, strict=False)] = 15.0


class _Printer(Part):
    host: Annotated[str, Field(min_length=1, max_length=255)]
    port: Annotated[int, Field(ge=1, le=65535)] = 9100
    columns: Annotated[int, Field(ge=24, le=64)] = 48


class _Register(Part):
    id: Id
    name: Name
    kind: Literal["self", "semi_self", "staffed"]
    group: Id | None = None
    view: list[_View] = []
    printer: _Printer | None = None
    rules: dict[str, dict[str, Any]] = {}
    at: Annotated[list[_Cell], Field(min_length=2, max_length=2)] | None = None


class _Camera(Part):
    id: Id
    name: Name
    url: Annotated[str, Field(min_length=1, max_length=2000)]
    transport: Literal["tcp", "udp"] = "tcp"
    speed: Literal["real", "fast"] = "real"
    loop: bool = False
    record: bool = True
    keep_days: Annotated[int, Field(ge=1, le=LIMITS["footage"].most)] | None = None
    max_gb: Annotated[float, Field(ge=0.1, le=1_000_000, strict=False)] | None = None
    fisheye: FisheyePart | None = None
    sub: Annotated[str, Field(pattern=r"^(rtsps?|https?|srt|udp|tcp)://.", max_length=2000)] | None = None


class _Group(Part):
    id: Id
    name: Name
    pass_on_s: _PassOn | None = None


def _days(kind: Kept) -> Any:
    limit = LIMITS[kind]
    return Field(default=limit.default, ge=limit.least, le=limit.most)


class _Retention(Part):
    footage: int = _days("footage")
    sale_stills: int = _days("sale_stills")
    pictures: int = _days("pictures")
    incidents: int = _days("incidents")
    sales: int = _days("sales")
    sessions: int = _days("sessions")


class _Notice(Part):
    on: bool = False
    responsible: Annotated[str, Field(max_length=300)] = ""
    contact: Annotated[str, Field(max_length=300)] = ""
    purposes: Annotated[
        list[Literal["loss_prevention", "safety", "register_support"]], Field(min_length=1)
    ] = ["loss_prevention", "safety", "register_support"]
    extra: Annotated[str, Field(max_length=500)] = ""


class _Sealing(Part):
    footage: bool = False


class _Masking(Part):
    model: Annotated[str, Field(max_length=1000, pattern=r"^(onnx:.+)?$")] = ""
    people: bool = False


class _Shop(Part):
    id: Id
    name: Name
    timezone: str = "Asia/Tokyo"
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "JPY"
    pass_on_s: _PassOn = 60.0
    area: Name | None = None
    group: list[_Group] = []
    camera: list[_Camera] = []
    register_: Annotated[list[_Register], Field(alias="register")] = []
    retention: _Retention = _Retention()
    sealing: _Sealing = _Sealing()
    masking: _Masking = _Masking()
    notice: _Notice = _Notice()


class _Mqtt(Part):
    on: bool = True
    host: Annotated[str, Field(min_length=1, max_length=255, pattern=HOST_PATTERN)]
    port: Annotated[int, Field(ge=1, le=65535)] | None = None
    username: str | None = None
    password: str | None = None
    tls: bool = False
    ca_file: Annotated[str, Field(pattern=r"^/", max_length=500)] | None = None


_MQTT, _MQTTS = 1883, 8883


class _Try(Part):
    max_mb: Annotated[int, Field(ge=1, le=4000)] = 200
    max_s: Annotated[int, Field(ge=1, le=3600)] = 300
    max_width: Annotated[int, Field(ge=64, le=8192)] = 3840
    max_height: Annotated[int, Field(ge=64, le=8192)] = 2160
    per_person: Annotated[int, Field(ge=1, le=100)] = 5
    keep_h: Annotated[float, Field(ge=0.1, le=24 * 31, strict=False)] = 24.0
    memory_mb: Annotated[int, Field(ge=500, le=64_000)] = 3000


class _Limits(Part):
    idle_min: Annotated[float, Field(ge=1, le=24 * 60, strict=False)]
    absolute_h: Annotated[float, Field(ge=0.1, le=24 * 31, strict=False)]


class _StepUp(Part):
    people: bool = True
    audit: bool = True
    keeping: bool = True
    evidence: bool = True
    settings: bool = False
    rules: bool = False
    pictures: bool = True
    minutes: Annotated[float, Field(ge=1, le=60, strict=False)] = 5.0
    switch_h: Annotated[float, Field(ge=0, le=24, strict=False)] = 12.0
    app_roles: list[RoleName] = []


class _Network(Part):
    allow: Annotated[list[Annotated[str, Field(pattern=ALLOW_PATTERN)]], Field(max_length=100)] = []
    trusted_proxies: Annotated[list[Annotated[str, AfterValidator(_network)]], Field(max_length=100)] = []


class _Audit(Part):
    timestamp_url: Annotated[str, Field(pattern=r"^https?://[^\s@]{1,500}$")] | None = None
    timestamp_certificates: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=500)]], Field(max_length=20)
    ] = []


class _File(Part):
    company: _Company
    shop: Annotated[list[_Shop], Field(min_length=1)]
    rules: dict[str, dict[str, Any]] = {}
    mqtt: _Mqtt | None = None
    try_: Annotated[_Try, Field(alias="try")] = _Try()
    sessions: dict[RoleName, _Limits] = {}
    step_up: _StepUp = _StepUp()
    network: _Network = _Network()
    oidc: OidcPart | None = None
    audit: _Audit = _Audit()


class ConfigMistakes(BadInput):
    """All mistakes of one configuration file.

    Attributes:
        mistakes: one BadInput each, in the file's order.
    """

    def __init__(self, path: Path, mistakes: list[BadInput]) -> None:
        first = mistakes[0]
        super().__init__(first.where, expected=first.expected, came=first.came)
        self.mistakes = mistakes
        self.path = path
        self.args = ("\n".join(str(mistake) for mistake in mistakes),)


def load_sites(path: Path) -> Sites:
    """Read a configuration file.

    Raises:
        BadInput: the file cannot be read or is no TOML.
        ConfigMistakes: it can, and something in it is wrong.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise BadInput(str(path), expected="a configuration file", came="no such file") from error
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(str(path), expected="a readable UTF-8 file", came=error) from error
    except tomllib.TOMLDecodeError as error:
        raise BadInput(str(path), expected="TOML", came=error) from error
    return parse_sites(document, path)


def parse_sites(document: dict[str, Any], path: Path) -> Sites:
    """Check a document and return the sites it describes; raises ConfigMistakes."""
    try:
        file = _File.model_validate(document)
    except ValidationError as error:
        raise ConfigMistakes(path, [_mistake(path, one) for one in error.errors()]) from error
    mistakes: list[BadInput] = []
    shops = tuple(_shop(shop, f"{path}: shop[{n}]", mistakes) for n, shop in enumerate(file.shop))
    mqtt = _broker(file.mqtt) if file.mqtt else None
    network = Network(
        tuple(file.network.allow),
        tuple(ip_network(one, strict=False) for one in file.network.trusted_proxies),
    )
    sites = Sites(
        file.company.name,
        shops,
        file.rules,
        mqtt,
        Trying(**file.try_.model_dump()),
        sessions={role: SessionLimits(**one.model_dump()) for role, one in file.sessions.items()},
        step_up=StepUp(
            **file.step_up.model_dump(exclude={"app_roles"}), app_roles=frozenset(file.step_up.app_roles)
        ),
        network=network,
        oidc=None
        if file.oidc is None
        else checked_oidc(file.oidc, f"{path}: oidc", shops, network, mistakes),
        stamping=_stamping(file.audit, path, mistakes),
    )
    _check_unique(sites, path, mistakes)
    if mistakes:
        raise ConfigMistakes(path, mistakes)
    return sites


@cache
def _timezones() -> frozenset[str]:
    # Asking reads a folder of six hundred files, and every shop has a zone.
    return frozenset(available_timezones())


def _shop(shop: _Shop, where: str, mistakes: list[BadInput]) -> Shop:
    if shop.timezone not in _timezones():
        mistakes.append(
            BadInput(
                f"{where}.timezone", expected="an IANA zone such as Asia/Tokyo", came=repr(shop.timezone)
            )
        )
    zone = ZoneInfo(shop.timezone if shop.timezone in _timezones() else "UTC")
    groups = {group.id for group in shop.group}
    cameras = {one.id for one in shop.camera} | {
        view.id for one in shop.camera if one.fisheye for view in one.fisheye.view
    }
    registers = []
    for n, register in enumerate(shop.register_):
        place = f"{where}.register[{n}]"
        if register.group is not None and register.group not in groups:
            mistakes.append(_unknown(f"{place}.group", "group", groups, register.group))
        views = []
        for m, view in enumerate(register.view):
            if view.camera not in cameras:
                mistakes.append(_unknown(f"{place}.view[{m}].camera", "camera", cameras, view.camera))
            zones = []
            for k, drawn in enumerate(view.zone):
                try:
                    zones.append(
                        Zone.checked(drawn.role, drawn.polygon, where=f"{place}.view[{m}].zone[{k}]")
                    )
                except BadInput as mistake:
                    mistakes.append(mistake)
            views.append(View(view.camera, tuple(zones), view.detector, view.analysis_fps))
        registers.append(
            Register(
                register.id,
                shop.id,
                register.name,
                register.kind,
                register.group,
                tuple(views),
                register.rules,
                Printer(**register.printer.model_dump()) if register.printer else None,
                at=None if register.at is None else (register.at[0], register.at[1]),
            )
        )
    for cell, names in _by_cell(registers).items():
        if len(names) > 1:
            came = f"[{cell[0]}, {cell[1]}] for {' and '.join(names)}"
            mistakes.append(BadInput(f"{where}.register.at", expected="one register per cell", came=came))
    return Shop(
        shop.id,
        shop.name,
        zone,
        shop.currency,
        tuple(Group(group.id, group.name, group.pass_on_s) for group in shop.group),
        tuple(
            Camera(
                c.id,
                shop.id,
                c.name,
                c.url,
                c.transport,
                c.speed,
                c.loop,
                c.record,
                checked_fisheye(c.fisheye, f"{where}.camera[{n}].fisheye", mistakes),
                sub=_sub(c, f"{where}.camera[{n}].sub", mistakes),
                sealed=shop.sealing.footage,
                keep_days=_keep_days(c, shop.retention, f"{where}.camera[{n}]", mistakes),
                max_gb=c.max_gb,
            )
            for n, c in enumerate(shop.camera)
        ),
        tuple(registers),
        pass_on_s=shop.pass_on_s,
        area=shop.area,
        retention=_retention(shop.retention, where, mistakes),
        notice=_notice(shop.notice, where, mistakes),
        sealed_footage=shop.sealing.footage,
        masking=_masking(shop.masking, where, mistakes),
    )


def _keep_days(camera: _Camera, retention: _Retention, where: str, mistakes: list[BadInput]) -> int | None:
    if camera.keep_days is not None and camera.keep_days > retention.footage:
        # The notice at the door names the shop's period: no camera may keep longer.
        expected = f"at most {retention.footage}, as long as the shop keeps footage"
        mistakes.append(BadInput(f"{where}.keep_days", expected=expected, came=camera.keep_days))
    return camera.keep_days


def _broker(mqtt: _Mqtt) -> Broker:
    port = mqtt.port or (_MQTTS if mqtt.tls else _MQTT)
    return Broker(**{**mqtt.model_dump(), "port": port})


def _stamping(audit: _Audit, path: Path, mistakes: list[BadInput]) -> Stamping | None:
    if audit.timestamp_url is None:
        return None
    if not audit.timestamp_certificates:
        expected = "a file with the authority's certificate: what nobody can check proves nothing"
        mistakes.append(BadInput(f"{path}: audit.timestamp_certificates", expected=expected, came="none"))
    return Stamping(audit.timestamp_url, tuple(audit.timestamp_certificates))


def _sub(camera: _Camera, where: str, mistakes: list[BadInput]) -> str:
    if camera.sub is not None and camera.fisheye is not None:
        mistakes.append(BadInput(where, expected="none for a fisheye camera", came="a stream"))
    return camera.sub or ""


def _retention(retention: _Retention, where: str, mistakes: list[BadInput]) -> Retention:
    found = Retention(**retention.model_dump())
    if found.pictures > found.incidents:
        expected = f"at most {found.incidents}, as long as the incidents they belong to"
        mistakes.append(BadInput(f"{where}.retention.pictures", expected=expected, came=found.pictures))
    return found


def _masking(masking: _Masking, where: str, mistakes: list[BadInput]) -> Masking:
    if masking.people and not masking.model:
        expected = "what finds people, such as onnx:models/people.onnx, since people is switched on"
        mistakes.append(BadInput(f"{where}.masking.model", expected=expected, came="nothing"))
    return Masking(masking.model, masking.people)


def _notice(notice: _Notice, where: str, mistakes: list[BadInput]) -> Notice:
    for key in ("responsible", "contact"):
        if notice.on and not getattr(notice, key).strip():
            expected = "whom to ask, since the notice is switched on"
            mistakes.append(BadInput(f"{where}.notice.{key}", expected=expected, came="nothing"))
    return Notice(
        notice.on,
        notice.responsible.strip(),
        notice.contact.strip(),
        tuple(notice.purposes),
        notice.extra.strip(),
    )


def _by_cell(registers: list[Register]) -> dict[tuple[int, int], list[str]]:
    cells: dict[tuple[int, int], list[str]] = {}
    for register in registers:
        if register.at is not None:
            cells.setdefault(register.at, []).append(register.id)
    return cells


def _check_unique(sites: Sites, path: Path, mistakes: list[BadInput]) -> None:
    kinds: dict[str, list[str]] = {
        "shop": [shop.id for shop in sites.shops],
        "camera": [one.id for camera in sites.cameras for one in (camera, *camera.presets())],
        "register": [register.id for register in sites.registers],
    }
    for kind, ids in kinds.items():
        repeated = sorted(one for one, times in Counter(ids).items() if times > 1)
        mistakes.extend(
            BadInput(f"{path}: {kind}.id", expected=f"every {kind} to have its own id", came=f"{one!r} twice")
            for one in repeated
        )


def _unknown(where: str, kind: str, known: set[str], came: str) -> BadInput:
    names = ", ".join(sorted(known)) or "none is described"
    return BadInput(where, expected=f"the id of a {kind} of this shop ({names})", came=repr(came))


def _mistake(path: Path, error: Any) -> BadInput:
    key = ""
    for part in error["loc"]:
        key += f"[{part}]" if isinstance(part, int) else f".{part}"
    came = "nothing" if error["type"] == "missing" else repr(error["input"])[:120]
    if {*error["loc"][-1:]} & {"password", "client_secret", "sub"} and error["type"] != "missing":
        came = "something else"  # logs and pages hold no secrets, be they misspelt
    expected = {
        "missing": "a value",
        "extra_forbidden": "no such key (is it misspelt?)",
    }.get(error["type"], str(error["msg"]).removeprefix("Input should be ").removeprefix("Value should be "))
    return BadInput(f"{path}: {key.lstrip('.')}", expected=expected, came=came)
