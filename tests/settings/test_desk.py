"""The desk: revisions, hand edits, undo, two editors; on both databases."""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from tenban.access.model import FUNCTIONS_OF_ROLE, Actor, Function, Role, StepUpNeeded
from tenban.base.clock import SystemClock
from tenban.base.errors import Conflict, Forbidden, NotFound
from tenban.base.fakes import FakeClock
from tenban.db import Database
from tenban.db.engine import sqlite_url
from tenban.settings import queries, words
from tenban.settings.changes import Change
from tenban.settings.desk import Plan, SettingsDesk
from tenban.settings.file import check, sha256_of
from tenban.settings.follow import Follower
from tenban.settings.model import Revision, SettingsMoved, SettingsRefused
from tenban.settings.running import running

TEXT = """# whole
[company]
name = "Tenban"

[[shop]]
id = "demo" # the one
name = "見本店"

[[shop.group]]
id = "front"
name = "Front"

# camera
[[shop.camera]]
id = "cam-1"
name = "Lane 1"
url = "rtsp://u:geheim@camera/1"

[[shop.register]]
id = "lane-1"
name = "1"
kind = "self"
group = "front"

[[shop.register.view]]
camera = "cam-1"

[[shop.register.view.zone]]
role = "bagging"
polygon = [[0.5, 0.1], [0.9, 0.1], [0.9, 0.9]]
"""
SECOND_SHOP = '\n[[shop]]\nid = "other"\nname = "Other"\n'
CHANGES: TypeAdapter[Change] = TypeAdapter(Change)


def person(role: Role, shop: str | None = "demo") -> Actor:
    return Actor("person", f"person:{role}", role.value, shop, FUNCTIONS_OF_ROLE[role])


ADMIN = person(Role.ADMINISTRATOR)


class Office:
    """A desk in a folder, used step by step."""

    def __init__(self, folder: Path, database: Database, text: str = TEXT) -> None:
        self.path = folder / "tenban.toml"
        self.path.write_text(text, encoding="utf-8")
        self.database = database
        self.desk = SettingsDesk(self.path, database, FakeClock())

    @property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    def now(self, actor: Actor = ADMIN) -> Revision:
        return asyncio.run(self.desk.read(actor))

    def save(
        self, actor: Actor = ADMIN, base: str | None = None, *, trial: bool = False, **change: Any
    ) -> Plan:
        wanted = CHANGES.validate_python(change)
        return asyncio.run(self.desk.save(actor, base or self.now(ADMIN).sha256, wanted, trial=trial))

    def undo(self, to: int, actor: Actor = ADMIN, base: str | None = None) -> Plan:
        return asyncio.run(self.desk.undo(actor, base or self.now(ADMIN).sha256, to))

    def history(self, actor: Actor = ADMIN) -> list[Revision]:
        return asyncio.run(self.desk.history(actor))


@pytest.fixture
def office(tmp_path: Path, database: Database) -> Office:
    return Office(tmp_path, database)


def rename(name: str) -> dict[str, Any]:
    return {"kind": "group", "shop": "demo", "id": "front", "name": name}


def test_a_change_is_a_revision_with_who_when_and_what(office: Office) -> None:
    """The file holds the change, the history who made it, and the sentence is there in both languages."""
    first = office.now()
    plan = office.save(**rename("入口"))
    newest = office.history()[0]
    assert office.text == TEXT.replace('"Front"', '"入口"')
    assert (newest.kind, newest.actor_name, newest.sha256) == (
        "page",
        "administrator",
        sha256_of(office.text.encode()),
    )
    assert newest.base_sha256 == first.sha256
    assert newest.written_at is not None
    assert words.say(plan.what[0]) == {
        "ja": "グループ名を「Front」から「入口」に変更",
        "en": "Group renamed from Front to 入口",
    }


def test_sealing_footage_begins_each_recording_anew(office: Office) -> None:
    """The switch stands in the file, is told in words, and says which cameras begin a new file."""
    office.now()
    plan = office.save(kind="sealing", shop="demo", footage=True)
    assert "[shop.sealing]\nfootage = true" in office.text
    assert words.say(plan.what[0])["en"].endswith("footage is sealed from now on")
    assert plan.effects
    assert {one.what for one in plan.effects} == {"recording"}
    plan = office.save(kind="sealing", shop="demo", footage=False)
    assert "footage = true" not in office.text
    assert words.say(plan.what[0])["ja"].endswith("録画の暗号化を停止")


def test_how_much_of_a_camera_is_kept_is_set_and_taken_back(office: Office) -> None:
    """Wide digits and thousands are understood; empty is as the shop; mistakes are told by field."""
    office.now()
    plan = office.save(kind="kept", shop="demo", camera="cam-1", keep_days="１４", max_gb="1,200")
    assert "keep_days = 14\nmax_gb = 1200\n" in office.text
    assert [one.key for one in plan.what] == ["camera.keep_days_on", "camera.max_gb_on"]
    assert words.say(plan.what[0])["ja"] == "カメラ「Lane 1」：録画を14日で削除"
    assert plan.effects == []
    plan = office.save(kind="kept", shop="demo", camera="cam-1", keep_days=10, max_gb=None)
    assert [one.key for one in plan.what] == ["camera.keep_days", "camera.max_gb_off"]
    for field, value in (("keep_days", 31), ("keep_days", 0), ("keep_days", "viel"), ("max_gb", "x")):
        with pytest.raises(SettingsRefused) as refused:
            office.save(kind="kept", shop="demo", camera="cam-1", **{field: value})
        assert [one.field for one in refused.value.mistakes] == [field]
    office.save(kind="kept", shop="demo", camera="cam-1")
    assert office.text == TEXT
    with pytest.raises(Forbidden):
        office.save(person(Role.INSTALLER), kind="kept", shop="demo", camera="cam-1", keep_days=3)


def test_undo_restores_the_bytes(office: Office) -> None:
    """Any earlier revision comes back to the byte, as a revision of its own that can be undone, too."""
    first = office.now()
    office.save(**rename("A"))
    office.save(**rename("B"))
    plan = office.undo(first.n)
    assert office.text == TEXT
    assert plan.revision is not None
    assert (plan.revision.kind, plan.revision.n) == ("undo", 4)
    office.undo(3)
    assert office.text == TEXT.replace("Front", "B")


def test_a_hand_edit_is_written_down_before_anything_else(office: Office) -> None:
    """An edit by hand is noticed, becomes a revision, and whoever read before it is told what changed."""
    base = office.now().sha256
    office.path.write_text(office.text.replace("[company]", "# by hand\n[company]").replace("Front", "Vorne"))
    with pytest.raises(SettingsMoved) as moved:
        office.save(base=base, **rename("X"))
    assert [(one.kind, one.what[0].key) for one in moved.value.since] == [("hand", "group.name")]
    office.save(**rename("X"))
    assert "# by hand" in office.text
    assert [one.kind for one in office.history()] == ["page", "hand", "found"]


def test_comments_alone_are_a_hand_edit_too(office: Office) -> None:
    """Whatever changes the bytes is kept, so that undo can bring it back."""
    office.now()
    office.path.write_text(TEXT + "# more\n")
    assert [one.key for one in office.now().what] == ["file.comments"]


def test_who_saves_second_gets_a_conflict_with_what_changed(office: Office) -> None:
    """A form read at an older revision is refused with everything that came since, oldest first."""
    base = office.now().sha256
    office.save(**rename("A"))
    office.save(**rename("B"))
    with pytest.raises(SettingsMoved) as moved:
        office.save(base=base, **rename("C"))
    assert [one.what[0].values["new"] for one in moved.value.since] == ["A", "B"]
    with pytest.raises(SettingsMoved):
        office.undo(1, base=base)
    assert '"B"' in office.text


def test_a_revision_that_does_not_check_is_not_put_back(office: Office) -> None:
    """Undo to a broken hand edit is refused with a sentence; the file stays as it is."""
    office.now()
    office.path.write_text(TEXT.replace('kind = "self"', 'kind = "x"'))
    broken = office.now()
    assert broken.mistake is not None
    assert "kind" in broken.mistake
    with pytest.raises(Conflict, match="expected a file that checks"):
        office.save(**rename("X"))
    office.undo(1)
    with pytest.raises(Conflict, match=f"revision {broken.n} does not check any more"):
        office.undo(broken.n)
    with pytest.raises(Conflict, match="what the file holds"):
        office.undo(office.now().n)
    with pytest.raises(NotFound):
        office.undo(99)
    assert office.text == TEXT


def test_a_trial_changes_nothing_and_tells_what_would_start_anew(office: Office) -> None:
    """Trying a change says what it does, and leaves file and history alone."""
    zones = [{"role": "scan", "polygon": [[0, 0], [0.5, 0], [0.5, 0.5]]}]
    plan = office.save(trial=True, kind="view", register="lane-1", place=0, camera="cam-1", zones=zones)
    assert plan.revision is None
    assert [(one.what, one.id) for one in plan.effects] == [("watching", "lane-1")]
    assert office.text == TEXT
    assert len(office.history()) == 1


def test_what_cannot_be_seen_starts_nothing_anew(office: Office) -> None:
    """Names, groups and thresholds hold at once; only an address or a view starts something anew."""
    assert office.save(trial=True, **rename("X")).effects == []
    rule = {"kind": "rule", "rule": "scan_omission", "key": "least_missing", "value": 2}
    assert office.save(trial=True, **rule).effects == []
    camera = {"kind": "camera", "shop": "demo", "id": "cam-1", "name": "Lane 1"}
    plan = office.save(trial=True, **camera, address="rtsp://camera/2", user="u")
    assert [(one.what, one.id) for one in plan.effects] == [("recording", "cam-1")]
    assert (
        office.save(trial=True, **{**camera, "name": "N"}, address="rtsp://camera/1", user="u").effects == []
    )


def test_a_camera_s_sound_is_off_until_somebody_switches_it_on(office: Office) -> None:
    """It begins a new recording, is told in words, and stays as it is where a change does not speak of it."""
    camera = {"kind": "camera", "shop": "demo", "id": "cam-1", "name": "Lane 1", "address": "rtsp://camera/1"}
    plan = office.save(HEAD_OFFICE, **camera, user="u", sound=True)
    assert "sound = true" in office.text
    assert [(one.what, one.id) for one in plan.effects] == [("recording", "cam-1")]
    office.save(HEAD_OFFICE, **{**camera, "name": "N"}, user="u")
    assert "sound = true" in office.text
    office.save(HEAD_OFFICE, **{**camera, "name": "N"}, user="u", sound=False)
    assert "sound = false" in office.text


def test_every_mistake_names_its_field(office: Office) -> None:
    """The file's own checks speak, each mistake with the field of the change it came from."""
    with pytest.raises(SettingsRefused) as refused:
        office.save(kind="register", shop="demo", id="Lane 2", name="", register_kind="x", new=True)
    assert [one.field for one in refused.value.mistakes] == ["id", "name", "kind"]
    crossing = [{"role": "scan", "polygon": [[0, 0], [1, 1], [1, 0], [0, 1]], "was": None}]
    with pytest.raises(SettingsRefused, match="sides that do not cross"):
        office.save(kind="view", register="lane-1", place=0, camera="cam-1", zones=crossing)
    with pytest.raises(SettingsRefused, match="a number from 0 to 1"):
        office.save(kind="rule", register="lane-1", rule="scan_omission", key="min_confidence", value=3)
    assert office.text == TEXT


def test_a_threshold_is_set_for_one_lane_and_taken_back(office: Office) -> None:
    """Setting and unsetting a lane's own threshold leaves the file as it was but for a blank line."""
    rule = {"kind": "rule", "register": "lane-1", "rule": "item_not_registered", "key": "before_s"}
    office.save(**rule, value=4)
    assert "[shop.register.rules.item_not_registered]\nbefore_s = 4.0" in office.text
    office.save(**rule, value=None)
    assert "rules" not in office.text


def test_turning_a_setting_replaces_its_former_name(tmp_path: Path, database: Database) -> None:
    """What the file said as hint_still goes when hint_shows is chosen, and when it is put back."""
    old = "\n[rules.sale]\nhint_still = true\n"
    office = Office(tmp_path, database, TEXT + old)
    rule = {"kind": "rule", "rule": "sale", "key": "hint_shows"}
    saved = office.save(**rule, value="clip")
    assert '[rules.sale]\nhint_shows = "clip"' in office.text
    assert "hint_still" not in office.text
    assert "the picture, then the clip" in words.say(saved.what[0])["en"]
    office.undo(1)
    assert office.text == TEXT + old
    office.save(**rule, value=None)
    assert "rules" not in office.text
    with pytest.raises(SettingsRefused, match="'nothing', 'still' or 'clip'"):
        office.save(**rule, value="song")


@pytest.mark.parametrize(
    ("role", "change", "refused"),
    [
        (Role.ATTENDANT, rename("X"), Forbidden),
        (Role.SUPERVISOR, rename("X"), Forbidden),
        (Role.SUPERVISOR, {"kind": "rule", "rule": "scan_omission", "key": "on", "value": False}, None),
        (Role.INSTALLER, rename("X"), None),
        (Role.ADMINISTRATOR, {**rename("X"), "shop": "other", "new": True}, NotFound),
    ],
)
def test_each_role_changes_what_is_its_own(
    office: Office, role: Role, change: dict[str, Any], refused: type[Exception] | None
) -> None:
    """Rules are for supervisors as well, the rest for installers and administrators, each in their shop."""
    if refused is None:
        office.save(person(role), **change)
        return
    with pytest.raises(refused):
        office.save(person(role), **change)
    assert office.text == TEXT


def test_one_shop_is_not_told_of_another(tmp_path: Path, database: Database) -> None:
    """Whoever may touch one shop neither changes, undoes nor reads what is of another, or of all."""
    office = Office(tmp_path, database, TEXT + SECOND_SHOP)
    headquarters, elsewhere = person(Role.ADMINISTRATOR, None), person(Role.ADMINISTRATOR, "other")
    office.save(headquarters, **rename("X"))
    assert [one.kind for one in office.history(elsewhere)] == ["found"]
    with pytest.raises(NotFound):
        office.undo(1, actor=elsewhere)
    with pytest.raises(Forbidden):
        office.save(elsewhere, kind="rule", rule="scan_omission", key="on", value=False)


HEAD_OFFICE = person(Role.ADMINISTRATOR, None)
ODAWARA = {"kind": "shop", "shop": "odawara", "name": "小田原店", "timezone": "Asia/Tokyo", "currency": "JPY"}


def test_a_second_shop_is_added_filled_and_taken_away(office: Office) -> None:
    """A shop is added as a revision, takes cameras and registers of its own, and goes when it is empty."""
    added = office.save(HEAD_OFFICE, **ODAWARA, new=True)
    assert words.say(added.what[0]) == {"ja": "店舗「小田原店」を追加", "en": "Shop 小田原店 added"}
    assert office.text.startswith(TEXT)
    assert office.text.endswith(
        '[[shop]]\nid = "odawara"\nname = "小田原店"\ntimezone = "Asia/Tokyo"\ncurrency = "JPY"\n'
    )
    there = {"shop": "odawara", "new": True}
    office.save(HEAD_OFFICE, kind="camera", id="odawara-cam-1", name="N", address="rtsp://n/1", **there)
    office.save(HEAD_OFFICE, kind="register", id="odawara-lane-1", name="1", **there)
    view = {"kind": "view", "register": "odawara-lane-1", "camera": "odawara-cam-1"}
    plan = office.save(HEAD_OFFICE, **view)
    assert [(one.key, one.shop) for one in plan.what] == [("view.added", "odawara")]
    gone = {"kind": "remove_shop", "shop": "odawara"}
    with pytest.raises(SettingsRefused) as refused:
        office.save(HEAD_OFFICE, **gone)
    assert (refused.value.mistakes[0].field, refused.value.mistakes[0].came) == ("shop", "1, N")
    office.save(HEAD_OFFICE, kind="remove", shop="odawara", of="register", id="odawara-lane-1")
    office.save(HEAD_OFFICE, kind="remove", shop="odawara", of="camera", id="odawara-cam-1")
    filled = office.now().n
    office.save(HEAD_OFFICE, **gone)
    assert office.text.rstrip() == TEXT.rstrip()
    assert words.say(office.history(HEAD_OFFICE)[0].what[0])["en"] == "Shop 小田原店 removed"
    office.undo(filled, HEAD_OFFICE)
    assert 'id = "odawara"' in office.text


def test_the_company_is_renamed(office: Office) -> None:
    """Its name is a change like any other, with sentence, check and undo, in the form the file has."""
    first = office.now().n
    plan = office.save(kind="company", name="みどり食品")
    assert words.say(plan.what[0])["en"] == "Company renamed from Tenban to みどり食品"
    assert office.text == TEXT.replace('name = "Tenban"', 'name = "みどり食品"')
    with pytest.raises(SettingsRefused) as refused:
        office.save(kind="company", name=" ")
    assert [one.field for one in refused.value.mistakes] == ["name"]
    office.undo(first)
    assert office.text == TEXT
    office.path.write_text(TEXT.replace('[company]\nname = "Tenban"', 'company = { name = "Tenban" } # we'))
    office.save(kind="company", name="T")
    assert 'company = { name = "T" } # we' in office.text
    office.save(HEAD_OFFICE, **ODAWARA, new=True)
    with pytest.raises(Forbidden, match="not of your shop"):
        office.save(kind="company", name="X")


BROKER = {"kind": "mqtt", "on": True, "host": "192.168.1.10"}


def said(plan: Plan) -> list[str]:
    return [words.say(one)["en"] for one in plan.what]


def test_mqtt_is_switched_on_changed_and_off(office: Office) -> None:
    """The broker is a table of the file; off keeps it, and every change has its sentence."""
    assert said(office.save(kind="mqtt", on=False)) == []
    assert said(office.save(**BROKER)) == ["Lamps over MQTT switched on (broker 192.168.1.10:1883)"]
    assert office.text.endswith('[mqtt]\nhost = "192.168.1.10"\n')
    assert said(office.save(**BROKER, user="tenban", password="geheim2")) == [
        "MQTT user name changed from “nothing” to “tenban”",
        "MQTT password changed",
    ]
    assert said(office.save(**{**BROKER, "on": False}, user="tenban")) == ["Lamps over MQTT switched off"]
    assert 'password = "geheim2"' in office.text
    assert "on = false" in office.text
    sites = check(office.text)[0]
    assert sites.broker is None
    assert "geheim2" not in repr(sites)
    off = office.now().n
    plan = office.save(**{**BROKER, "host": "10.0.0.1"}, port="8883", user="tenban", password="neu")
    assert said(plan) == [
        "Lamps over MQTT switched on (broker 10.0.0.1:8883)",
        "MQTT broker changed from 192.168.1.10:1883 to 10.0.0.1:8883",
        "MQTT password changed",
    ]
    office.undo(off)
    assert check(office.text)[0].broker is None
    assert "neu" not in str([words.say(one) for revision in office.history() for one in revision.what])


def test_the_brokers_password_goes_to_no_other_device(office: Office) -> None:
    """With another host or port it must be typed again; without a user name there is none."""
    office.save(**BROKER, user="u", password="geheim2")
    for other in ({"host": "10.0.0.1"}, {"port": 8883}):
        with pytest.raises(SettingsRefused) as refused:
            office.save(**{**BROKER, **other}, user="u")
        assert [one.field for one in refused.value.mistakes] == ["password"]
    office.save(**BROKER)
    assert "geheim2" not in office.text


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"host": ""}, "host"),
        ({"host": "mqtt://192.168.1.10"}, "host"),
        ({"port": "99999"}, "port"),
        ({"port": "eins"}, "port"),
        ({"password": "p"}, "user"),
    ],
)
def test_mistakes_of_mqtt_stand_beside_their_fields(
    office: Office, wrong: dict[str, Any], field: str
) -> None:
    """Every field of the broker is checked, and the file stays as it was."""
    with pytest.raises(SettingsRefused) as refused:
        office.save(**{**BROKER, **wrong})
    assert [one.field for one in refused.value.mistakes] == [field]
    assert office.text == TEXT


def test_mistakes_of_a_new_shop_stand_beside_their_fields(office: Office) -> None:
    """An id that is taken or badly spelt, an empty name, an unknown zone and currency each name a field."""
    with pytest.raises(SettingsRefused) as taken:
        office.save(HEAD_OFFICE, **{**ODAWARA, "shop": "demo"}, new=True)
    assert [one.field for one in taken.value.mistakes] == ["id"]
    wrong = {**ODAWARA, "shop": "小田原", "name": "", "timezone": "Tokio", "currency": "yen"}
    with pytest.raises(SettingsRefused) as spelt:
        office.save(HEAD_OFFICE, **wrong, new=True)
    assert [one.field for one in spelt.value.mistakes] == ["id", "name", "currency"]
    with pytest.raises(SettingsRefused, match="an IANA zone"):
        office.save(HEAD_OFFICE, **{**ODAWARA, "timezone": "Tokio"}, new=True)
    bare = Office(office.path.parent, office.database, '[company]\nname = "T"\n' + SECOND_SHOP)
    with pytest.raises(SettingsRefused, match="another shop beside this one"):
        bare.save(HEAD_OFFICE, kind="remove_shop", shop="other")


@pytest.mark.parametrize(
    ("role", "shop"),
    [(Role.ADMINISTRATOR, "demo"), (Role.ADMINISTRATOR, "odawara"), (Role.INSTALLER, None)],
)
def test_which_shops_there_are_is_the_companys(office: Office, role: Role, shop: str | None) -> None:
    """Only an administrator of no single shop adds and removes shops; undo is no way around it."""
    somebody = person(role, shop)
    before = office.now(HEAD_OFFICE).n
    with pytest.raises(Forbidden):
        office.save(somebody, **ODAWARA, new=True)
    office.save(HEAD_OFFICE, **ODAWARA, new=True)
    with pytest.raises(Forbidden):
        office.save(somebody, kind="remove_shop", shop="odawara")
    with pytest.raises(Forbidden):
        office.undo(before, somebody)
    assert "odawara" in office.text


def test_the_history_of_one_shop_is_found_behind_those_of_others(tmp_path: Path, database: Database) -> None:
    """However many changes other shops had since, a shop's own come whole; a trial of undo tells what it
    reaches.
    """
    office = Office(tmp_path, database, TEXT + SECOND_SHOP)
    office.save(HEAD_OFFICE, kind="group", shop="other", id="g", name="G", new=True)
    for n in range(5):
        office.save(HEAD_OFFICE, **rename(f"G{n}"))
    found = asyncio.run(office.desk.history(HEAD_OFFICE, shop="other", limit=2))
    assert [one.kind for one in found] == ["page", "found"]
    office.save(HEAD_OFFICE, kind="group", shop="other", id="g", name="H")
    plan = asyncio.run(office.desk.undo(HEAD_OFFICE, office.now().sha256, 2, trial=True))
    assert {one.shop for one in plan.what} == {"demo", "other"}
    assert '"G4"' in office.text


def test_a_change_cut_off_before_the_file_is_finished_at_the_next_look(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A crash between the revision and the file loses nothing: what was accepted comes into the file."""
    office.now()

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("tenban.settings.desk.write_file", crash)
    with pytest.raises(KeyboardInterrupt):
        office.save(**rename("X"))
    assert office.text == TEXT
    monkeypatch.undo()
    assert office.now().kind == "page"
    assert office.text == TEXT.replace("Front", "X")
    assert len(office.history()) == 2


def test_no_secret_leaves_with_a_revision(office: Office) -> None:
    """What a revision says holds no password; the audit log neither."""
    plan = office.save(
        kind="camera",
        shop="demo",
        id="cam-1",
        name="Lane 1",
        address="rtsp://camera/1",
        user="u",
        password="neu",
    )
    said = [words.say(one)["en"] for one in plan.what]
    assert said == ["Camera Lane 1: password changed"]
    assert "rtsp://u:neu@camera/1" in office.text
    lines = str(office.database.read_now(lambda c: c.exec_driver_sql("SELECT detail FROM audit").all()))
    assert "neu" not in lines
    assert "geheim" not in lines


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.sampled_from(["name", "zone", "camera", "rule", "hand"]), min_size=1, max_size=6), st.data()
)
def test_whatever_was_changed_every_state_comes_back(
    tmp_path: Path, migrated_sqlite: Path, steps: list[str], data: st.DataObject
) -> None:
    """After any changes every revision can be put back to the byte, and comments never move or vanish."""
    shutil.copy(migrated_sqlite, tmp_path / "any.db")
    database = Database(sqlite_url(tmp_path / "any.db"))
    office = Office(tmp_path, database)
    office.now()
    for n, step in enumerate(steps):
        corner = data.draw(st.floats(0, 0.4).map(lambda part: round(part, 3)))
        made: dict[str, dict[str, Any]] = {
            "name": rename(f"G{n}"),
            "zone": {
                "kind": "view", "register": "lane-1", "place": 0, "camera": "cam-1",
                "zones": [{"role": "scan", "polygon": [[corner, 0], [0.9, 0], [0.9, 0.9]], "was": 0}],
            },
            "camera": {
                "kind": "camera", "shop": "demo", "id": f"new-{n}", "name": "N",
                "address": f"rtsp://n/{n}", "new": True,
            },
            "rule": {"kind": "rule", "rule": "scan_omission", "key": "settle_s", "value": n + 0.5},
        }  # fmt: skip
        if step == "hand":
            office.path.write_text(office.text + f"# hand {n}\n")
        else:
            office.save(**made[step])
    texts = {one.n: one.text for one in office.history()}
    for text in texts.values():
        assert [line for line in text.splitlines() if line.startswith("# ") and "hand" not in line] == [
            "# whole",
            "# camera",
        ]
        assert '"demo" # the one' in text
    chosen = data.draw(st.sampled_from(sorted(texts)))
    if texts[chosen] != office.text:
        office.undo(chosen)
    assert office.text == texts[chosen]
    database.close()


def test_a_part_follows_the_file_and_says_so(office: Office) -> None:
    """A part takes over what checks, keeps what it had otherwise, and writes down which it runs with."""
    follower = Follower(office.path, "watcher", office.database, SystemClock())
    sites, _ = follower.first()
    assert sites.shop("demo").groups[0].name == "Front"
    assert follower.changed() is None
    office.save(**rename("X"))
    changed = follower.changed()
    assert changed is not None
    assert changed[0].shop("demo").groups[0].name == "X"
    office.path.write_text("[broken")
    assert follower.changed() is None
    office.database.write_now(lambda _: None)
    part = office.database.read_now(running)[0]
    assert (part.part, part.why is not None) == ("watcher", True)
    office.now()
    again = Follower(office.path, "recorder", office.database, SystemClock())
    assert again.first()[0].shop("demo").groups[0].name == "X"
    newest = office.database.read_now(queries.newest)
    assert newest is not None
    assert newest.kind == "hand"


def test_a_page_leads_to_no_camera_on_this_machine_unless_the_file_allows_it(office: Office) -> None:
    """It is refused beside its field, saying how to allow it; by hand in the file it is allowed."""
    camera = {"kind": "camera", "shop": "demo", "id": "cam-1", "name": "Lane 1", "user": "", "password": ""}
    with pytest.raises(SettingsRefused) as refused:
        office.save(**camera, address="rtsp://127.0.0.1/2")
    assert refused.value.mistakes[0].field == "address"
    assert "[network]" in refused.value.mistakes[0].expected
    office.path.write_text(office.text.replace("[[shop]]", '[network]\nallow = ["127.0.0.1"]\n[[shop]]'))
    assert [one.key for one in office.now().what] == ["network"]
    office.save(**camera, address="rtsp://127.0.0.1/2")
    assert "rtsp://127.0.0.1/2" in office.text


HEAD_OFFICE = person(Role.ADMINISTRATOR, shop=None)


def said_in_english(plan: Plan) -> list[str]:
    return [words.say(one)["en"] for one in plan.what]


def test_what_signing_in_asks_for_is_changed_and_put_back(office: Office) -> None:
    """Step-up, second factors and sessions: said in words, written where the file has them, undone by it."""
    asks = {
        "people": True,
        "audit": True,
        "keeping": True,
        "evidence": True,
        "settings": True,
        "rules": False,
        "pictures": True,
    }
    step_up = {
        "kind": "step_up",
        **asks,
        "minutes": 10.0,
        "switch_h": 12,
        "app_roles": ["auditor", "analyst"],
    }
    plan = office.save(HEAD_OFFICE, **step_up)
    assert said_in_english(plan) == [
        "Asking once more before changing settings changed from off to on",
        "Having shown who one is holds for 10 instead of 5 minutes",
        "Roles that need a second factor changed from “nothing” to “analyst, auditor”",
    ]
    assert '[step_up]\nsettings = true\nminutes = 10\napp_roles = ["analyst", "auditor"]' in office.text
    assert office.save(HEAD_OFFICE, **step_up).revision is None
    before = office.now().n
    plan = office.save(HEAD_OFFICE, kind="sessions", role="auditor", idle_min=20)
    assert said_in_english(plan) == ["Sessions of auditor: 20 minutes unused, 12 hours at most"]
    back = office.save(HEAD_OFFICE, kind="sessions", role="auditor")
    assert said_in_english(back) == ["Sessions of auditor: back to the default"]
    assert "sessions" not in office.text
    office.undo(before - 1, HEAD_OFFICE)
    assert office.text == TEXT
    with pytest.raises(SettingsRefused) as refused:
        office.save(HEAD_OFFICE, **{**step_up, "minutes": "ten", "app_roles": ["thief"]})
    assert {one.field.partition("[")[0] for one in refused.value.mistakes} == {"minutes", "app_roles"}


def test_the_companys_provider_is_set_up_and_its_secret_sealed(office: Office) -> None:
    """Its secret goes to no other provider and to no page; groups written by hand stay, and go with it."""
    office.desk.seal = lambda kind, secret: f"tenban-sealed-{kind}-{len(secret)}"
    oidc = {
        "kind": "oidc",
        "on": True,
        "issuer": "https://login.example/realm",
        "client_id": "tenban",
        "client_secret": "sehr geheim",
    }
    plan = office.save(HEAD_OFFICE, **oidc)
    assert said_in_english(plan) == [
        "Sign-in by the company's provider switched on (https://login.example/realm)"
    ]
    assert "sehr geheim" not in office.text
    assert check(office.text)[0].oidc is not None
    elsewhere = {**oidc, "client_secret": None, "issuer": "https://other.example"}
    for wrong, field in (
        (elsewhere, "client_secret"),
        ({**oidc, "issuer": "http://login.example"}, "issuer"),
        ({**oidc, "only": True}, "break_glass"),
        ({**oidc, "issuer": "https://127.0.0.1/"}, "address"),
    ):
        with pytest.raises(SettingsRefused) as refused:
            office.save(HEAD_OFFICE, **wrong)
        assert [one.field for one in refused.value.mistakes] == [field]
        assert "geheim" not in str(refused.value)
    office.path.write_text(office.text + '\n[[oidc.group]]\nname = "staff"\nroles = ["attendant"]\n', "utf-8")
    only = {**oidc, "client_secret": "env:SECRET", "only": True, "break_glass": "root"}
    assert len(office.save(HEAD_OFFICE, **only).what) == 3
    assert 'client_secret = "env:SECRET"' in office.text
    assert "staff" in office.text
    office.save(HEAD_OFFICE, kind="oidc", on=False)
    assert check(office.text)[0].oidc is None
    assert "oidc" not in office.text


def test_signing_in_is_the_companys_and_asks_who_it_is(office: Office) -> None:
    """An installer may not, nor one shop's administrator, nor whoever has not shown who they are."""
    change = {"kind": "sessions", "role": "auditor", "idle_min": 20.0, "absolute_h": 4.0}
    for who in (ADMIN, person(Role.INSTALLER, None)):
        with pytest.raises(Forbidden):
            office.save(who, **change)
    unproven = replace(HEAD_OFFICE, unproven=frozenset({Function.PEOPLE_MANAGE}))
    with pytest.raises(StepUpNeeded):
        office.save(unproven, **change)
    before = office.now().n
    office.save(HEAD_OFFICE, **change)
    with pytest.raises(StepUpNeeded):
        office.undo(before, unproven)
    with pytest.raises(Forbidden):
        office.undo(before, ADMIN)


def test_a_shop_is_put_into_an_area(office: Office) -> None:
    """By the company alone; left out, it stays as it was; empty, it has none."""
    shop = {"kind": "shop", "shop": "demo", "name": "見本店", "timezone": "Asia/Tokyo", "currency": "JPY"}
    office.save(HEAD_OFFICE, **shop, area="埼玉")
    assert office.save(HEAD_OFFICE, **shop).revision is None
    assert check(office.text)[0].areas == {"埼玉": frozenset({"demo"})}
    with pytest.raises(Forbidden):
        office.save(ADMIN, **shop, area="")
    office.save(HEAD_OFFICE, **shop, area="")
    assert office.text == TEXT
