"""The own shifts in a calendar: the secret link, and what stands under it (RFC 5545)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from flask import Blueprint, Response, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from api import bodies, identity
from api.docs import SIGNED_IN, Door, fails
from api.guard import needs, public
from api.problems import ProblemError
from api.schemas.calendars import FeedSchema
from api.services import current
from domain import feeds, sessions
from domain.access import can_see_content
from domain.feeds import Duty, Owner
from sync.clock import to_text

blp = Door("calendar", __name__, url_prefix="/api/v1/calendar", description="Shifts in the phone's own calendar")
feed: Final = Blueprint("feed", __name__, url_prefix="/ics")


@blp.get("")
@needs(can_see_content)
@blp.response(200, FeedSchema)
@fails(*SIGNED_IN)
def link() -> Response:
    """Is there a link, and since when?"""
    with current().database.read() as conn:
        return _said(feeds.since(conn, identity.person().account))


@blp.post("")
@needs(can_see_content)
@blp.response(200, FeedSchema)
@fails(*SIGNED_IN, "missing_header")
def make() -> Response:
    """A new link; the one before is over. It is said here and never again."""
    now = current().clock.now()
    with current().database.write() as conn:
        token = feeds.begin(conn, identity.person().account, now)
    return _said(now, url=url_for("feed.shifts", token=token, _external=True))


@blp.delete("")
@needs(can_see_content)
@blp.response(200, FeedSchema)
@fails(*SIGNED_IN, "missing_header")
def revoke() -> Response:
    """The link is over: whoever has it reads nothing any more."""
    with current().database.write() as conn:
        feeds.revoke(conn, identity.person().account)
    return _said(None)


def _said(since: int | None, **more: Any) -> Response:
    return bodies.reply({"since": None if since is None else to_text(since), **more})


# ------------------------------------------------------------------------------------------------------ the calendar


@feed.get("/<string:token>.ics")
@public
def shifts(token: str) -> AnyResponse:
    """The own shifts of whoever made the link: when and where, and an alarm. No session, nobody's name."""
    services, now = current(), current().clock.now()
    with services.database.read() as conn:
        whose = feeds.owner(conn, token)
    _brake(f"feed {token}" if whose else f"no feed {request.remote_addr}", now)
    if whose is None or (whose.demo and not services.config.demo):
        raise ProblemError("not_found")
    with services.database.read() as conn:
        found = feeds.duties(conn, whose.account, now)
    response = Response(_written(whose, found), mimetype="text/calendar")
    response.headers["Cache-Control"] = "private, max-age=900"
    response.headers["Content-Language"] = whose.language
    response.headers["X-Robots-Tag"] = "noindex"
    response.add_etag()
    return response.make_conditional(request)


def _brake(name: str, now: int) -> None:
    with current().database.write() as conn:
        wait = sessions.take(conn, name, feeds.BRAKE, now)
    if wait:
        raise ProblemError("too_many_attempts", {"Retry-After": str(wait)}, wait=wait)


def _written(whose: Owner, found: list[Duty]) -> bytes:
    from icalendar import Calendar  # a fifth of a second that only calendars need

    calendar = Calendar()
    calendar.add("prodid", "-//Gridwalk//shifts//ZH")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", _say(whose, "name"))
    calendar.add("refresh-interval", timedelta(hours=1), parameters={"VALUE": "DURATION"})
    for each in found:
        calendar.add_component(_event(whose, each))
    written: bytes = calendar.to_ical()
    return written


def _event(whose: Owner, duty: Duty) -> Any:
    from icalendar import Alarm, Event

    words = _say(whose, "duty", at=feeds.clock_of(duty))
    event, alarm = Event(), Alarm()
    event.add("uid", duty.id)
    event.add("dtstamp", _instant(duty.changed_at))
    event.add("dtstart", _instant(duty.start))
    event.add("dtend", _instant(duty.end))
    event.add("summary", words)
    event.add("location", duty.place)
    event.add("class", "PRIVATE")
    alarm.add("action", "DISPLAY")
    alarm.add("description", words)
    alarm.add("trigger", timedelta(minutes=-duty.lead_minutes))
    event.add_component(alarm)
    return event


def _instant(at: int) -> datetime:
    return datetime.fromtimestamp(at / 1000, UTC).replace(microsecond=0)


def _say(whose: Owner, key: str, **values: Any) -> str:
    return current().catalogue.say(whose.language, f"calendar.{key}", **values)
