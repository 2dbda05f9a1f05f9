"""What recording costs per camera, beside the least a Python process can do with the same streams.

Cameras of 1280x720, 15 pictures a second, H.264 at about 2 Mb/s, one keyframe every two seconds, over
RTSP/TCP on loopback; one, eight and thirty-two of them. Each way runs in a process of its own; its CPU time
and its memory are counted there.

    ffmpeg     the program copies each stream into files of three minutes, a process each (where installed)
    demux      PyAV opens the stream and throws the packets away (the baseline)
    plain      PyAV writes the packets to fragmented MP4, a keyframe each, without any index
    tenban     the recorder: fragments forced to the disk, index, fan-out socket open, nobody subscribed
    sealed     the same with sealed footage: a key each file, a record each fragment
    watched    the recorder with one subscriber per camera that reads everything

The index of a month is how much its file grew, carried on to 30 days: right with many cameras, whole pages
with one.

Run: python benchmarks/recording.py [--seconds 10 | --long] [--cameras 1,8,32] [--ways demux,tenban]
     [--codec h265] [--write]

``--long`` takes a minute for each size and way, about twenty minutes in all: in it a third of the cameras
end a file and begin another.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from tenban.base.clock import SystemClock
from tenban.db.database import Database
from tenban.db.engine import open_engine
from tenban.db.keyring import open_keyring
from tenban.db.schema import metadata
from tenban.db.vault import Vault
from tenban.simulator.cameras import FileCamera
from tenban.simulator.rtsp import RtspServer
from tenban.video.queries import FootageIndex
from tenban.video.recorder import run_recorder
from tenban.video.settings import CameraSettings, RecordingSettings
from tenban.video.subscribe import subscribe

WAYS = ("ffmpeg", "demux", "plain", "tenban", "sealed", "watched")
RESULTS = Path(__file__).parent / "results" / "recording.md"
OPTIONS = {"rtsp_transport": "tcp", "analyzeduration": "0", "probesize": "32"}


def make_film(path: Path, codec: str = "libx264") -> float:
    """Write ten seconds of moving texture with an encoder; return its rate in Mb/s."""
    noise = np.random.default_rng(1).integers(0, 200, (1440, 2560), dtype=np.uint8)
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream(codec, rate=15)
        stream.width, stream.height, stream.pix_fmt = 1280, 720, "yuv420p"
        stream.time_base = Fraction(1, 15)
        limits = "keyint=30:min-keyint=30:scenecut=0:vbv-maxrate=2200:vbv-bufsize=2200"
        limits += ":pools=none:log-level=none" if codec == "libx265" else ":threads=1"
        params = codec.removeprefix("lib") + "-params"
        stream.options = {"preset": "ultrafast", "tune": "zerolatency", "b": "2000k", params: limits}
        stream.bit_rate = 2_000_000
        for number in range(150):
            luma = noise[number : number + 720, number * 2 : number * 2 + 1280] // 4 + 60
            chroma = np.full((360, 1280), 128, dtype=np.uint8)
            frame = av.VideoFrame.from_ndarray(np.vstack([luma, chroma]), format="yuv420p")
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path.stat().st_size * 8 / 10 / 1e6


def machine() -> str:
    """Say where and beside what else it was measured."""
    load = os.getloadavg()[1]
    return f"{os.cpu_count()} cores, load average {load:.1f} with whatever else the machine did meanwhile"


def read_demux(url: str, stop: threading.Event, _: Path) -> None:
    with av.open(url, options=OPTIONS, timeout=(5, 5)) as container:
        for packet in container.demux(video=0):
            if stop.is_set():
                return
            del packet


def read_plain(url: str, stop: threading.Event, folder: Path) -> None:
    with av.open(url, options=OPTIONS, timeout=(5, 5)) as container:
        stream = container.streams.video[0]
        place = folder / f"{url.rsplit('/', 1)[1]}.mp4"
        with av.open(
            str(place), "w", options={"movflags": "frag_keyframe+empty_moov+default_base_moof"}
        ) as out:
            copy = out.add_stream_from_template(stream)
            started = False
            for packet in container.demux(stream):
                if stop.is_set():
                    return
                started = started or packet.is_keyframe
                if started and packet.dts is not None:
                    packet.stream = copy
                    out.mux(packet)


def child(way: str, seconds: float, urls: list[str], fragment_s: float) -> None:
    """Run one way in this process and print what it cost."""
    stop = threading.Event()
    threads: list[threading.Thread] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if way in {"demux", "plain"}:
            read = read_demux if way == "demux" else read_plain
            threads += [threading.Thread(target=read, args=(url, stop, folder)) for url in urls]
        else:
            url = f"sqlite:///{folder}/index.db"
            engine = open_engine(url, writes=True)
            metadata.create_all(engine)
            engine.dispose()
            empty_bytes = (folder / "index.db").stat().st_size
            database = Database(url)
            index = FootageIndex(database)
            is_sealed = way == "sealed"
            cameras = [CameraSettings(f"cam{n}", one, sealed=is_sealed) for n, one in enumerate(urls)]
            vault = Vault(database, open_keyring(folder / "keys", {}), SystemClock())
            options = {"packets_socket": folder / "packets.sock", "vault": vault}
            options["recording"] = RecordingSettings(fragment_s=fragment_s)
            threads.append(
                threading.Thread(
                    target=run_recorder, args=(cameras, folder, index, SystemClock(), stop), kwargs=options
                )
            )
        for thread in threads:
            thread.start()
        helper = None
        if way == "watched":
            command = [sys.executable, __file__, "--subscribe", str(folder / "packets.sock"), str(len(urls))]
            helper = subprocess.Popen(command)
        stop.wait(6)
        before, started_s = resource.getrusage(resource.RUSAGE_SELF), SystemClock().monotonic_s()
        stop.wait(seconds)
        after, ended_s = resource.getrusage(resource.RUSAGE_SELF), SystemClock().monotonic_s()
        memory_kib = int(Path("/proc/self/status").read_text().split("VmRSS:")[1].split()[0])
        stop.set()
        for thread in threads:
            thread.join()
        if helper is not None:
            helper.kill()
            helper.wait()
        used_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        said = {"cpu": used_s / (ended_s - started_s), "mib": memory_kib / 1024, "index_mib": 0.0}
        if way == "tenban":
            database.close()
            size = (folder / "index.db").stat().st_size - empty_bytes
            said["index_mib"] = size / (6 + ended_s - started_s) * 86_400 * 30 / len(urls) / 2**20
        print(json.dumps(said))


def subscriber(path: Path, count: int) -> None:
    """Read everything of every camera until killed."""

    def read(number: int) -> None:
        for _ in subscribe(path, f"cam{number}", threading.Event()):
            pass

    threads = [threading.Thread(target=read, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()


def measure_ffmpeg(seconds: float, urls: list[str]) -> dict[str, float]:
    """Run the program once per camera; CPU time and memory of all of them together."""
    with tempfile.TemporaryDirectory() as name:
        running = []
        for number, url in enumerate(urls):
            command = [
                "ffmpeg",
                "-v",
                "error",
                "-rtsp_transport",
                "tcp",
                "-i",
                url,
                "-c",
                "copy",
                "-f",
                "segment",
            ]
            command += [
                "-segment_time",
                "180",
                "-segment_format_options",
                "movflags=frag_keyframe+empty_moov",
            ]
            running.append(subprocess.Popen([*command, f"{name}/{number}-%d.mp4"], stdin=subprocess.DEVNULL))
        wait = threading.Event()
        wait.wait(6)
        before_s, started_s = sum(cpu_s(one.pid) for one in running), SystemClock().monotonic_s()
        wait.wait(seconds)
        used_s = sum(cpu_s(one.pid) for one in running) - before_s
        took_s = SystemClock().monotonic_s() - started_s
        mib = sum(resident_kib(one.pid) for one in running) / 1024
        for one in running:
            one.kill()
            one.wait()
    return {"cpu": used_s / took_s, "mib": mib, "index_mib": 0.0}


def cpu_s(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_kib(process: int) -> int:
    return int(Path(f"/proc/{process}/status").read_text().split("VmRSS:")[1].split()[0])


def measure(way: str, seconds: float, urls: list[str], fragment_s: float) -> dict[str, float]:
    if way == "ffmpeg":
        return measure_ffmpeg(seconds, urls)
    command = [sys.executable, __file__, "--child", way, "--seconds", str(seconds)]
    command += ["--fragment-s", str(fragment_s), *urls]
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    result: dict[str, float] = json.loads(out.splitlines()[-1])
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--long", action="store_const", const=60.0, dest="seconds", help="a minute each")
    parser.add_argument("--cameras", default="1,8,32", help="how many, one after the other")
    parser.add_argument("--fragment-s", type=float, default=RecordingSettings().fragment_s)
    parser.add_argument("--ways", default=",".join(WAYS))
    parser.add_argument("--codec", choices=["h264", "h265"], default="h264", help="what the cameras send")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--write", action="store_true", help="write the results page")
    parser.add_argument("--child")
    parser.add_argument("--subscribe", nargs=2)
    parser.add_argument("urls", nargs="*")
    given = parser.parse_args()
    if given.child:
        child(given.child, given.seconds, given.urls, given.fragment_s)
        return
    if given.subscribe:
        subscriber(Path(given.subscribe[0]), int(given.subscribe[1]))
        return
    counts = [int(one) for one in given.cameras.split(",")]
    ways = [one for one in given.ways.split(",") if one != "ffmpeg" or shutil.which("ffmpeg")]
    lines = [
        "| cameras | way | % of a core each | ratio to demux | MiB in all | MiB each | index MiB a month |",
        "|---|---|---|---|---|---|---|",
    ]
    with tempfile.TemporaryDirectory() as name:
        film = Path(name) / "film.mp4"
        rate = make_film(film, f"libx{given.codec[1:]}")
        server = RtspServer()
        port = server.start()
        names = [f"cam{number}" for number in range(max(counts))]
        cameras = [FileCamera(server, one, film) for one in names]
        for camera in cameras:
            camera.start()
        alone: dict[str, float] = {}
        for count in counts:
            urls = [f"rtsp://127.0.0.1:{port}/{one}" for one in names[:count]]
            baseline = 0.0
            for way in ways:
                runs = [measure(way, given.seconds, urls, given.fragment_s) for _ in range(given.rounds)]
                cost = sorted(run["cpu"] for run in runs)[len(runs) // 2] / count
                mib = max(run["mib"] for run in runs)
                first = alone.setdefault(way, mib)
                each = f"{(mib - first) / (count - counts[0]):.1f}" if count > counts[0] else "–"
                baseline = cost if way == "demux" else baseline
                ratio = f"{cost / baseline:.2f}" if baseline else "–"
                index_mib = f"{runs[-1]['index_mib']:.0f}" if way == "tenban" else "–"
                lines.append(f"| {count} | {way} | {cost:.2%} | {ratio} | {mib:.0f} | {each} | {index_mib} |")
                print(lines[-1], flush=True)
        for camera in cameras:
            camera.stop()
        server.stop()
    head = f"1280x720, 15 fps, {given.codec.upper()} {rate:.1f} Mb/s, RTSP/TCP, "
    head += f"median of {given.rounds} runs of {given.seconds:.0f} s; {machine()}"
    if "ffmpeg" in given.ways.split(",") and "ffmpeg" not in ways:
        head += "; the ffmpeg program is not installed here, so its row is missing"
    print("\n".join([head, *lines]))
    if given.write:
        RESULTS.write_text(f"# What recording costs\n\n{__doc__}\n{head}.\n\n" + "\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
