"""What differs between two states of the configuration, and what has to start anew because of it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal
from urllib.parse import urlsplit

from tenban.findings.settings import renamed
from tenban.settings.model import Difference
from tenban.sites.address import shown
from tenban.sites.fisheye import Aim
from tenban.sites.model import Broker, Camera, Register, Shop, Sites, View
from tenban.sites.signing_in import Oidc, StepUp


@dataclass(frozen=True, slots=True)
class Watched:
    """One view of one register, how the camera's picture is turned for it, and which stream it comes from."""

    register: str
    view: View
    aim: Aim | None
    stream: str


@dataclass(frozen=True, slots=True)
class Effect:
    """Something that starts anew when a change is applied; whatever is not named goes on.

    Attributes:
        what: ``recording`` of a camera, or ``watching`` of a register.
        id: of the camera or register.
        name: as screens call it.
    """

    what: Literal["recording", "watching"]
    id: str
    name: str


def differences(old: Sites, new: Sites) -> list[Difference]:
    """Return what differs, in the order of the file."""
    found: list[Difference] = []
    if old.company != new.company:
        found.append(Difference("company.name", {"old": old.company, "new": new.company}))
    if old.mqtt != new.mqtt:
        found += list(_mqtt(old.mqtt, new.mqtt)) or [Difference("mqtt")]
    found += _signing_in(old, new)
    if old.network != new.network:
        found.append(Difference("network"))
    if old.stamping != new.stamping:
        found.append(Difference("audit"))
    before = {shop.id: shop for shop in old.shops}
    after = {shop.id: shop for shop in new.shops}
    for shop_id in [*before, *(one for one in after if one not in before)]:
        if shop_id not in after:
            found.append(Difference("shop.removed", {"name": before[shop_id].name}, shop_id))
        elif shop_id not in before:
            found.append(Difference("shop.added", {"name": after[shop_id].name}, shop_id))
            found += _shop(_nothing_of(after[shop_id]), after[shop_id])
        else:
            found += _shop(before[shop_id], after[shop_id])
    found += [Difference("rules.shared", values) for values in _rules(old.rules, new.rules)]
    return found


def effects(old: Sites, new: Sites) -> list[Effect]:
    """Return what starts anew."""
    return [*_recordings(old, new), *_watchings(old, new)]


def record_key(camera: Camera) -> tuple[object, ...]:
    """Return all that its recording depends on."""
    return (camera.url, camera.transport, camera.speed, camera.loop, camera.sealed, camera.sound)


def views_of(sites: Sites, camera: str) -> tuple[Watched, ...]:
    """Return the views of a camera, and of its named views: all that its watching depends on."""
    return tuple(_watched(sites).get(camera, ()))


def watched_cameras(sites: Sites) -> list[str]:
    """Return the cameras that some view looks through, in the order of the file."""
    return list(_watched(sites))


def _mqtt(old: Broker | None, new: Broker | None) -> Iterator[Difference]:
    was_on, is_on = old is not None and old.on, new is not None and new.on
    if is_on and not was_on and new is not None:
        yield Difference("mqtt.on", {"address": f"{new.host}:{new.port}"})
    elif was_on and not is_on:
        yield Difference("mqtt.off")
    if old is None or new is None:
        return
    if (old.host, old.port) != (new.host, new.port):
        values = {"old": f"{old.host}:{old.port}", "new": f"{new.host}:{new.port}"}
        yield Difference("mqtt.address", values)
    if old.username != new.username:
        yield Difference("mqtt.user", {"old": old.username, "new": new.username})
    if old.password != new.password:
        yield Difference("mqtt.password")


def _signing_in(old: Sites, new: Sites) -> Iterator[Difference]:
    for one in fields(StepUp):
        was, now = getattr(old.step_up, one.name), getattr(new.step_up, one.name)
        if was != now:
            values = {"old": was, "new": now}
            if isinstance(now, frozenset):
                values = {"old": sorted(was), "new": sorted(now)}
            yield Difference(f"step_up.{one.name}", values)
    for role in [*old.sessions, *(one for one in new.sessions if one not in old.sessions)]:
        limits = new.sessions.get(role)
        if limits is None:
            yield Difference("sessions.default", {"role": role})
        elif limits != old.sessions.get(role):
            values = {"role": role, "idle_min": limits.idle_min, "absolute_h": limits.absolute_h}
            yield Difference("sessions.limits", values)
    if old.oidc != new.oidc:
        yield from _oidc(old.oidc, new.oidc)


def _oidc(old: Oidc | None, new: Oidc | None) -> Iterator[Difference]:
    if new is None:
        yield Difference("oidc.off")
        return
    if old is None:
        yield Difference("oidc.on", {"issuer": new.issuer})
        if new.only:
            yield Difference("oidc.only", {"old": False, "new": True})
        return
    told = {"issuer", "client_secret", "only"}
    for name in sorted(told):
        was, now = getattr(old, name), getattr(new, name)
        if was != now:
            yield Difference(f"oidc.{name}", {} if name == "client_secret" else {"old": was, "new": now})
    if any(getattr(old, one.name) != getattr(new, one.name) for one in fields(Oidc) if one.name not in told):
        yield Difference("oidc.rest")


def _recordings(old: Sites, new: Sites) -> Iterator[Effect]:
    before = {camera.id: camera for camera in old.cameras if camera.record}
    after = {camera.id: camera for camera in new.cameras if camera.record}
    for camera_id in [*before, *(one for one in after if one not in before)]:
        one, other = before.get(camera_id), after.get(camera_id)
        if one is None or other is None or record_key(one) != record_key(other):
            named = other or one
            assert named is not None  # noqa: S101  # it is in one of the two
            yield Effect("recording", camera_id, named.name)


def _watchings(old: Sites, new: Sites) -> Iterator[Effect]:
    before, after = _watched(old), _watched(new)
    changed = {camera for camera in before.keys() | after.keys() if before.get(camera) != after.get(camera)}
    concerned = {
        one.register for camera in changed for one in (*before.get(camera, ()), *after.get(camera, ()))
    }
    told: set[str] = set()
    for sites in (new, old):
        for register in sites.registers:
            if register.id not in told and register.id in concerned:
                told.add(register.id)
                yield Effect("watching", register.id, register.name)


def _watched(sites: Sites) -> dict[str, list[Watched]]:
    """Return what is watched, by the camera whose packets are decoded for it."""
    cameras = {one.id: one for camera in sites.cameras for one in (camera, *camera.presets())}
    found: dict[str, list[Watched]] = {}
    for register in sites.registers:
        for view in register.views:
            camera = cameras[view.camera]
            found.setdefault(camera.source, []).append(Watched(register.id, view, camera.aim, camera.stream))
    return found


def _nothing_of(shop: Shop) -> Shop:
    return Shop(shop.id, shop.name, shop.timezone, shop.currency, (), (), (), area=shop.area)


def _shop(old: Shop, new: Shop) -> Iterator[Difference]:
    for key, one, other in (
        ("name", old.name, new.name),
        ("timezone", old.timezone.key, new.timezone.key),
        ("currency", old.currency, new.currency),
        ("area", old.area or "–", new.area or "–"),
    ):
        if one != other:
            yield Difference(f"shop.{key}", {"name": new.name, "old": one, "new": other}, new.id)
    yield from _keeping(old, new)
    groups = {group.id: group.name for group in old.groups}, {group.id: group.name for group in new.groups}
    for group_id in [*groups[0], *(one for one in groups[1] if one not in groups[0])]:
        one_name, other_name = groups[0].get(group_id), groups[1].get(group_id)
        if other_name is None:
            yield Difference("group.removed", {"name": one_name}, new.id)
        elif one_name is None:
            yield Difference("group.added", {"name": other_name}, new.id)
        elif one_name != other_name:
            yield Difference("group.name", {"old": one_name, "new": other_name}, new.id)
    yield from _cameras(old, new)
    yield from _registers(old, new)


def _keeping(old: Shop, new: Shop) -> Iterator[Difference]:
    """What is kept, how long and how, and what is said of it."""
    for kind, days in new.retention.as_dict().items():
        before = old.retention.as_dict()[kind]
        if before != days:
            values = {"name": new.name, "kind": kind, "old": before, "new": days}
            yield Difference("retention", values, new.id)
    if old.sealed_footage != new.sealed_footage:
        yield Difference(f"sealing.{'on' if new.sealed_footage else 'off'}", {"name": new.name}, new.id)
    if old.notice != new.notice:
        state = (old.notice.on, new.notice.on)
        key = {(False, True): "notice.on", (True, False): "notice.off"}.get(state, "notice")
        yield Difference(key, {"name": new.name}, new.id)


def _cameras(old: Shop, new: Shop) -> Iterator[Difference]:
    before = {camera.id: camera for camera in old.cameras}
    after = {camera.id: camera for camera in new.cameras}
    for camera_id in [*before, *(one for one in after if one not in before)]:
        if camera_id not in after:
            yield Difference("camera.removed", {"name": before[camera_id].name}, new.id)
        elif camera_id not in before:
            camera = after[camera_id]
            values = {"name": camera.name, "address": shown(camera.url).address}
            yield Difference("camera.added", values, new.id)
        else:
            yield from _camera(before[camera_id], after[camera_id], new.id)


def _camera(old: Camera, new: Camera, shop: str) -> Iterator[Difference]:
    if old.name != new.name:
        yield Difference("camera.name", {"old": old.name, "new": new.name}, shop)
    one, other = shown(old.url), shown(new.url)
    if one.address != other.address:
        values = {"name": new.name, "old": one.address, "new": other.address}
        yield Difference("camera.address", values, shop)
    elif urlsplit(old.url).query != urlsplit(new.url).query:
        yield Difference("camera.password", {"name": new.name}, shop)
    if one.user != other.user:
        yield Difference("camera.user", {"name": new.name, "old": one.user, "new": other.user}, shop)
    if urlsplit(old.url).password != urlsplit(new.url).password:
        yield Difference("camera.password", {"name": new.name}, shop)
    for key in ("transport", "speed", "loop", "record", "sound", "keep_days", "max_gb"):
        was, now = getattr(old, key), getattr(new, key)
        if was != now:
            values = {"name": new.name, "old": _or_dash(was), "new": _or_dash(now)}
            off = "_off" if now is None else "_on" if was is None else ""
            yield Difference(f"camera.{key}{off}", values, shop)
    if old.sub != new.sub:
        yield from _sub(old, new, shop)
    if old.fisheye != new.fisheye:
        states = {(False, True): "camera.fisheye_on", (True, False): "camera.fisheye_off"}
        key = states.get((old.fisheye is not None, new.fisheye is not None), "camera.fisheye")
        views = [] if new.fisheye is None else [preset.name for preset in new.fisheye.presets]
        yield Difference(key, {"name": new.name, "views": views}, shop)


def _or_dash(value: Any) -> Any:
    return "–" if value is None else value


def _sub(old: Camera, new: Camera, shop: str) -> Iterator[Difference]:
    one, other = shown(old.sub), shown(new.sub)
    if one.address == other.address:
        yield Difference("camera.sub_password", {"name": new.name}, shop)
    else:
        key = "camera.sub" if new.sub else "camera.sub_off"
        yield Difference(key, {"name": new.name, "address": other.address}, shop)


def _registers(old: Shop, new: Shop) -> Iterator[Difference]:
    before = {register.id: register for register in old.registers}
    after = {register.id: register for register in new.registers}
    for register_id in [*before, *(one for one in after if one not in before)]:
        if register_id not in after:
            yield Difference("register.removed", {"name": before[register_id].name}, new.id)
        elif register_id not in before:
            yield Difference("register.added", {"name": after[register_id].name}, new.id)
            register = after[register_id]
            bare = Register(register.id, register.shop, register.name, register.kind, register.group)
            yield from _register(bare, register, new)
        else:
            yield from _register(before[register_id], after[register_id], new)


def _register(old: Register, new: Register, shop: Shop) -> Iterator[Difference]:
    groups = {group.id: group.name for group in shop.groups}
    for key, one, other in (
        ("name", old.name, new.name),
        ("kind", old.kind, new.kind),
        ("group", groups.get(old.group or "", old.group), groups.get(new.group or "", new.group)),
    ):
        if one != other:
            yield Difference(f"register.{key}", {"name": new.name, "old": one, "new": other}, shop.id)
    for place in range(max(len(old.views), len(new.views))):
        was = old.views[place] if place < len(old.views) else None
        now = new.views[place] if place < len(new.views) else None
        yield from _view(was, now, new.name, shop)
    for changed in _rules(old.rules, new.rules):
        yield Difference("rules.lane", {"name": new.name, **changed}, shop.id)


def _view(old: View | None, new: View | None, name: str, shop: Shop) -> Iterator[Difference]:
    cameras = {one.id: one.name for camera in shop.cameras for one in (camera, *camera.presets())}
    values: dict[str, Any] = {"name": name}
    if new is None:
        gone = old.camera if old is not None else ""
        yield Difference("view.removed", {**values, "camera": cameras.get(gone, gone)}, shop.id)
        return
    values["camera"] = cameras.get(new.camera, new.camera)
    if old is None:
        yield Difference("view.added", {**values, "count": len(new.zones)}, shop.id)
        return
    if old.camera != new.camera:
        old_name = cameras.get(old.camera, old.camera)
        yield Difference("view.camera", {**values, "old": old_name, "new": values["camera"]}, shop.id)
    for key in ("detector", "analysis_fps"):
        if getattr(old, key) != getattr(new, key):
            changed = {"old": getattr(old, key), "new": getattr(new, key)}
            yield Difference(f"view.{key}", {**values, **changed}, shop.id)
    if old.zones != new.zones:
        yield Difference("view.zones", {**values, **_zones(old, new)}, shop.id)


def _zones(old: View, new: View) -> dict[str, Any]:
    gone = [zone for zone in old.zones if zone not in new.zones]
    come = [zone for zone in new.zones if zone not in old.zones]
    moved = sorted({zone.role for zone in gone} & {zone.role for zone in come})
    return {
        "added": [zone.role for zone in come if zone.role not in moved],
        "removed": [zone.role for zone in gone if zone.role not in moved],
        "moved": moved,
    }


def _rules(
    old: Mapping[str, Mapping[str, Any]], new: Mapping[str, Mapping[str, Any]]
) -> Iterator[dict[str, Any]]:
    for rule in [*old, *(one for one in new if one not in old)]:
        before, after = renamed(rule, old.get(rule, {})), renamed(rule, new.get(rule, {}))
        for key in [*before, *(one for one in after if one not in before)]:
            if before.get(key) != after.get(key):
                yield {"rule": rule, "key": key, "old": before.get(key), "new": after.get(key)}
