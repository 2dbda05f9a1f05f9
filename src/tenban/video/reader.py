"""One reader per camera: opens the stream, refuses what cannot be recorded, says when it is lost."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, urlsplit, urlunsplit

import av
from av.container import InputContainer

from tenban.base.clock import SECOND, Clock, Instant
from tenban.base.errors import BadInput, Unavailable
from tenban.base.ids import new_id
from tenban.base.log import get_log
from tenban.sites.reach import NotReached
from tenban.video.assembler import Assembler, RawPacket
from tenban.video.coding import Coding, coding_of
from tenban.video.health import StreamHealth
from tenban.video.packets import TICKS_PER_S, MediaPacket, SoundPacket, StreamInfo
from tenban.video.rtsp_client import RtspClient, RtspRefused
from tenban.video.settings import CameraSettings
from tenban.video.sound_demuxed import DemuxedSound
from tenban.video.timing import Arrival

if TYPE_CHECKING:
    from fractions import Fraction

    from av.packet import Packet
    from av.video.stream import VideoStream

_NAMES = {"mjpeg": "Motion JPEG", "mpeg4": "MPEG-4 part 2", "rawvideo": "raw pictures"}
_RTP_NAMES = {"JPEG": "Motion JPEG", "MP4V-ES": "MPEG-4 part 2", "": "nothing it would name"}
_QUICK = {"analyzeduration": "0", "probesize": "32"}
_FORMATS = "mpegts,h264,hevc,mpjpeg,mjpeg,matroska,webm,mov,mp4,flv,mpeg"
_PROTOCOLS = "rtsp,rtsps,rtp,udp,tcp,tls,http,https,srt,crypto"

log = get_log(__name__)


class CameraLost(Unavailable):  # reads as what happened
    """A camera does not answer, has gone away, or has fallen silent."""

    code = "camera_lost"


class CameraRefused(BadInput):
    """A camera answers, but with something that cannot be recorded; the text says what to set on it."""

    code = "camera_refused"


def read_camera(
    camera: CameraSettings,
    *,
    clock: Clock,
    stop: threading.Event,
    new_run: Callable[[Instant], str] = new_id,
    health: StreamHealth | None = None,
) -> Iterator[StreamInfo | MediaPacket | SoundPacket]:
    """Open a camera and yield its packets, a :class:`StreamInfo` before each run; sound only where wanted.

    RTSP over TCP is read directly (:mod:`tenban.video.rtsp_client`), everything else by the demuxer.
    Ends without an error once ``stop`` is set, and at the end of a file that is not looped.

    Args:
        camera: where to read from.
        clock: stamps the arrivals.
        stop: ends the reading; looked at once per packet.
        new_run: makes the id of a run.
        health: is told of lost packets and of the camera's clock, where the stream says so.

    Raises:
        CameraLost: the camera cannot be opened, ends its stream or falls silent.
        CameraRefused: it sends neither H.264 nor H.265.
        BadInput: the file does not exist or is no video.
    """
    if camera.url.startswith("rtsp://") and camera.transport == "tcp":
        try:
            yield from _read_directly(camera, clock, stop, new_run, health)
        except CameraRefused:
            raise
        except BadInput as error:
            # Policy: a camera that speaks unusually is left to the demuxer, which knows more dialects.
            log.warning("camera read by the demuxer", camera=camera.id, why=str(error))
        else:
            return
    yield from _read_demuxed(camera, clock, stop, new_run, health)


def _read_directly(
    camera: CameraSettings,
    clock: Clock,
    stop: threading.Event,
    new_run: Callable[[Instant], str],
    health: StreamHealth | None,
) -> Iterator[StreamInfo | MediaPacket | SoundPacket]:
    assembler = None
    try:
        addresses = _checked(camera)
        client = RtspClient(
            camera.url,
            address=addresses[0] if addresses else None,
            clock=clock,
            open_timeout_s=camera.open_timeout_s,
            read_timeout_s=camera.read_timeout_s,
        )
        with closing(client):
            media = client.describe()
            if media is None:
                raise CameraRefused(f"camera {camera.id}", expected="a video stream", came="none")
            coding = _coding(camera, media.codec, _RTP_NAMES)
            told = client.play(sound_for=camera.id if camera.sound else None)
            sound = client.sound
            assembler = Assembler(
                camera.id,
                extradata=media.parameters,
                new_run=new_run,
                coding=coding,
                sound=None if sound is None else sound.coding,
            )
            if health is not None:
                client.health = health
                health.attach(client.depacketizer, assembler)
                health.sound = told
            for picture in client.pictures(stop):
                arrival = Arrival(clock.now(), _monotonic_us(clock))
                items = assembler.add(RawPacket(picture.timestamp, None, False, picture.nals, arrival))
                yield from items
                if sound is not None:
                    if any(isinstance(item, StreamInfo) for item in items):
                        sound.begin_run()
                    yield from sound.after(picture.timestamp, arrival.monotonic_us)
            yield from assembler.flush()
    except (OSError, RtspRefused) as error:
        # Silence, a reset connection and a refusal all mean the same to the recorder: try again.
        if assembler is not None:
            yield from assembler.flush()
            raise CameraLost(
                f"camera {camera.id}: {camera.shown_url} was lost: {_said(error, camera)}"
            ) from error
        raise _unopened(camera, error) from error
    if not stop.is_set():
        raise CameraLost(f"camera {camera.id}: {camera.shown_url} ended its stream")


def _read_demuxed(
    camera: CameraSettings,
    clock: Clock,
    stop: threading.Event,
    new_run: Callable[[Instant], str],
    health: StreamHealth | None,
) -> Iterator[StreamInfo | MediaPacket | SoundPacket]:
    with _open(camera, clock) as container:
        stream = _video_of(container, camera)
        is_file = camera.kind == "file"
        sound = DemuxedSound(camera.id, container.streams.audio) if camera.sound else None
        if health is not None:
            health.sound = None if sound is None else sound.told
        assembler = Assembler(
            camera.id,
            extradata=stream.codec_context.extradata or b"",
            new_run=new_run,
            coding=_coding(camera, stream.codec_context.name, _NAMES),
            anchored_at=clock.now() if is_file else None,
            sound=None if sound is None else sound.told.coding,
        )
        raws = (
            _file_packets(container, stream, camera, clock, sound)
            if is_file
            else _live_packets(container, stream, camera, clock, sound)
        )
        started_us = _monotonic_us(clock)
        first_dts: int | None = None
        for raw in raws:
            if stop.is_set():
                return
            if is_file and camera.speed == "real" and raw.dts is not None:
                first_dts = raw.dts if first_dts is None else first_dts
                due_us = started_us + (raw.dts - first_dts) * SECOND // TICKS_PER_S
                late_us = _monotonic_us(clock) - due_us
                if late_us < 0 and stop.wait(-late_us / SECOND):
                    return
            yield from assembler.add(raw)
            if sound is not None:
                yield from sound.ready()
        yield from assembler.flush()
        if sound is not None:
            yield from sound.ready()
    if not is_file:
        raise CameraLost(f"camera {camera.id}: {camera.shown_url} ended its stream")


def _open(camera: CameraSettings, clock: Clock) -> InputContainer:
    # Not "fflags=nobuffer": it throws away the packets looked at while opening, the first keyframe too.
    options: dict[str, str] = {}
    file_format = None
    if camera.kind == "rtsp":
        wanted = "video+audio" if camera.sound else "video"
        options |= {"rtsp_transport": camera.transport, "allowed_media_types": wanted, **_QUICK}
    elif camera.kind == "device":
        file_format = "v4l2"
        options |= {"input_format": "h264"}
    elif camera.kind == "file" and not Path(camera.url.removeprefix("file://")).is_file():
        raise BadInput(f"camera {camera.id} url", expected="a video file", came=f"no such file {camera.url}")
    else:
        options |= {"analyzeduration": "1000000", "probesize": "500000"}
    parts = urlsplit(camera.url)
    try:
        addresses = _checked(camera)
        url = _pinned(camera, addresses)
        if addresses and camera.url.startswith("rtsp://"):
            _must_not_redirect(camera, addresses[0], clock)
        if camera.kind in {"rtsp", "network"}:
            # What a camera sends may name other things to open; files of this machine are none of them.
            options |= {"protocol_whitelist": _PROTOCOLS}
        if camera.kind == "network":
            # A playlist (HLS, DASH) names further addresses, which nobody would have checked.
            options |= {"format_whitelist": _FORMATS}
        if parts.scheme in {"http", "https"}:
            options |= {"max_redirects": "0", **_named(parts, pinned=url != camera.url)}
        return av.open(
            url,
            format=file_format,
            options=options,
            timeout=(camera.open_timeout_s, camera.read_timeout_s),
        )
    except (av.error.FFmpegError, OSError) as error:
        # Whatever keeps a camera from opening today may be gone at the next try.
        raise _unopened(camera, error) from error


def _checked(camera: CameraSettings) -> list[str] | None:
    try:
        return camera.addresses()
    except NotReached as error:
        raise CameraRefused(
            f"camera {camera.id} address", expected=error.expected, came=error.came
        ) from error


def _pinned(camera: CameraSettings, addresses: list[str] | None) -> str:
    """Return the address with the host's checked number in it."""
    parts = urlsplit(camera.url)
    if not addresses:
        return camera.url
    number = f"[{addresses[0]}]" if ":" in addresses[0] else addresses[0]
    head, at, place = parts.netloc.rpartition("@")
    port = place.rpartition("]")[2].rpartition(":")[2] if parts.port is not None else ""
    return urlunsplit(parts._replace(netloc=f"{head}{at}{number}{':' if port else ''}{port}"))


def _named(parts: SplitResult, *, pinned: bool) -> dict[str, str]:
    """Return how an http server at a number is told which name was meant."""
    if not pinned:
        return {}
    name = parts.netloc.rpartition("@")[2]
    return {"headers": f"Host: {name}\r\n", "verifyhost": str(parts.hostname)}


def _must_not_redirect(camera: CameraSettings, address: str, clock: Clock) -> None:
    """Refuse a camera that sends us elsewhere: FFmpeg would follow, and nobody have checked where to.

    Raises:
        CameraRefused: it does.
    """
    try:
        client = RtspClient(
            camera.url,
            address=address,
            clock=clock,
            open_timeout_s=camera.open_timeout_s,
            read_timeout_s=camera.read_timeout_s,
        )
        with closing(client):
            client.describe()
    except RtspRefused as error:
        if 300 <= error.status < 400:
            raise CameraRefused(
                f"camera {camera.id} address",
                expected="the camera itself (type the address it sends on to)",
                came=f"a redirect ({error.status})",
            ) from error
    except (OSError, BadInput):
        return  # Policy: what is amiss besides, the demuxer says; it may know the dialect.


def _video_of(container: InputContainer, camera: CameraSettings) -> VideoStream:
    if not container.streams.video:
        raise CameraRefused(f"camera {camera.id}", expected="a video stream", came="none")
    return container.streams.video[0]


def _live_packets(
    container: InputContainer,
    stream: VideoStream,
    camera: CameraSettings,
    clock: Clock,
    sound: DemuxedSound | None,
) -> Iterator[RawPacket]:
    # RTSP names no decoding times; the demuxer's guesses need a long probe, ours need none.
    guessed = camera.kind == "rtsp"
    base = stream.time_base
    try:
        # The demuxer gives a picture out when the next one begins to arrive, so a picture began to
        # arrive when the one before it came out.
        arrival = Arrival(clock.now(), _monotonic_us(clock))
        for packet in container.demux(*_wanted(stream, sound)):
            if packet.stream_index != stream.index and sound is not None:
                sound.take(packet)
                continue
            if packet.size:
                yield _raw(packet, base, arrival, is_dts_guessed=guessed)
            arrival = Arrival(clock.now(), _monotonic_us(clock))
    except (av.error.FFmpegError, OSError) as error:
        # Silence, a reset connection and garbage all mean the same to the recorder: try again.
        raise CameraLost(
            f"camera {camera.id}: {camera.shown_url} was lost: {_said(error, camera)}"
        ) from error


def _file_packets(
    container: InputContainer,
    stream: VideoStream,
    camera: CameraSettings,
    clock: Clock,
    sound: DemuxedSound | None,
) -> Iterator[RawPacket]:
    base = stream.time_base
    shift = 0
    while True:
        first: int | None = None
        following = 0
        try:
            for packet in container.demux(*_wanted(stream, sound)):
                if packet.stream_index != stream.index and sound is not None:
                    sound.take(packet, shift)
                    continue
                if not packet.size:
                    continue
                raw = _raw(packet, base, Arrival(clock.now(), _monotonic_us(clock)), is_dts_guessed=False)
                if raw.dts is not None:
                    first = raw.dts if first is None else first
                    following = raw.dts - first + max(1, _ticks(packet.duration or 0, base) or 0)
                    raw.dts += shift
                    raw.pts = raw.pts + shift if raw.pts is not None else None
                yield raw
        except (av.error.FFmpegError, OSError) as error:
            # A file that breaks off has been played as far as it goes.
            if first is None:
                raise CameraLost(
                    f"camera {camera.id}: {camera.url} cannot be read: {_said(error, camera)}"
                ) from error
        if not camera.loop or first is None:
            return
        shift += following
        container.seek(0)


def _wanted(stream: VideoStream, sound: DemuxedSound | None) -> list[Any]:
    return [stream] if sound is None or sound.stream is None else [stream, sound.stream]


def _raw(packet: Packet[Any], base: Fraction | None, arrival: Arrival, *, is_dts_guessed: bool) -> RawPacket:
    return RawPacket(
        _ticks(packet.pts, base),
        None if is_dts_guessed else _ticks(packet.dts, base),
        packet.is_keyframe,
        bytes(packet),
        arrival,
    )


def _ticks(stamp: int | None, base: Fraction | None) -> int | None:
    if stamp is None or base is None:
        return None
    if base.denominator == TICKS_PER_S and base.numerator == 1:
        return stamp
    return round(stamp * TICKS_PER_S * base)


def _monotonic_us(clock: Clock) -> int:
    return int(clock.monotonic_s() * SECOND)


def _coding(camera: CameraSettings, codec: str, names: dict[str, str]) -> Coding:
    try:
        return coding_of(codec)
    except BadInput as error:
        expected = "H.264 or H.265 (set the camera's video encoding to one of them)"
        came = names.get(codec, codec)
        raise CameraRefused(f"camera {camera.id}", expected=expected, came=came) from error


def _unopened(camera: CameraSettings, error: Exception) -> CameraLost:
    return CameraLost(f"camera {camera.id}: {camera.shown_url} cannot be opened: {_said(error, camera)}")


def _said(error: Exception, camera: CameraSettings) -> str:
    """Return what happened in words that help whoever looks after the camera."""
    status = error.status if isinstance(error, RtspRefused) else None
    if isinstance(error, av.error.ExitError | TimeoutError):
        return f"it was silent for {camera.read_timeout_s:g} s"
    if isinstance(error, av.error.HTTPUnauthorizedError) or status in {401, 403}:
        return "it wants another user name or password"
    if isinstance(error, av.error.HTTPNotFoundError) or status == 404:
        return "it knows no stream of this path"
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
