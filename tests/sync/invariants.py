"""What must hold on the island: `STEP` after every act, `END` when the weather has cleared.

Each is a function with a name; `tests/sync/mutants` shows of each that a broken engine makes it fail.
"""

from __future__ import annotations

from collections.abc import Iterator

import orjson

from sync.changes import canonical, digest_of
from sync.draft import past_of
from sync.merge import view
from sync.state import replay, unpack
from tests.sync.island import Island, name
from tests.sync.oracle import Oracle
from tests.sync.toys import TYPES
from tests.sync.watch import SERVER, Invariant, Watch, fact_of, is_own, kept_of, own_held, shown_of, since_erased


def watch(island: Island) -> Watch:
    return Watch(island, STEP, END)


# -- after every step ---------------------------------------------------------------------------------------------------


def books_have_no_gap(watch: Watch) -> Iterator[str]:
    """O1: 1, 2, 3 … up to the head, which names the change there."""
    query = """SELECT b.id, b.head, b.head_change, count(c.seq) AS n, min(c.seq) AS low, max(c.seq) AS high,
               count(DISTINCT c.id) AS ids FROM book b LEFT JOIN change c ON c.book_id = b.id GROUP BY b.id"""
    for row in watch.world.look(query):
        if row["head"] and (row["low"], row["high"], row["n"], row["ids"]) != (1, *[row["head"]] * 3):
            yield f"{row}"
        newest = watch.world.look("SELECT id FROM change WHERE book_id = ? AND seq = ?", row["id"], row["head"])
        if [row["head_change"]] != ([each["id"] for each in newest] or [None]):
            yield f"the head is {row['head_change']}, the change there {newest}"


def what_is_numbered_stays(watch: Watch) -> Iterator[str]:
    """O1: within an epoch no seq is given to another change, and no head goes back."""
    for book, head in watch.heads.items():
        for row in watch.world.look("SELECT seq, id, hash FROM change WHERE book_id = ? AND seq > ?", book, head - 3):
            known = watch.changes.setdefault((book, row["seq"]), (row["id"], row["hash"]))
            if known != (row["id"], row["hash"]):
                yield f"seq {row['seq']} was {known}"
        if watch.world.look("SELECT head FROM book WHERE id = ?", book)[0]["head"] < head:
            yield "a head went back"


def receipts_never_change(watch: Watch) -> Iterator[str]:
    """X2, S6: what a phone was told of a change is what it is told for ever, within an epoch."""
    for phone in watch.island.phones:
        if phone.epoch != watch.world.engine.epoch:
            continue
        for change, receipt in phone.receipts.items():
            key = (phone.person.account, change, phone.journal_hash(change))
            told = orjson.dumps({each: receipt[each] for each in sorted(receipt.keys() - {"index"})}).decode()
            if watch.receipts.setdefault(key, told) != told:
                yield f"{change}: {watch.receipts[key]} → {told}"


def receipts_are_kept(watch: Watch) -> Iterator[str]:
    """X1, X2, X6: every receipt that a phone has stands in the book once, with the very change that it is about."""
    engine = watch.world.engine
    kept: dict[tuple[str, str, str], str] = {}
    for table in ("parked", "change"):
        for row in watch.world.look(f"SELECT id, book_id, hash, receipt FROM {table}"):
            kept.setdefault((row["book_id"], row["id"], row["hash"]), row["receipt"])
    for phone in watch.island.phones:
        for change in phone.journal if phone.epoch == engine.epoch else ():
            receipt = phone.receipts.get(change["id"])
            if receipt and receipt["reason"] != "unknown_book":
                stored = kept.get((change["book"], change["id"], digest_of(canonical(change))))
                if stored is None:
                    yield f"nothing is kept of {change['id']} of {name(phone)}: {receipt}"
                elif {**orjson.loads(stored), "index": receipt["index"], "id": change["id"]} != receipt:
                    yield f"{receipt} is not what is kept: {stored}"


def cursors_are_of_this_book(watch: Watch) -> Iterator[str]:
    """O3, L3: a cursor of this epoch is not beyond the head, and names the change at its seq."""
    for phone in watch.island.phones:
        for book, (seq, change, _scope) in phone.cursors.items() if phone.epoch == watch.world.engine.epoch else ():
            found = watch.world.look("SELECT id FROM change WHERE book_id = ? AND seq = ?", book, seq)
            if [change] != ([row["id"] for row in found] or [None]):
                yield f"{name(phone)} stands at {seq} {change}, where {found} is"


def a_complete_pull_is_the_book(watch: Watch) -> Iterator[str]:
    """O3, S1, S8: whoever has just pulled everything holds what they may see, as it stands, and nothing else."""
    for phone in watch.island.phones:
        complete, phone.complete = phone.complete, set()
        for book in complete & phone.person.follows.keys():
            right = {}
            for row in watch.world.look(
                "SELECT id, type, sight, erased, moved_to, seq FROM record WHERE book_id = ?", book
            ):
                seen = phone.person.sees(book, row["type"], orjson.loads(row["sight"]))
                anew = row["erased"] and row["type"] == "duty"
                if seen and not row["moved_to"] and (anew or not row["erased"]):
                    right[row["id"]] = row["seq"]
            held = {each: record["seq"] for each, record in phone.of_book(book).items()}
            if held != right:
                yield f"{name(phone)} holds {held} of {book[:4]}, may see {right}"


def records_are_their_history(watch: Watch) -> Iterator[str]:
    """M1: what is kept of a record is what follows from all its changes, and so are its standing writes."""
    for row in watch.touched():
        if row["erased"] or row["moved_to"]:
            continue
        record_type = TYPES[row["type"]]
        seed, since = past_of(record_type, since_erased(watch.history_of(row)))
        state = replay(record_type, since, seed)
        if shown_of(view(record_type, state)) != kept_of(row):
            yield f"{row['id']} is {kept_of(row)}, should be {shown_of(view(record_type, state))}"
        kept = unpack(orjson.loads(row["state"]), orjson.loads(row["fields"]))
        for what in ("seq", "top_at", "tail", "floor", "uncovered"):
            if getattr(kept, what) != getattr(state, what):
                yield f"{what} of {row['id']} is {getattr(kept, what)}, should be {getattr(state, what)}"


def records_are_what_the_contract_says(watch: Watch) -> Iterator[str]:
    """M1–M8, M11: the oracle, which knows nothing of the engine, reads the same off the same changes."""
    for row in watch.touched():
        history = since_erased(watch.history_of(row))
        if (
            row["erased"]
            or row["moved_to"]
            or any(each["account"] == SERVER and "seed" in (each["body"] or "") for each in history)
        ):
            continue
        right = Oracle(TYPES[row["type"]], [fact_of(each) for each in history]).reading()
        if shown_of(right) != kept_of(row):
            yield f"{row['id']} is {kept_of(row)}, the contract says {shown_of(right)}"


def outcomes_are_what_the_contract_says(watch: Watch) -> Iterator[str]:
    """M14: so is what its writer was told of the newest change."""
    for row in watch.touched():
        history = since_erased(watch.history_of(row))
        if row["erased"] or row["moved_to"] or any("seed" in (each["body"] or "") for each in history):
            continue
        facts = [fact_of(each) for each in history]
        for number, each in enumerate(history, start=1):
            if each["seq"] > watch.heads[row["book_id"]]:
                said = Oracle(TYPES[row["type"]], facts[:number]).outcome(facts[number - 1])
                told = orjson.loads(each["receipt"])
                if said != (told["outcome"], told["fields"]):
                    yield f"{each['id']} was told {told}, should be {said}"


def times_follow_what_was_seen(watch: Watch) -> Iterator[str]:
    """M5: `at` is the earlier of `made_at` and the receipt, and after every change that the writer saw."""
    for row in watch.touched():
        history = since_erased(watch.history_of(row))
        for each in history:
            if each["seq"] <= watch.heads[row["book_id"]] or each["account"] == SERVER:
                continue
            if each["via"] is not None:
                held = watch.world.look("SELECT at FROM parked WHERE id = ? AND hash = ?", each["id"], each["hash"])
                if [row["at"] for row in held] != [each["at"]]:
                    yield f"S6: {each['id']} was held at {held}, is let in at {each['at']}"
                continue
            before = [other for other in history if other["seq"] < each["seq"]]
            saw = [other["at"] for other in before if other["seq"] <= each["seen"] or is_own(other, each)]
            plain = min(each["made_at"], each["received_at"])
            least = max([plain, *(at + 1 for at in saw)])
            moved = any("seed" in (other["body"] or "") for other in before)
            erased = [other["at"] + 1 for other in watch.history_of(row) if other["body"] is None]
            most = max([least, *erased, *own_held(watch, each)])
            if each["at"] < least or (each["at"] > most and not moved):
                yield f"{each['id']} at {each['at']}, made {plain}, having seen {saw}"


def nothing_seen_is_of_another_record(watch: Watch) -> Iterator[str]:
    """M12, L3: what counts as seen is the seq of a change of this record that came before, or nothing."""
    for row in watch.touched():
        seqs = {0, *(each["seq"] for each in watch.history_of(row))}
        for each in watch.history_of(row):
            if each["account"] == SERVER or each["seen"] >= each["seq"]:
                continue
            older = orjson.loads(each["body"] or "{}").get("epoch") != watch.world.engine.epoch
            if each["seen"] not in seqs and not older:
                yield f"{each['id']} counts as having seen {each['seen']} of {sorted(seqs)}"


def what_is_erased_is_nowhere(watch: Watch) -> Iterator[str]:
    """S4: of an erased record nothing is left but ids, hashes, seqs and outcomes."""
    for row in watch.world.look("SELECT * FROM record WHERE erased"):
        if (row["fields"], row["extra"]) != ("{}", None):
            yield f"the record {row['id']} says {row['fields']}"
        here = (row["book_id"], row["id"])
        if watch.world.look(
            "SELECT id FROM change WHERE book_id = ? AND record_id = ? AND (body IS NOT NULL OR writes IS NOT NULL)",
            *here,
        ):
            yield f"the history of {row['id']} speaks"
        if watch.world.look("SELECT sha256 FROM named WHERE book_id = ? AND record_id = ?", *here):
            yield f"{row['id']} still claims pictures"
        query = "SELECT id FROM parked WHERE book_id = ? AND record_id = ? AND body IS NOT NULL"
        about = watch.world.look(query, *here)
        if about:
            yield f"{about} is kept of what is gone"


def what_is_erased_stays_erased(watch: Watch) -> Iterator[str]:
    """S4: no phone and no backup brings it back; only what has a derived id may begin again."""
    for each in watch.island.erasures:
        query = "SELECT id, book_id FROM record WHERE id = ? AND type <> 'duty' AND NOT erased"
        for row in watch.world.look(query, each.record):
            yield f"{row} is back"


# -- when the weather has cleared ---------------------------------------------------------------------------------------


def every_change_is_accounted_for(watch: Watch) -> Iterator[str]:
    """X1, X6, M8: applied, merged, in conflict, held, refused or gone: every change ever made, once."""
    entered = {(row["book_id"], row["id"]): row for row in watch.world.look("SELECT book_id, id, device FROM change")}
    parked = {
        (row["book_id"], row["id"], row["hash"]): row["state"] for row in watch.world.look("SELECT * FROM parked")
    }
    gone = set().union(*(phone.gone for phone in watch.island.phones))
    erased = {each.record for each in watch.island.erasures}
    for change in watch.island.made.values():
        state = parked.get((change["book"], change["id"], digest_of(canonical(change))))
        inside = (change["book"], change["id"]) in entered
        if not inside and state is None and change["id"] not in gone and change["record"] not in erased:
            yield f"{change['id']} is lost"
        if inside and state not in (None, "let_in"):
            yield f"{change['id']} is in the book, and {state} as well"


def those_who_follow_agree(watch: Watch) -> Iterator[str]:
    """Everybody who may see a record holds it exactly as the server gives it."""
    for phone in watch.island.phones:
        for row in watch.world.look("SELECT DISTINCT id FROM record"):
            seen = watch.world.engine.record(phone.person, row["id"])
            held = phone.records.get(row["id"])
            if seen and "moved_to" in seen:
                seen = None
            if held and held["fields"] == {} and seen is None:
                continue
            if held != seen:
                yield f"{name(phone)} holds {held}, the server {seen}"


def nobody_is_told_twice(watch: Watch) -> Iterator[str]:
    """X2: no outbox has anything left, and every entry of a journal has its receipt."""
    for phone in watch.island.phones:
        if phone.outbox:
            yield f"{name(phone)} still has {len(phone.outbox)}"
        for change in phone.journal:
            if change["id"] not in phone.receipts:
                yield f"{change['id']} has no receipt"


STEP: list[Invariant] = [
    books_have_no_gap,
    what_is_numbered_stays,
    receipts_never_change,
    receipts_are_kept,
    cursors_are_of_this_book,
    a_complete_pull_is_the_book,
    records_are_their_history,
    records_are_what_the_contract_says,
    outcomes_are_what_the_contract_says,
    times_follow_what_was_seen,
    nothing_seen_is_of_another_record,
    what_is_erased_is_nowhere,
    what_is_erased_stays_erased,
]
END: list[Invariant] = [every_change_is_accounted_for, those_who_follow_agree, nobody_is_told_twice]
