from __future__ import annotations

import sqlite3
import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from voc_pipeline.errors import BusyError, ConfigError, StoreError
from voc_pipeline.ids import MentionId, ParticipantId, ThemeId, TopicId, mention_id, passage_id, transcript_id
from voc_pipeline.records import (
    LossReport,
    Mention,
    Outcome,
    Participant,
    Passage,
    ReplacedSpan,
    Role,
    Sentiment,
    Stance,
    Topic,
    Transcript,
    Turn,
)
from voc_pipeline.speech import SpokenScore
from voc_pipeline.store import CODE_STAGE, DISCOVER_STAGE, WHOLE_STUDY, FileRow, Store
from voc_pipeline.store import database as database_module
from voc_pipeline.store.ledger import Ledger
from voc_pipeline.store.schema import metadata

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SHA_A, SHA_B = "a" * 64, "b" * 64
TR_A = transcript_id(SHA_A)
PERSON = ParticipantId("P-1")


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'data' / 'voc.sqlite'}"


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with Store(url) as opened:
        yield opened


def file_row(sha256: str = SHA_A, path: str = "a.txt", version: int = 1) -> FileRow:
    return FileRow(path, sha256, path, 10, version, Outcome.CODED, "", "", "k", "2026-01-01T00:00:00Z")


def transcript(sha256: str = SHA_A, version: int = 1) -> Transcript:
    text = "I am [PERSON_7F3A9C] 🙂"
    turns = (
        Turn(1, "Interviewer", Role.INTERVIEWER, "Who are you?", 0),
        Turn(2, "R", Role.PARTICIPANT, text, 13, PERSON, 4.5, (ReplacedSpan(5, 20, "[PERSON_7F3A9C]", "PERSON"),)),
    )
    loss = LossReport(3, 2, (("footer", 1),), 1)
    return Transcript(transcript_id(sha256), "a.txt", sha256, turns, version, "2026-01-01", "en", loss)


def mention() -> Mention:
    stance = Stance(Sentiment.MIXED, -0.25, "use", "problem")
    theme = ThemeId("price_value")
    return Mention(
        mention_id(TR_A, 2, theme), TR_A, PERSON, 2, 0, 4, "I am", theme, "heads", "1", 0.75, stance,
        prompted=True, accepted=True, why="0.75 against 0.5",
    )  # fmt: skip


def test_everything_saved_comes_back_equal(store: Store) -> None:
    people = [Participant(PERSON, {"region": "NA", "role": ""})]
    store.inbox.save(file_row(), transcript=transcript(), participants=people)
    passage = Passage(passage_id(TR_A, 2, 0, 22), TR_A, 2, 0, 22, ((0, 5), (5, 22)), codable=False)
    score = SpokenScore(TR_A, PERSON, 2, 0, 4, "I am", 7.5)
    topic = Topic(TopicId("tp_1"), "cats", ("cat", "dog"), (passage.passage_id,), (), 0.5)
    store.codings.save_coding(TR_A, "key", passages=[passage], mentions=[mention()], scores=[score])
    store.codings.save_topics("topic key", [topic])

    assert store.inbox.files() == [file_row()]
    assert store.inbox.transcripts() == [transcript()]
    assert store.inbox.participants([TR_A]) == people
    assert store.codings.passages([TR_A]) == [passage]
    assert store.codings.mentions([TR_A]) == [mention()]
    assert store.codings.spoken_scores([TR_A]) == [score]
    assert store.codings.topics() == [topic]
    assert store.codings.work_keys(CODE_STAGE) == {TR_A: "key"}
    assert store.codings.work_keys(DISCOVER_STAGE) == {WHOLE_STUDY: "topic key"}


def test_a_transcript_that_reads_differently_loses_its_coding_and_its_work_key(store: Store) -> None:
    store.inbox.save(file_row(), transcript=transcript())
    store.codings.save_coding(TR_A, "key", passages=[], mentions=[mention()], scores=[])
    store.inbox.save(replace(file_row(), work_key="k2"), transcript=transcript())
    assert store.codings.mentions([TR_A]) == [mention()]
    assert store.codings.work_keys(CODE_STAGE) == {TR_A: "key"}
    changed = transcript()
    asked = replace(changed.turns[0], text="Who are yoU?")
    store.inbox.save(file_row(), transcript=replace(changed, turns=(asked, changed.turns[1])))
    assert store.codings.mentions([TR_A]) == []
    assert store.codings.work_keys(CODE_STAGE) == {}


def test_a_path_that_is_gone_is_retired(store: Store) -> None:
    store.inbox.save(file_row(), transcript=transcript())
    store.inbox.retire("a.txt", reason="moved")
    [row] = store.inbox.files_at("a.txt")
    assert (row.outcome, row.current, row.reason) == (Outcome.SUPERSEDED, False, "moved")
    assert store.inbox.transcripts() == []


@pytest.mark.parametrize("url", ["nonsense", "mongo://x", "postgresql+nodriver://x"])
def test_a_url_that_names_no_database_is_wrong_configuration(url: str) -> None:
    with pytest.raises(ConfigError, match=r"'store\.url' names no database that can be reached"):
        Store(url)


def test_a_failing_statement_quotes_no_interview(store: Store) -> None:
    broken = replace(transcript(), turns=())
    store.inbox.save(file_row(), transcript=broken)
    with pytest.raises(StoreError) as caught:
        store.codings.save_coding(TR_A, "k", passages=[], mentions=[mention(), mention()], scores=[])
    assert mention().quote not in str(caught.value)
    assert "the database failed" in str(caught.value)


def test_a_new_version_supersedes_the_old_one_which_is_kept(store: Store) -> None:
    store.inbox.save(file_row(), transcript=transcript())
    store.inbox.save(file_row(SHA_B, version=2), transcript=transcript(SHA_B, 2))
    old, new = store.inbox.files()
    assert (old.outcome, old.current, new.outcome, new.current) == (Outcome.SUPERSEDED, False, Outcome.CODED, True)
    assert [found.sha256 for found in store.inbox.transcripts()] == [SHA_B]


def test_a_duplicate_does_not_touch_the_original(store: Store) -> None:
    store.inbox.save(file_row(), transcript=transcript())
    store.inbox.save(replace(file_row(path="copy.txt"), outcome=Outcome.DUPLICATE))
    assert len(store.inbox.transcripts()) == 1


def test_vectors_keep_their_first_value(store: Store) -> None:
    first = np.array([0.5, -1.0], dtype=np.float32)
    store.vectors.save("enc", {SHA_A: first})
    store.vectors.save("enc", {SHA_A: first * 2, SHA_B: first})
    found = store.vectors.load("enc", [SHA_A, SHA_B, "c" * 64])
    assert set(found) == {SHA_A, SHA_B}
    assert found[SHA_A].tolist() == [0.5, -1.0]
    assert store.vectors.load("other", [SHA_A]) == {}


def test_the_newest_run_is_found(store: Store) -> None:
    assert store.ledger.last_run() is None
    store.ledger.save_run("run_1", key="k1", folder="one", published_at="2026-01-01T00:00:00Z")
    store.ledger.save_run("run_2", key="k2", folder="two", published_at="2026-01-02T00:00:00Z")
    assert store.ledger.last_run() == ("k2", "two")


def test_migrations_make_exactly_the_schema(url: str) -> None:
    with Store(url):
        pass
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    assert ScriptDirectory(str(database_module._MIGRATIONS)).get_current_head() == database_module.HEAD  # noqa: SLF001 (the head is what this test is about)


def test_a_store_of_a_newer_version_is_refused(url: str, tmp_path: Path) -> None:
    with Store(url):
        pass
    with sqlite3.connect(tmp_path / "data" / "voc.sqlite") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreError, match=r"newer version.*Upgrade voc-pipeline"):
        Store(url)


def test_a_file_that_is_no_database_is_a_clear_error(tmp_path: Path) -> None:
    path = tmp_path / "voc.sqlite"
    path.write_bytes(b"this is not a database, it is some text" * 100)
    with pytest.raises(StoreError, match=r"voc\.sqlite: the database failed: file is not a database"):
        Store(f"sqlite:///{path}")


def test_four_writers_never_meet_a_locked_database(url: str) -> None:
    with Store(url):
        pass
    errors: list[Exception] = []

    def write(writer: int) -> None:
        with Store(url) as own:
            for number in range(50):
                try:
                    own.ledger.last_run()
                    own.ledger.save_run(f"run_{writer}_{number}", key="k", folder="f", published_at="2026")
                except Exception as error:  # noqa: BLE001 (whatever goes wrong is what is counted)
                    errors.append(error)

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    with Store(url) as store, store._database.reading() as connection:  # noqa: SLF001 (counting rows)
        assert connection.scalar(sa.text("SELECT count(*) FROM runs")) == 200


def test_a_lease_of_a_live_process_is_respected_and_one_of_a_dead_process_is_not(url: str) -> None:
    now = [1000.0]
    with Store(url) as store:
        ledger = Ledger(store._database, clock=lambda: now[0])  # noqa: SLF001 (an injected clock)
        with (
            ledger.writer(),
            pytest.raises(BusyError, match=r"another process writes to this study \(pid \d+\)"),
            ledger.writer(),
        ):
            pass
        with ledger.writer():
            pass
        with store._database.writing() as connection:  # noqa: SLF001 (a lease left by a killed process)
            owner = f"pid 999999999 born 1 on {this_machine()}"
            connection.execute(sa.text("INSERT INTO leases VALUES ('writer', :o, 9e12)"), {"o": owner})
        with ledger.writer():
            pass


def test_a_lease_of_another_machine_ends_by_itself(url: str) -> None:
    now = [1000.0]
    with Store(url) as store:
        ledger = Ledger(store._database, clock=lambda: now[0])  # noqa: SLF001 (an injected clock)
        with store._database.writing() as connection:  # noqa: SLF001 (a lease of elsewhere)
            connection.execute(sa.text("INSERT INTO leases VALUES ('writer', 'pid 1 born 1 on elsewhere', 1010)"))
        with pytest.raises(BusyError), ledger.writer():
            pass
        now[0] = 1011.0
        with ledger.writer():
            pass


def this_machine() -> str:
    from voc_pipeline.store.ledger import _machine

    return _machine()


def test_mention_ids_do_not_depend_on_the_coder() -> None:
    assert mention_id(TR_A, 2, ThemeId("x")) == mention_id(TR_A, 2, ThemeId("x"))
    assert mention_id(TR_A, 2, ThemeId("x")) != MentionId("")
