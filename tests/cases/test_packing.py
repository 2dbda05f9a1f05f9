"""What is in a package, that it is proven, and that nothing of it can be changed unseen."""

from __future__ import annotations

import io
import json
import subprocess
import zipfile
from pathlib import Path

import av
import pytest

from cases.houses import CARD, LEAD, CaseHouse, proof_of
from tenban.access.audit import AuditEvent
from tenban.base.clock import seconds
from tenban.base.span import Span
from tenban.cases import desk
from tenban.cases.manifest import canonical
from tenban.cases.proof import UnpackedFolder, prove_package
from tenban.simulator.barcode import read_stamp
from tenban.sites.fisheye import Fisheye, Preset, Turn


@pytest.fixture(scope="module")
def package(house: CaseHouse) -> bytes:
    """An original package of an incident, a note, and four seconds of one camera."""
    case = house.case()
    incident = house.incident()
    house.tell(lambda c: desk.add_incident(c, LEAD, house.now(), house.sites, case.id, incident.id))
    house.tell(lambda c: desk.add_note(c, LEAD, house.now(), case.id, "店長が確認\n2回目"))
    span = house.span(1.2, 5.0)
    house.tell(lambda c: desk.add_footage(c, LEAD, house.now(), house.sites, case.id, ["cam-2"], span))
    house.tell(lambda c: desk.seal(c, LEAD, house.now(), case.id))
    made, data = house.make(case)
    assert (made.size, made.progress) == (len(data), 1.0)
    return data


def manifest_of(data: bytes) -> dict:  # type: ignore[type-arg]
    with zipfile.ZipFile(io.BytesIO(data)) as found:
        return json.loads(found.read("manifest.json"))


def test_a_package_holds_everything_of_its_case(house: CaseHouse, package: bytes) -> None:
    """Clips, original footage, stills, journal, receipt, history and notes; every file named and whole."""
    proof = proof_of(package, trusted=[house.key.public])
    assert (proof.fault, proof.trusted, proof.key_id) == (None, True, house.key.key_id)
    found = manifest_of(package)
    kinds = sorted({one["kind"] for one in found["files"]})
    assert kinds == ["clip", "incident", "journal", "note", "original", "page", "readme", "receipt", "still"]
    assert proof.files == len(found["files"])
    assert found["missing"] == []
    assert (found["package"]["purpose"], found["package"]["receiver"]) == ("警察からの依頼", "警察署")
    with zipfile.ZipFile(io.BytesIO(package)) as files:
        assert files.testzip() is None
        text = b"".join(files.read(one) for one in files.namelist())
        receipt = next(files.read(one).decode() for one in files.namelist() if one.startswith("receipts/"))
    assert CARD.encode() not in text
    assert "…1111" in receipt
    assert "¥738" in receipt


def test_original_footage_is_given_as_it_was_recorded(house: CaseHouse, package: bytes) -> None:
    """Its bytes are those of the recorded file, sealed there or not, whole fragments of it, and they play."""
    originals = [one for one in manifest_of(package)["files"] if one["kind"] == "original"]
    assert {one["camera"] for one in originals} == {"cam-1", "cam-2"}
    plain = next(one["recorded_as"] for one in originals if one["camera"] == "cam-1")
    assert house.recorded(plain) == (house.footage / plain).read_bytes()
    with zipfile.ZipFile(io.BytesIO(package)) as files:
        for one in originals:
            recorded = house.recorded(one["recorded_as"])
            given = files.read(one["path"])
            assert given == b"".join(recorded[start:stop] for start, stop in one["bytes_of_it"])
            assert one["bytes_of_it"][0][0] == 0
            with av.open(io.BytesIO(given)) as container:
                assert sum(1 for _ in container.decode(video=0)) == 90


def test_only_the_fragments_that_hold_the_span_are_given(house: CaseHouse) -> None:
    """Of a file longer than the span, the bytes of other fragments stay in the shop."""
    case, span = house.case(), house.span(2.2, 2.8)
    house.tell(lambda c: desk.add_footage(c, LEAD, house.now(), house.sites, case.id, ["cam-1"], span))
    house.tell(lambda c: desk.seal(c, LEAD, house.now(), case.id))
    _, data = house.make(case)
    (one,) = [one for one in manifest_of(data)["files"] if one["kind"] == "original"]
    recorded = house.recorded(one["recorded_as"])
    with zipfile.ZipFile(io.BytesIO(data)) as files:
        given = files.read(one["path"])
    assert given == b"".join(recorded[start:stop] for start, stop in one["bytes_of_it"])
    assert len(given) < len(recorded) / 2
    with av.open(io.BytesIO(given)) as container:
        stamps = [read_stamp(frame.to_ndarray(format="gray")) for frame in container.decode(video=0)]
    shown = [stamp.frame for stamp in stamps if stamp is not None]
    assert set(range(33, 42)) <= set(shown)
    assert len(shown) <= 45


def test_a_clip_is_cut_to_the_frame(package: bytes) -> None:
    """The playable cut shows what was on the screen in the span, and says so."""
    clips = [one for one in manifest_of(package)["files"] if one["kind"] == "clip" and one["item"] == 3]
    (clip,) = clips
    with (
        zipfile.ZipFile(io.BytesIO(package)) as files,
        av.open(io.BytesIO(files.read(clip["path"]))) as video,
    ):
        frames = sum(1 for _ in video.decode(video=0))
    assert frames == clip["frames"]
    assert frames in {57, 58, 59}


def test_a_blurred_package_has_nothing_below_the_blur(house: CaseHouse) -> None:
    """No original bytes, no cut-outs; what was masked is masked in every picture, hidden ones too."""
    incident = house.incident()
    _, data = house.make(house.sealed(incident=incident), "blurred")
    found = manifest_of(data)
    assert proof_of(data).fault is None
    assert found["package"]["form"] == "blurred"
    kinds = {one["kind"] for one in found["files"]}
    assert "original" not in kinds
    assert not [one for one in found["files"] if "part" in one["path"]]
    plain = house.blobs.open(str(incident.operator_still).removeprefix("blob:")).all()
    with zipfile.ZipFile(io.BytesIO(data)) as files:
        pictures = [files.read(one["path"]) for one in found["files"] if one["kind"] == "still"]
        clip = next(one for one in found["files"] if one["kind"] == "clip" and one["camera"] == "cam-1")
        video = files.read(clip["path"])
    assert len(pictures) == 2
    assert plain not in pictures
    with av.open(io.BytesIO(video)) as container:
        # The stamp stands in the masked left half: no picture of the file, hidden or shown, gives it away.
        frames = [frame.to_ndarray(format="gray") for frame in container.decode(video=0)]
    assert frames
    assert all(read_stamp(frame) is None for frame in frames)


def test_cameras_are_put_side_by_side_on_request(house: CaseHouse) -> None:
    """All cameras of an item in one picture, said to be coded anew; of one camera there is nothing to put."""
    case = house.case()
    for cameras in (["cam-1", "cam-2"], ["cam-1"]):
        house.tell(
            lambda c, cameras=cameras: desk.add_footage(  # type: ignore[misc]
                c, LEAD, house.now(), house.sites, case.id, cameras, house.span(1.0, 2.0)
            )
        )
    house.tell(lambda c: desk.seal(c, LEAD, house.now(), case.id))
    _, data = house.make(case, side_by_side=True)
    (one,) = [one for one in manifest_of(data)["files"] if one["kind"] == "side_by_side"]
    assert (one["cameras"], one["pictures"]) == (["cam-1", "cam-2"], "coded anew")
    with zipfile.ZipFile(io.BytesIO(data)) as files, av.open(io.BytesIO(files.read(one["path"]))) as video:
        assert sum(1 for _ in video.decode(video=0)) == 15


def test_a_named_view_is_turned_beside_what_was_recorded(house: CaseHouse) -> None:
    """As recorded: the fisheye camera's bytes and its cut; and the view, turned, also side by side."""
    round_one = Fisheye("ceiling", presets=(Preset("counter", "カウンター", Turn(60, -45, 1.1)),))
    house.lens = round_one
    case = house.case()
    house.tell(
        lambda c: desk.add_footage(
            c, LEAD, house.now(), house.sites, case.id, ["counter", "cam-1"], house.span(1.0, 2.0)
        )
    )
    house.tell(lambda c: desk.seal(c, LEAD, house.now(), case.id))
    _, data = house.make(case, side_by_side=True)
    house.lens = None
    files = manifest_of(data)["files"]
    clips = {one["camera"]: one for one in files if one["kind"] == "clip"}
    told = {camera: one["pictures"] for camera, one in clips.items()}
    assert told == {"cam-2": "as recorded", "cam-1": "as recorded", "counter": "turned, coded anew"}
    assert {one["camera"] for one in files if one["kind"] == "original"} == {"cam-1", "cam-2"}
    (beside,) = [one for one in files if one["kind"] == "side_by_side"]
    assert beside["cameras"] == ["counter", "cam-1"]
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        video = av.open(io.BytesIO(package.read(clips["counter"]["path"])))
        with video:
            assert {(frame.width, frame.height) for frame in video.decode(video=0)} == {(1280, 720)}


def test_every_changed_byte_is_found_and_named(package: bytes, tmp_path: Path) -> None:
    """A byte of any file, of the manifest, of the signature or the key: the first bad file is named."""
    with zipfile.ZipFile(io.BytesIO(package)) as files:
        files.extractall(tmp_path)
    assert prove_package(UnpackedFolder(tmp_path)).fault is None
    named = {"manifest.json", "manifest.sig", "public-key.pem"}
    for path in sorted(one for one in tmp_path.rglob("*") if one.is_file()):
        name, whole = path.relative_to(tmp_path).as_posix(), path.read_bytes()
        for at in {0, len(whole) // 2, len(whole) - 1}:
            bent = bytearray(whole)
            bent[at] ^= 1
            path.write_bytes(bent)
            fault = prove_package(UnpackedFolder(tmp_path)).fault
            if name == "public-key.pem" and at == len(whole) - 1:
                continue  # the line's end after a PEM file: it is the same key
            assert fault is not None, (name, at)
            assert fault.path == name or ({fault.path, name} <= named), (name, fault)
        path.write_bytes(whole)


def test_files_put_in_or_taken_out_are_found(package: bytes, tmp_path: Path) -> None:
    """One more file, one less, one twice: each is named."""
    with zipfile.ZipFile(io.BytesIO(package)) as files:
        files.extractall(tmp_path)
        names = files.namelist()
    (tmp_path / "extra.txt").write_text("x")
    fault = prove_package(UnpackedFolder(tmp_path)).fault
    assert fault is not None
    assert fault.path == "extra.txt"
    (tmp_path / "extra.txt").unlink()
    gone = next(one for one in names if one.startswith("stills/"))
    (tmp_path / gone).unlink()
    fault = prove_package(UnpackedFolder(tmp_path)).fault
    assert fault is not None
    assert (fault.path, fault.what) == (gone, "it is missing")
    twice = io.BytesIO(package)
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(twice, "a") as files:
        files.writestr(gone, b"another")
    fault = proof_of(twice.getvalue()).fault
    assert fault is not None
    assert (fault.path, fault.what) == (gone, "it is there more than once")


def test_a_byte_of_the_zip_itself_is_found(package: bytes) -> None:
    """Flipped in the middle of the file as it was taken along, a byte is found in the file it belongs to."""
    with zipfile.ZipFile(io.BytesIO(package)) as files:
        one = next(one for one in files.infolist() if one.filename.startswith("original/"))
    bent = bytearray(package)
    bent[one.header_offset + 200 + one.file_size // 2] ^= 0x40
    fault = proof_of(bytes(bent)).fault
    assert fault is not None
    assert fault.path == one.filename


def test_another_shops_key_is_not_trusted(house: CaseHouse, package: bytes, tmp_path: Path) -> None:
    """Signed anew by somebody else, a package fits its own key and none that the shop gave."""
    from tenban.access.keys import sealing_key

    other = sealing_key(tmp_path)
    fault = proof_of(package, trusted=[other.public]).fault
    assert fault is not None
    assert fault.path == "public-key.pem"
    assert proof_of(package, trusted=[other.public, house.key.public]).fault is None


def test_openssl_proves_the_signature(package: bytes, tmp_path: Path) -> None:
    """Whoever has no Tenban uses what README.txt says."""
    with zipfile.ZipFile(io.BytesIO(package)) as files:
        files.extractall(tmp_path)
    command = (
        "openssl pkeyutl -verify -pubin -inkey public-key.pem -rawin -in manifest.json -sigfile manifest.sig"
    )
    assert command in (tmp_path / "README.txt").read_text()
    done = subprocess.run(command.split(), cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "Verified Successfully" in done.stdout


def test_the_manifest_and_the_audit_log_point_at_each_other(house: CaseHouse, package: bytes) -> None:
    """It names the row that ordered it; the row that says it was made names its hash."""
    found = manifest_of(package)
    ordered = [
        row for row in house.audit(AuditEvent.CASE_PACKAGE_ORDERED) if row["n"] == found["audit"]["ordered_n"]
    ]
    assert [row["hash"] for row in ordered] == [found["audit"]["ordered_hash"]]
    made = [row["detail"] for row in house.audit(AuditEvent.CASE_PACKAGE_MADE)]
    assert proof_of(package).manifest_sha256 in {
        json.loads(row)["manifest_sha256"] if isinstance(row, str) else row["manifest_sha256"] for row in made
    }
    with zipfile.ZipFile(io.BytesIO(package)) as files:
        assert files.read("manifest.json") == canonical(found)


def test_footage_that_is_not_there_is_said_to_be_missing(house: CaseHouse) -> None:
    """A span without footage makes a package that says so, in both languages."""
    case = house.case()
    long_ago = house.began_at - seconds(4000)
    span = Span(long_ago, long_ago + seconds(10))
    house.tell(lambda c: desk.add_footage(c, LEAD, house.now(), house.sites, case.id, ["cam-1"], span))
    house.tell(lambda c: desk.seal(c, LEAD, house.now(), case.id))
    _, data = house.make(case)
    (missing,) = manifest_of(data)["missing"]
    assert "cam-1" in missing["en"]
    assert "録画がありません" in missing["ja"]


def test_a_package_is_sealed_at_rest(house: CaseHouse, package: bytes) -> None:
    """On the disk nothing of it can be read."""
    for path in (house.folder / "cases").rglob("*.zip"):
        assert path.read_bytes()[:2] != b"PK"
        assert b"manifest.json" not in path.read_bytes()
    assert not list((house.folder / "cases" / "work").glob("*"))
    assert package[:4] == b"PK\3\4"
