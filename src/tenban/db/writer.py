"""One group-commit writer per process.

Whoever writes hands over a piece of work and waits; one thread runs all that waits in one transaction,
commits once, and only then lets them go on. So durability (an fsync per commit) is paid per group and
not per request. A piece of work that fails is rolled back to its own savepoint and costs its
neighbours nothing.
"""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DataError, DBAPIError, SQLAlchemyError

from tenban.base.errors import Unavailable
from tenban.db.refusals import told

T = TypeVar("T")
Item = TypeVar("Item")
Result = TypeVar("Result")

MAX_GROUP = 512

Merge = Callable[[Connection, Sequence[Any]], Sequence[Any]]


@dataclass(frozen=True, slots=True)
class _Work:
    run: Callable[[Connection], Any] | None
    merge: Merge | None
    item: Any
    done: Future[Any]


class GroupWriter:
    """Runs pieces of work in grouped transactions on one thread.

    Args:
        engine: an engine opened for writing.
        announce: called after each commit, on the writer's thread.
    """

    def __init__(self, engine: Engine, announce: Callable[[], None] | None = None) -> None:
        self._engine = engine
        # Kept between groups: taking one costs as much as a statement.
        self._connection: Connection | None = None
        self._announce = announce
        self._waiting: queue.SimpleQueue[_Work | None] = queue.SimpleQueue()
        self._closed = False
        self.groups_committed = 0
        self.groups_failed = 0
        self._thread = threading.Thread(target=self._work, name="db-writer", daemon=True)
        self._thread.start()

    def submit(self, run: Callable[[Connection], T]) -> Future[T]:
        """Hand over a piece of work; the future completes once its group is committed."""
        return self._put(_Work(run, None, None, Future()))

    def submit_merged(
        self, merge: Callable[[Connection, Sequence[Item]], Sequence[Result]], item: Item
    ) -> Future[Result]:
        """Hand over one item; all items waiting for the same ``merge`` go to it in one call, in order.

        ``merge`` returns one result per item. If it raises, its items are tried again one by one.
        """
        return self._put(_Work(None, merge, item, Future()))

    def close(self) -> None:
        """Commit what waits and end the thread."""
        if not self._closed:
            self._closed = True
            self._waiting.put(None)
            self._thread.join()

    def _put(self, work: _Work) -> Future[Any]:
        if self._closed:
            raise Unavailable("expected an open database writer, got a closed one")
        self._waiting.put(work)
        return work.done

    def _work(self) -> None:
        while True:
            group, last = self._next_group()
            if group:
                self._commit(group)
            if last:
                self._let_connection_go()
                return

    def _next_group(self) -> tuple[list[_Work], bool]:
        first = self._waiting.get()
        if first is None:
            return [], True
        group = [first]
        while len(group) < MAX_GROUP:
            try:
                work = self._waiting.get_nowait()
            except queue.Empty:
                return group, False
            if work is None:
                return group, True
            group.append(work)
        return group, False

    def _commit(self, group: list[_Work]) -> None:
        outcomes: list[tuple[_Work, Any, BaseException | None]] = []
        try:
            if self._connection is None:
                self._connection = self._engine.connect()
            if len(group) > 1:
                # A single work begins by itself at its first statement, unless that is all there is of it.
                self._connection.begin()
            outcomes = self._run(self._connection, group)
            self._connection.commit()
        except SQLAlchemyError as error:
            # Policy: a group whose commit failed is told so, whole; nobody believes it is durable.
            self.groups_failed += 1
            self._let_connection_go()
            failure = Unavailable(f"expected the database to commit, got: {_first_line(error)}")
            failure.__cause__ = error
            for work in group:
                work.done.set_exception(failure)
            return
        self.groups_committed += 1
        if self._announce is not None:
            self._announce()
        for work, result, failure_of_one in outcomes:
            with contextlib.suppress(Exception):  # Policy: whoever waits may have gone; the fact is kept.
                if failure_of_one is None:
                    work.done.set_result(result)
                else:
                    work.done.set_exception(failure_of_one)

    def _let_connection_go(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _run(
        self, connection: Connection, group: list[_Work]
    ) -> list[tuple[_Work, Any, BaseException | None]]:
        if len(group) == 1:
            return [_alone(connection, group[0])]
        outcomes: list[tuple[_Work, Any, BaseException | None]] = []
        at = 0
        while at < len(group):
            work = group[at]
            if work.merge is None:
                assert work.run is not None  # noqa: S101  # one of the two is always given
                outcomes.append((work, *_tried(connection, work.run)))
                at += 1
                continue
            run = [work]
            while at + len(run) < len(group) and group[at + len(run)].merge is work.merge:
                run.append(group[at + len(run)])
            outcomes.extend(_merged(connection, work.merge, run))
            at += len(run)
        return outcomes


def _alone(connection: Connection, work: _Work) -> tuple[_Work, Any, BaseException | None]:
    """Run the only piece of work of a group: there are no neighbours, so the transaction is its savepoint."""
    try:
        if work.run is not None:
            return work, work.run(connection), None
        assert work.merge is not None  # noqa: S101  # one of the two is always given
        [result] = work.merge(connection, [work.item])
    except Exception as error:  # worker loop: the error goes to whoever handed the work over
        connection.rollback()
        if isinstance(error, DBAPIError) and error.connection_invalidated:
            raise
        return work, None, told(error) if isinstance(error, DataError) else error
    return work, result, None


def _tried(connection: Connection, run: Callable[[Connection], Any]) -> tuple[Any, BaseException | None]:
    savepoint = connection.begin_nested()
    try:
        result = run(connection)
    except Exception as error:  # worker loop: the error goes to whoever handed the work over
        if savepoint.is_active:
            savepoint.rollback()
        if isinstance(error, DBAPIError) and error.connection_invalidated:
            raise
        return None, told(error) if isinstance(error, DataError) else error
    savepoint.commit()
    return result, None


def _merged(
    connection: Connection, merge: Merge, run: list[_Work]
) -> list[tuple[_Work, Any, BaseException | None]]:
    items = [work.item for work in run]
    results, error = _tried(connection, lambda inner: merge(inner, items))
    if error is None:
        return [(work, result, None) for work, result in zip(run, results, strict=True)]
    if len(run) == 1:
        return [(run[0], None, error)]
    outcomes: list[tuple[_Work, Any, BaseException | None]] = []
    for work in run:
        outcomes.extend(_merged(connection, merge, [work]))
    return outcomes


def _first_line(error: BaseException) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
