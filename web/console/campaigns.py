"""专项 at the desk: writing one, admitting it, how far it has come, what was answered. By place, never by person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flask import Response, make_response, render_template, request, url_for
from marshmallow import ValidationError

from api import identity
from api.guard import needs
from api.problems import ProblemError
from api.services import current
from domain import campaign_work, campaigns, places
from domain.access import Person, can_open_console
from domain.campaign_doors import doors
from domain.campaigns import Campaign
from domain.forms.form import Problem
from domain.forms.table import MAX_TABLE
from domain.records.campaign import CAMPAIGN, KINDS
from domain.records.campaign_rules import missing
from domain.records.household import OCCUPANCIES
from domain.roles import COMMAND_ROOM
from sync.clock import to_text
from web.console import campaign_forms, campaign_views, receipts
from web.console.blueprint import blp
from web.console.campaign_page import blank, homes_of, load, reader_of, row_of, sheet_of
from web.console.campaign_views import Sheet
from web.console.parked import counts
from web.console.receipts import Notice
from web.i18n import label, t

Json = dict[str, Any]
STEPS: Final = {"admit": "open", "back": "draft", "pause": "paused", "resume": "open", "close": "closed"}
HOWS: Final = ("save", "submit", "drop", "erase", *STEPS)
AT_ONCE: Final = 1500
"""So many doors get their tasks while the page waits; of more, within the next minute."""
_OUTCOME: Final = "X-Gridwalk-Outcome"
_ORDER: Final = ("review", "open", "paused", "draft", "closed", "erased")


# ---------------------------------------------------------------------------------------------------------- the pages


@blp.get("/campaigns", endpoint="campaigns")
@needs(can_open_console)
def all_campaigns() -> str:
    """What waits for admission first, then what is under way, what is being written, what is over."""
    person, reader = identity.person(), reader_of({})
    with current().database.read() as conn:
        groups = campaigns.grouped(campaigns.visible(conn, person))
        rows = {state: [row_of(conn, person, each, reader) for each in groups.get(state, ())] for state in _ORDER}
    return render_template(
        "console/campaigns.html", here="campaigns", groups=rows, may_make=bool(homes_of(person)),
        may_admit=person.is_one_of(frozenset({COMMAND_ROOM})), **counts(person)
    )  # fmt: skip


@blp.get("/campaigns/new", endpoint="campaign_new")
@needs(can_open_console)
def new_campaign() -> str:
    """An empty sheet, or one with the questions of an earlier campaign (`like`): those of an open one change no more."""
    person = identity.person()
    like = request.args.get("like", "")[:36]
    if not homes_of(person):
        raise ProblemError("not_allowed")
    return render_template(
        "console/campaign.html", **_around(person, blank(person, load(person, like) if like else None))
    )


@blp.get("/campaigns/<string:campaign>", endpoint="campaign")
@needs(can_open_console)
def one_campaign(campaign: str) -> str:
    person = identity.person()
    return render_template("console/campaign.html", **_around(person, sheet_of(person, load(person, campaign))))


@blp.get("/campaigns/<string:campaign>/totals.csv", endpoint="campaign_totals")
@needs(can_open_console)
def totals_csv(campaign: str) -> Response:
    """The totals as a table for spreadsheets."""
    person = identity.person()
    sheet = sheet_of(person, load(person, campaign))
    if sheet.whole is None:
        raise ProblemError("not_found")
    response = make_response(campaign_views.as_csv([sheet.whole, *sheet.bars], sheet.answers, reader_of({})))
    response.headers["Content-Type"] = "text/csv; charset=utf-8"
    response.headers["Content-Disposition"] = f'attachment; filename="totals-{sheet.id[-6:]}.csv"'
    return response


@blp.post("/campaigns/<string:campaign>/<string:how>", endpoint="campaign_act")
@needs(can_open_console)
def act(campaign: str, how: str) -> Response:
    """One button of a campaign. `campaign` may be one that is not there yet: its id came with the form."""
    person = identity.person()
    if how not in HOWS:
        raise ProblemError("not_found")
    with current().database.read() as conn:
        found = campaigns.one(conn, person, campaign)
    if how in ("save", "submit"):
        return _save(person, campaign, found, submit=how == "submit")
    if found is None:
        raise ProblemError("not_found")
    data = campaign_forms.Acted().load(request.form.to_dict())
    return _erase(person, found) if how == "erase" else _step(person, found, how, data)


# --------------------------------------------------------------------------------------------------- writing, handing in


def _save(person: Person, id: str, found: Campaign | None, *, submit: bool) -> Response:
    sent = _with_file(request.form.to_dict(flat=False))
    try:
        data = campaign_forms.read(sent)
    except ValidationError as error:
        return _wrong(person, id, found, sent, errors=error.messages_dict)
    kind = found.fields["kind"] if found else data["kind"]
    before = found.fields if found else {}
    changed, problems = campaign_forms.written(data, before, kind)
    if problems:
        return _wrong(person, id, found, sent, problems=problems)
    receipt = _write(person, id, found, data, changed)
    if receipt is not None and receipt["outcome"] in ("refused", "held"):
        return _wrong(person, id, found, sent, said=_explain(receipt, "save"))
    campaign_work.note_reuse(current().engine, id)
    saved = load(person, id)
    return _hand_in(person, saved) if submit else _answer(person, saved, _did("save"))


def _with_file(sent: dict[str, list[str]]) -> dict[str, list[str]]:
    """A file takes the place of what stands in the field. Spreadsheets in Chinese often write GB 18030."""
    file = request.files.get("file")
    raw = file.read(4 * MAX_TABLE) if file and file.filename else b""
    if not raw:
        return sent
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("gb18030", errors="replace")
    return {**sent, "table": [text]}


def _write(person: Person, id: str, found: Campaign | None, data: Json, changed: Json) -> Json | None:
    engine = current().engine
    if found is not None:
        if not changed:
            return None
        return engine.edit(person, book=found.book, record=id, type=CAMPAIGN.name, seen=data["seen"], set=changed)
    homes = [book for book, _ in homes_of(person)]
    book = data["book"] if data["book"] in homes else (homes or [""])[0]
    first = {"kind": data["kind"], "status": {"from": None, "to": "draft", "cycle": 1}}
    said = {name: value for name, value in changed.items() if value is not None}
    return engine.edit(person, book=book, record=id, type=CAMPAIGN.name, seen=0, set={**said, **first}, create=True)


def _hand_in(person: Person, campaign: Campaign) -> Response:
    """To the admission, if it says all that it must."""
    lacking = missing(campaign.fields)
    if lacking or campaign.state != "draft":
        sheet = sheet_of(person, campaign)
        sheet.errors = {name: t(f"console.campaign.lacking.{name}") for name in lacking}
        reader = reader_of({})
        return _page(person, sheet, receipts.invalid(reader), 422)
    step = {"status": {"from": "draft", "to": "review", "cycle": campaign.fields["status"]["cycle"]}}
    receipt = _edit(person, campaign, campaign.seq, step)
    return _answer(person, load(person, campaign.id), _explain(receipt, "submit"))


# ----------------------------------------------------------------------------------------------------------- the steps


def _step(person: Person, campaign: Campaign, how: str, data: Json) -> Response:
    if how == "drop":
        receipt = current().engine.edit(
            person, book=campaign.book, record=campaign.id, type=CAMPAIGN.name, seen=data["seen"], void=True
        )
        response = make_response("", 204)
        response.headers["HX-Redirect"] = url_for("console.campaigns")
        return response if receipt["outcome"] == "applied" else _answer(person, campaign, _explain(receipt, how))
    again = how == "back"
    written: Json = {"status": {"from": data["come_from"], "to": STEPS[how], "cycle": data["cycle"] + again}}
    if again and data["note"]:
        written["review_note"] = {"text": data["note"]}
    if how == "admit" and data["photos"]:
        written["photo_approval"] = {"by": person.account, "at": to_text(current().clock.now())}
    receipt = _edit(person, campaign, data["seen"], written)
    taken = receipt["outcome"] in ("applied", "merged")
    if taken and how in ("admit", "resume", "close") and _doors(campaign) <= AT_ONCE:
        campaign_work.tend_one(current().engine, campaign.id)
    return _answer(person, load(person, campaign.id), _explain(receipt, how))


def _doors(campaign: Campaign) -> int:
    with current().database.read() as conn:
        return len(doors(conn, campaign.fields["target"], places.below(conn, [campaign.book])))


def _erase(person: Person, campaign: Campaign) -> Response:
    """A supervisor brings the erasing forward; the totals stay."""
    try:
        campaign_work.erase(current().engine, campaign.id, person)
    except ValueError as error:
        raise ProblemError("not_allowed") from error
    return _answer(person, load(person, campaign.id), _did("erase"))


def _edit(person: Person, campaign: Campaign, seen: int, written: Json) -> Json:
    edit = current().engine.edit
    return edit(person, book=campaign.book, record=campaign.id, type=CAMPAIGN.name, seen=seen, set=written)


# ---------------------------------------------------------------------------------------------------------- the answer


def _around(person: Person, sheet: Sheet, notice: Notice | None = None) -> Json:
    return {
        **counts(person),
        "here": "campaigns",
        "sheet": sheet,
        "notice": notice,
        "may_make": bool(homes_of(person)),
        "kinds": [(each.value, label(each.labels)) for each in KINDS],
        "levels": campaign_forms.LEVELS,
        "occupancies": [(each.value, label(each.labels)) for each in OCCUPANCIES],
    }


def _page(person: Person, sheet: Sheet, notice: Notice, status: int = 200) -> Response:
    response = make_response(render_template("console/_campaign.html", **_around(person, sheet, notice)), status)
    response.headers[_OUTCOME] = notice.outcome
    response.headers["HX-Push-Url"] = url_for("console.campaign", campaign=sheet.id) if sheet.seq else "false"
    return response


def _answer(person: Person, campaign: Campaign, notice: Notice) -> Response:
    return _page(person, sheet_of(person, campaign), notice)


def _explain(receipt: Json, how: str) -> Notice:
    reader = reader_of({})
    return receipts.explain(receipt, CAMPAIGN, reader, reader.say(f"campaign.{how}"))


def _did(how: str) -> Notice:
    reader = reader_of({})
    return receipts.explain({"outcome": "applied"}, CAMPAIGN, reader, reader.say(f"campaign.{how}"))


def _wrong(
    person: Person,
    id: str,
    found: Campaign | None,
    sent: Mapping[str, list[str]],
    *,
    errors: Json | None = None,
    problems: list[Problem] | None = None,
    said: Notice | None = None,
) -> Response:
    """The form comes back with what was typed, and a word about what was wrong."""
    sheet = sheet_of(person, found) if found else blank(person)
    typed: Json = {name: value if name in campaign_forms.LISTS else value[0] for name, value in sent.items() if value}
    ticked = {name: name in sent for name in ("photo_required", "results_public")}
    lists = {name: sent.get(name, []) for name in campaign_forms.LISTS}
    sheet.values = {**sheet.values, **typed, **lists, **ticked}
    sheet.id, sheet.errors = id, {name: t(f"console.errors.{_first(words)}") for name, words in (errors or {}).items()}
    sheet.problems = [_problem(each) for each in problems or ()]
    return _page(person, sheet, said or receipts.invalid(reader_of({})), 422)


def _first(words: Any) -> str:
    first = words[0] if isinstance(words, list) and words else "other"
    return first if first in {"required", "too_long", "bad_date", "choose_one", "id_number"} else "other"


def _problem(problem: Problem) -> str:
    """「第 3 行 relevant:…」"""
    what = t(f"console.campaign.problem.{problem.code}", said=problem.said)
    return t("console.campaign.problem.at", row=problem.row, column=problem.column, what=what) if problem.row else what
