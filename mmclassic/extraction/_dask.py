"""Describe chunks on a Dask cluster; what it describes is written here.

joblib's backend would not do: it waits forever for a task whose workers die, takes as
many tasks as there were workers at the start, and hands results over without a bound.
"""

import pickle
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from hashlib import blake2b
from itertools import islice
from traceback import format_exception
from typing import Any

from mmclassic._execution import Caller
from mmclassic.exceptions import MediaError
from mmclassic.extraction._chunk import Chunk, Described
from mmclassic.extraction._describe import describe_chunk, installed
from mmclassic.extraction._folder import Folder
from mmclassic.extraction._parts import Part

__all__ = ["describe_on_cluster"]

TIMEOUT = 10  # seconds to reach the scheduler, and then a worker
AHEAD = 2  # chunks a worker's thread has, so that it need not wait for the next


def describe_on_cluster(
    chunks: Iterable[Chunk], parts: Sequence[Part], folder: Folder, cluster: Any
) -> Generator[Described]:
    """Yield what is known of each chunk once its file is written, in any order.

    Parameters
    ----------
    chunks : iterable of Chunk
        Taken as workers get free; as many are under way as they have threads, twice.
    parts : sequence of Part
    folder : Folder
    cluster : str or distributed.Client
        Address of the scheduler, or what is connected to it.

    Yields
    ------
    Described
        Without its blocks.

    Raises
    ------
    ConnectionError
        If there is no scheduler or worker, or they are lost.
    """
    with _connected(cluster) as client:
        shared = _Shared(client, parts)
        with closing(_results(client, iter(chunks), shared)) as results:
            for described in results:
                if described.blocks is not None:
                    folder.save(described)
                    described.blocks = None
                yield described


class _Shared:
    """The parts on the workers: sent once, and again where a worker was lost."""

    def __init__(self, client: Any, parts: Sequence[Part]) -> None:
        import cloudpickle  # distributed's own; takes what a notebook defines

        pickled = cloudpickle.dumps(list(parts))
        name = blake2b(pickled, digest_size=16).hexdigest()
        self.client = client
        self.parts = client.submit(pickle.loads, pickled, key=f"mmclassic-parts-{name}")
        self.expected = installed()

    def submit(self, chunk: Chunk) -> Any:
        return self.client.submit(
            _describe_afar, chunk, self.parts, self.expected, pure=False
        )


def _describe_afar(
    chunk: Chunk, parts: Sequence[Part], expected: bytes | None
) -> Described | tuple[MediaError, str]:
    """Return an invalid item's error: Dask would log what is raised, as its own."""
    try:
        return describe_chunk(chunk, parts, Caller(), expected)
    except MediaError as error:
        return error, "".join(format_exception(error))


class _RemoteError(Exception):
    """What was raised on a worker, by its traceback."""


def _described(result: Described | tuple[MediaError, str]) -> Described:
    if isinstance(result, Described):
        return result
    error, traceback = result
    raise error from _RemoteError(traceback)


def _results(
    client: Any, chunks: Iterator[Chunk], shared: _Shared
) -> Generator[Described]:
    from distributed import as_completed
    from distributed.comm import CommClosedError

    under_way: set[Any] = set()
    try:
        with _losses_told():
            finished = as_completed([], loop=client.loop)
            _submit(client, chunks, shared, under_way, finished)
        while under_way:
            with _losses_told():
                future = next(finished)
            # What goes wrong on a worker may be an OSError too.
            with _losses_told(CommClosedError):
                described = _described(future.result())
            under_way.remove(future)
            yield described
            with _losses_told():
                _submit(client, chunks, shared, under_way, finished)
    finally:
        with suppress(OSError):  # lost, so that there is nothing to cancel
            client.cancel(list(under_way), force=True)


def _submit(
    client: Any,
    chunks: Iterator[Chunk],
    shared: _Shared,
    under_way: set[Any],
    finished: Any,
) -> None:
    """Submit as many chunks as keep the workers of this moment busy."""
    # Workers come and go; at least one, or nothing would be asked for any more.
    n_wanted = max(1, AHEAD * sum(client.nthreads().values()))
    for chunk in islice(chunks, max(0, n_wanted - len(under_way))):
        future = shared.submit(chunk)
        under_way.add(future)
        finished.add(future)


@contextmanager
def _losses_told(lost: type[OSError] = OSError) -> Iterator[None]:
    """Tell of lost workers and of a lost scheduler by an error that says what to do."""
    from distributed import CancelledError, KilledWorker

    try:
        yield
    except KilledWorker as error:
        raise ConnectionError(
            f"Workers of the Dask cluster died while they described some rows: {error} "
            "They may need more memory, or an item kills them. What is described is "
            "kept; run it again."
        ) from error
    except (CancelledError, lost) as error:
        raise ConnectionError(
            "The Dask scheduler was lost, or cancelled the work. What is described is "
            "kept; run it again."
        ) from error


@contextmanager
def _connected(cluster: Any) -> Iterator[Any]:
    try:
        from distributed import Client
    except ImportError as error:
        raise ImportError(
            "A Dask cluster needs the package distributed. Install it: "
            'pip install "mmclassic[dask]"'
        ) from error
    if isinstance(cluster, Client):
        yield cluster
        return
    try:
        client = _client(cluster)
    except (OSError, TimeoutError, ValueError) as error:
        raise ConnectionError(
            f"There is no Dask scheduler at {cluster!r}. Start one by `dask "
            "scheduler`, which prints its address, such as 'tcp://127.0.0.1:8786'."
        ) from error
    try:
        _wait_for_a_worker(client, cluster)
        yield client
    finally:
        _close(client)


def _wait_for_a_worker(client: Any, address: str) -> None:
    try:
        client.wait_for_workers(1, timeout=TIMEOUT)
    except TimeoutError as error:
        raise ConnectionError(
            f"The Dask scheduler at {address!r} has no workers. Start some by "
            f"`dask worker {address}`."
        ) from error


def _close(client: Any) -> None:
    """Close it; one that lost its scheduler may be closing itself, which is an error.

    distributed then sets back a timeout a second time, and asyncio takes that once.
    """
    with suppress(RuntimeError):
        client.close()


def _client(address: str) -> Any:
    from distributed import Client

    class Connecting(Client):
        """Closes itself at once where it fails: later its loop has ended before it."""

        def start(self, **settings: Any) -> None:
            try:
                super().start(**settings)
            except BaseException:
                with suppress(Exception):
                    self.close(timeout=1)
                raise

    return Connecting(address, timeout=TIMEOUT, set_as_default=False)
