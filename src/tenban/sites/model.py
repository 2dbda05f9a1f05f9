"""Company, shops, groups, cameras, registers and their views: read once, never changed in place."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from ipaddress import IPv4Network, IPv6Network
from typing import Any, Literal, TypeAlias
from zoneinfo import ZoneInfo

from tenban.base.errors import NotFound
from tenban.sites.fisheye import Aim, Fisheye, Preset
from tenban.sites.reach import Reach
from tenban.sites.retention import DEFAULT_RETENTION, NO_NOTICE, Notice, Retention
from tenban.sites.signing_in import Oidc, SessionLimits, StepUp
from tenban.sites.zone import Zone

Polygon: TypeAlias = tuple[tuple[float, float], ...]
RegisterKind = Literal["self", "semi_self", "staffed"]
WHOLE: Polygon = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
"""All of a picture."""


ATTENDED = frozenset({"staffed", "semi_self"})
"""Kinds of registers whose screen staff look at."""


SUB = ".sub"
"""Behind a camera's id it names its smaller stream; no id of the file has a full stop."""


@dataclass(frozen=True, slots=True)
class Camera:
    """One camera; ``url`` may hold a password and is never logged or shown.

    Attributes:
        fisheye: its lens, of a camera that sees all around.
        preset: of a named view of such a camera; what it shows is recorded as the whole picture.
        owner: the id of that camera; empty for a camera itself.
        sealed: its shop's ``[shop.sealing] footage``.
        keep_days: its footage is destroyed after so many days, sooner than its shop's; None: with them.
        max_gb: its oldest footage goes when there are more than so many gigabytes (10^9) of it.
        sub: the address of its smaller stream, which is watched in place of the recorded one; empty: none.
    """

    id: str
    shop: str
    name: str
    url: str
    transport: Literal["tcp", "udp"] = "tcp"
    speed: Literal["real", "fast"] = "real"
    loop: bool = False
    record: bool = True
    fisheye: Fisheye | None = None
    preset: Preset | None = None
    owner: str = ""
    sealed: bool = False
    keep_days: int | None = None
    max_gb: float | None = None
    sub: str = ""

    @property
    def source(self) -> str:
        """The id of the camera that records: its own, or that of the fisheye camera it is a view of."""
        return self.owner or self.id

    @property
    def stream(self) -> str:
        """The id under which the recorder hands on the packets that are watched."""
        return f"{self.source}{SUB}" if self.sub and self.record else self.source

    @property
    def aim(self) -> Aim | None:
        """How its picture is turned; None: it is shown as it comes."""
        if self.fisheye is None or self.preset is None:
            return None
        return Aim(replace(self.fisheye, presets=()), self.preset.turn)

    def presets(self) -> tuple[Camera, ...]:
        """Return the named views of a fisheye camera, each as a camera of its own."""
        if self.fisheye is None:
            return ()
        return tuple(
            replace(self, id=preset.id, name=preset.name, preset=preset, owner=self.id)
            for preset in self.fisheye.presets
        )


@dataclass(frozen=True, slots=True)
class View:
    """What one camera shows of one register: its zones, and which detector looks."""

    camera: str
    zones: tuple[Zone, ...]
    detector: str = "motion"
    analysis_fps: float = 15.0


@dataclass(frozen=True, slots=True)
class Printer:
    """A receipt printer that takes ESC/POS over TCP; ``columns`` of half-width characters fit a line."""

    host: str
    port: int = 9100
    columns: int = 48


@dataclass(frozen=True, slots=True)
class Register:
    """One till. ``rules`` holds its settings that differ from the shop's; ``at`` is its column and row."""

    id: str
    shop: str
    name: str
    kind: RegisterKind
    group: str | None = None
    views: tuple[View, ...] = ()
    rules: dict[str, dict[str, Any]] = field(default_factory=dict)
    printer: Printer | None = None
    at: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Attendants who watch the same registers. ``pass_on_s`` is the shop's where it is None."""

    id: str
    name: str
    pass_on_s: float | None = None


@dataclass(frozen=True, slots=True)
class Masking:
    """How people are made unrecognisable (``[shop.masking]`` in ``tenban.toml``).

    Attributes:
        model: what finds people, as a detector is named (``onnx:…``); empty: nothing does.
        people: heads are blurred for whoever may not see what is blurred, in stills, clips and live.
    """

    model: str = ""
    people: bool = False


@dataclass(frozen=True, slots=True)
class Blurring:
    """What is blurred on a picture: fixed parts of it, and the heads of whoever a detector finds.

    Attributes:
        polygons: in 0–1 of the picture.
        model: what finds people; empty: nobody is looked for.
    """

    polygons: tuple[Polygon, ...] = ()
    model: str = ""

    def __bool__(self) -> bool:
        return bool(self.polygons) or bool(self.model)


NOTHING_BLURRED = Blurring()


@dataclass(frozen=True, slots=True)
class Shop:
    """One store. Times are shown in its zone, money in its currency.

    Attributes:
        pass_on_s: an incident that nobody answers for this long goes on to the supervisors; 0: never.
        retention: how long what is kept.
        sealed_footage: footage is sealed, as stills and clips are.
        masking: how people are made unrecognisable.
        notice: what is published about its cameras.
        area: the part of the company it belongs to, by name; people of an area touch its shops only.
    """

    id: str
    name: str
    timezone: ZoneInfo
    currency: str
    groups: tuple[Group, ...]
    cameras: tuple[Camera, ...]
    registers: tuple[Register, ...]
    pass_on_s: float = 60.0
    retention: Retention = DEFAULT_RETENTION
    notice: Notice = NO_NOTICE
    area: str | None = None
    sealed_footage: bool = False
    masking: Masking = Masking()

    def pass_on_ms(self, group_id: str | None) -> int | None:
        """Return how long an incident of a group may stay unanswered; None: for ever."""
        own = next((group.pass_on_s for group in self.groups if group.id == group_id), None)
        length_s = self.pass_on_s if own is None else own
        return round(length_s * 1000) if length_s > 0 else None


@dataclass(frozen=True, slots=True)
class Broker:
    """The MQTT broker where lamps listen that are no tills.

    Attributes:
        on: whether Tenban connects to it.
        tls: by TLS, with a certificate for its host's name.
        ca_file: whose certificates are believed, in PEM, an absolute path; None: those this machine believes.
    """

    host: str
    port: int = 1883
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    on: bool = True
    tls: bool = False
    ca_file: str | None = None


@dataclass(frozen=True, slots=True)
class Trying:
    """Limits of the videos that people bring to ``/try`` (``[try]`` in ``tenban.toml``).

    Attributes:
        max_mb: megabytes of one file.
        max_s: seconds of one video.
        max_width: pixels of its longer side.
        max_height: pixels of its shorter side.
        per_person: how many one person may keep at a time.
        keep_h: hours until a try is deleted by itself.
        memory_mb: what decoding and counting may use.
    """

    max_mb: int = 200
    max_s: int = 300
    max_width: int = 3840
    max_height: int = 2160
    per_person: int = 5
    keep_h: float = 24.0
    memory_mb: int = 3000


@dataclass(frozen=True, slots=True)
class Network:
    """What this server may reach and whom it believes (``[network]`` in ``tenban.toml``).

    Attributes:
        allow: addresses, networks and host names that are reached although they are refused otherwise.
        trusted_proxies: reverse proxies whose ``X-Forwarded-For`` and ``X-Forwarded-Proto`` are believed.
    """

    allow: tuple[str, ...] = ()
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = ()


@dataclass(frozen=True, slots=True)
class Stamping:
    """Who says besides us until when the audit log was there (``[audit]`` in ``tenban.toml``).

    Attributes:
        url: of a time-stamping authority (RFC 3161).
        certificates: files with certificates of whom to trust; from the folder of ``tenban.toml``.
    """

    url: str
    certificates: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sites:
    """Everything ``tenban.toml`` describes.

    Attributes:
        rules: settings of rules for all shops: rule → key → value, checked by the rules themselves.
        mqtt: where lamps that are no tills listen, as the file says it; None: not said.
        trying: limits of the videos that people bring.
        step_up: what asks for the PIN or password once more.
        sessions: how long people stay signed in, by role, where it is not the default.
        network: what may be reached, and whom to believe.
        oidc: the company's own identity provider; None: there is none.
        stamping: who stamps the audit log's seals; None: nobody.
    """

    company: str
    shops: tuple[Shop, ...]
    rules: dict[str, dict[str, Any]] = field(default_factory=dict)
    mqtt: Broker | None = None
    trying: Trying = Trying()
    sessions: dict[str, SessionLimits] = field(default_factory=dict)
    step_up: StepUp = field(default_factory=StepUp)
    network: Network = Network()
    oidc: Oidc | None = None
    stamping: Stamping | None = None

    @property
    def broker(self) -> Broker | None:
        """The broker to connect to; None: no MQTT."""
        return self.mqtt if self.mqtt is not None and self.mqtt.on else None

    @property
    def camera_reach(self) -> Reach:
        """Where cameras may be."""
        return Reach("camera", self.network.allow)

    @property
    def webhook_reach(self) -> Reach:
        """Where receivers of webhooks may be."""
        return Reach("webhook", self.network.allow)

    @property
    def provider_reach(self) -> Reach:
        """Where the identity provider may be."""
        return Reach("identity provider", self.network.allow)

    @property
    def broker_reach(self) -> Reach:
        """Where the broker of the lamps may be."""
        return Reach("broker", self.network.allow)

    @property
    def printer_reach(self) -> Reach:
        """Where receipt printers may be."""
        return Reach("printer", self.network.allow)

    @property
    def authority_reach(self) -> Reach:
        """Where a time-stamping authority may be."""
        return Reach("time-stamping authority", self.network.allow)

    def shop(self, shop_id: str) -> Shop:
        """Return a shop, or raise NotFound."""
        for shop in self.shops:
            if shop.id == shop_id:
                return shop
        raise NotFound(f"there is no shop {shop_id!r}")

    def register(self, register_id: str) -> Register:
        """Return a register, or raise NotFound."""
        for register in self.registers:
            if register.id == register_id:
                return register
        raise NotFound(f"there is no register {register_id!r}")

    def camera(self, camera_id: str) -> Camera:
        """Return a camera, or a named view of a fisheye camera; raises NotFound."""
        for camera in self.cameras:
            if camera.id == camera_id:
                return camera
            for view in camera.presets():
                if view.id == camera_id:
                    return view
        raise NotFound(f"there is no camera {camera_id!r}")

    def masks(self, *cameras: str) -> tuple[Polygon, ...]:
        """Return what is blurred on these cameras' pictures, whichever register's view it was drawn in.

        A zone drawn on a named view of a fisheye camera lies somewhere on the whole picture, and one drawn on
        that somewhere in the view: then all of it is blurred.
        """
        beside = {camera: self._beside(camera) for camera in cameras}
        found = []
        for register in self.registers:
            for view in register.views:
                masks = [zone.polygon for zone in view.zones if zone.role == "mask"]
                for camera in cameras if masks else ():
                    if camera == view.camera:
                        found += masks
                    elif view.camera in beside[camera]:
                        found.append(WHOLE)
        return tuple(dict.fromkeys(found))

    def blurring(self, *cameras: str) -> Blurring:
        """Return what is blurred on these cameras' pictures for whoever may not see all of them."""
        models = [
            shop.masking.model
            for shop in self.shops
            if shop.masking.people
            and any(one.id in cameras for camera in shop.cameras for one in (camera, *camera.presets()))
        ]
        return Blurring(self.masks(*cameras), models[0] if models else "")

    def _beside(self, camera_id: str) -> set[str]:
        """Return the named views of a whole picture, or the whole picture of a named view."""
        for camera in self.cameras:
            views = {view.id for view in camera.presets()}
            if camera.id == camera_id:
                return views
            if camera_id in views:
                return {camera.id}
        return set()

    def seen_by(self, *cameras: str) -> tuple[str, ...]:
        """Return the registers that any of these cameras looks at, or may look at when it is turned."""
        owners = {view.id: view.source for camera in self.cameras for view in camera.presets()}
        sources = {owners.get(camera, camera) for camera in cameras}
        return tuple(
            register.id
            for register in self.registers
            if any(owners.get(view.camera, view.camera) in sources for view in register.views)
        )

    def seen_with(self, register_id: str) -> tuple[str, ...]:
        """Return a register, and those that are on the pictures of its cameras besides."""
        found = [one for one in self.registers if one.id == register_id]
        beside = self.seen_by(*(view.camera for one in found for view in one.views))
        return tuple(dict.fromkeys([register_id, *beside]))

    @property
    def areas(self) -> dict[str, frozenset[str]]:
        """The shops of each area, by the area's name."""
        named = {shop.area for shop in self.shops if shop.area is not None}
        return {
            area: frozenset(shop.id for shop in self.shops if shop.area == area) for area in sorted(named)
        }

    @property
    def registers(self) -> tuple[Register, ...]:
        """All registers of all shops."""
        return tuple(register for shop in self.shops for register in shop.registers)

    @property
    def cameras(self) -> tuple[Camera, ...]:
        """All cameras of all shops."""
        return tuple(camera for shop in self.shops for camera in shop.cameras)
