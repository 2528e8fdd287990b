"""Sending a nudge: encrypted to the phone (RFC 8291), signed with this instance's key (RFC 8292), by pywebpush."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Any, Final, Literal
from urllib.parse import urlsplit

import requests
from pywebpush import WebPushException, webpush  # type: ignore[import-untyped]

from domain.pushes import Subscription, Topic
from web.pushing import Push

_LOG: Final = logging.getLogger("gridwalk.push")
Sent = Literal["sent", "gone", "later"]
"""`gone`: nobody is there any more; `later`: worth another try."""

_LIVES: Final[Mapping[Topic, int]] = {"urgent": 6, "notice": 24, "reply": 24, "shift": 12, "task": 12}
"""Hours for which a push service keeps a nudge for a phone that is off."""
_GONE: Final = frozenset({404, 410})
_PATIENCE: Final = 10


class _NoDetours(requests.Session):
    """A push service answers where it is; nobody is sent on to somewhere else."""

    def post(self, url: Any, data: Any = None, json: Any = None, **options: Any) -> requests.Response:
        return super().post(url, data=data, json=json, **{**options, "allow_redirects": False})


def send(push: Push, to: Subscription, topic: Topic, words: Mapping[str, str]) -> Sent:
    """One nudge. `words`: title and body, the same for everybody in a language; nothing else of anybody goes along."""
    if not push.is_address(to.endpoint) or not push.leads_outside(to.endpoint):
        return "gone"
    try:
        webpush(
            {"endpoint": to.endpoint, "keys": {"p256dh": to.p256dh, "auth": to.auth}},
            json.dumps({"topic": topic, **words}, ensure_ascii=False),
            vapid_private_key=push.key,
            vapid_claims={"sub": push.contact},
            ttl=_LIVES[topic] * 3600,
            # A newer nudge of the same kind takes the place of one that waits at the push service.
            headers={"Topic": topic, "Urgency": "high" if topic == "urgent" else "normal"},
            timeout=_PATIENCE,
            requests_session=_NoDetours(),
        )
    except WebPushException as error:
        status = error.status_code
        _LOG.info("a push was not taken", extra={"status": status, "at": urlsplit(to.endpoint).hostname})
        return "gone" if status in _GONE else "later"
    except (requests.RequestException, OSError, ValueError):
        return "later"
    return "sent"
