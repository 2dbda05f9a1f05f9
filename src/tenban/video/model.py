"""What the index of footage holds."""

from __future__ import annotations

from dataclasses import dataclass, field

from tenban.base.clock import Instant
from tenban.video.camera_state import CameraState
from tenban.video.footage import FileKey
from tenban.video.packets import StreamInfo


@dataclass(frozen=True, slots=True)
class Segment:
    """A file of footage; it holds fragments of one run, coded in one way.

    Attributes:
        id: UUIDv7.
        info: camera, run and how the pictures are coded.
        path: below the footage folder; its end tells whether the file is sealed.
        started_at: when its first picture was taken.
        start_dts: decoding time of its first picture in ticks of the run; the file's own times begin here.
        monotonic_us: ``started_at`` by the clock that is never set; None where not known.
    """

    id: str
    info: StreamInfo
    path: str
    started_at: Instant
    start_dts: int
    monotonic_us: int | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Run:
    """An uninterrupted piece of one camera's stream, as it began.

    Attributes:
        id: UUIDv7.
        camera: the camera's id.
        began_at: when its first packet came, by the wall clock.
        monotonic_us: the same moment by the clock that is never set, from the machine's start.
        boot: which start of the machine that clock counts from; empty where not known.
        why: why it began.
        step_us: by how much our wall clock was set since the run before; 0: it was not.
    """

    id: str
    camera: str
    began_at: Instant
    monotonic_us: int
    boot: str
    why: str
    step_us: int


@dataclass(frozen=True, slots=True)
class FragmentRow:
    """Where a fragment lies, and all a cut needs to know of it.

    Attributes:
        camera: the camera's id.
        segment: the id of the file that holds it.
        start_at: when its first picture was taken.
        end_at: when the last of its pictures to be shown ends.
        start_dts: decoding time of its first picture, in ticks of the run.
        is_keyframe: it begins with a keyframe.
        offset: of its first sample in the (plain) file, in bytes.
        length: of all its samples, in bytes.
        samples: the packed sample table.
        sound_start: position of the first frame of sound; None: there is none.
        sound_offset: of that frame in the (plain) file, in bytes; before the pictures'.
        sound_length: of all its frames, in bytes.
        sound_samples: their packed table: size, length in samples, samples missing until the next.
    """

    camera: str
    segment: str
    start_at: Instant
    end_at: Instant
    start_dts: int
    is_keyframe: bool
    offset: int
    length: int
    samples: bytes
    sound_start: int | None = None
    sound_offset: int | None = None
    sound_length: int | None = None
    sound_samples: bytes | None = None


@dataclass(slots=True)
class IndexBatch:
    """Facts of a recorder that are committed together.

    Attributes:
        keys: of those among ``segments`` whose files are sealed.
        sizes: bytes on the disk of those that ended, by their segments.
        written: the files with bytes that have to be on the disk first, by their segments.
    """

    segments: list[Segment] = field(default_factory=list)
    fragments: list[FragmentRow] = field(default_factory=list)
    ended: list[tuple[str, Instant]] = field(default_factory=list)
    states: list[CameraState] = field(default_factory=list)
    keys: list[FileKey] = field(default_factory=list)
    written: dict[str, str] = field(default_factory=dict)
    runs: list[Run] = field(default_factory=list)
    sizes: dict[str, int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.segments) + len(self.fragments) + len(self.ended) + len(self.states)

    def take(self, other: IndexBatch) -> None:
        """Append another batch's facts to this one's."""
        self.segments += other.segments
        self.fragments += other.fragments
        self.ended += other.ended
        self.states += other.states
        self.keys += other.keys
        self.written |= other.written
        self.runs += other.runs
        self.sizes |= other.sizes

    def by_file(self) -> list[IndexBatch]:
        """Return the same facts, those of each file for themselves; what is of none comes first."""
        parts: dict[str, IndexBatch] = {}
        if self.states or self.keys or self.runs:
            parts[""] = IndexBatch(states=self.states, keys=self.keys, runs=self.runs)
        for segment in self.segments:
            parts.setdefault(segment.id, IndexBatch()).segments.append(segment)
        for row in self.fragments:
            parts.setdefault(row.segment, IndexBatch()).fragments.append(row)
        for ended in self.ended:
            parts.setdefault(ended[0], IndexBatch()).ended.append(ended)
        for of, part in parts.items():
            part.written = {of: self.written[of]} if of in self.written else {}
            part.sizes = {of: self.sizes[of]} if of in self.sizes else {}
        return list(parts.values())
