"""Every record type. To add one: declare it in a file of its own and name it here."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import Final

from domain.identity_numbers import unfit
from domain.records.building import BUILDING
from domain.records.campaign import CAMPAIGN
from domain.records.care_agreement import CARE_AGREEMENT_TYPE
from domain.records.case import case_type
from domain.records.case_reaction import CodeOf
from domain.records.codes import short_code
from domain.records.feedback import FEEDBACK_TYPE
from domain.records.household import HOUSEHOLD
from domain.records.notice import NOTICE_ACK_TYPE, NOTICE_TYPE
from domain.records.post_plan import POST_PLAN
from domain.records.round import ROUND
from domain.records.shift import SHIFT
from domain.records.survey_response import SURVEY_RESPONSE
from domain.records.task import TASK
from domain.records.track import TRACK
from domain.records.unit import UNIT
from domain.records.visit import VISIT_TYPE
from sync.types import Registry


def record_types(code_of: CodeOf = short_code) -> Registry:
    """name -> type. `code_of(book)` gives the spoken code of a place for case numbers (places.PlaceCodes)."""
    declared = (
        case_type(code_of),
        BUILDING,
        UNIT,
        HOUSEHOLD,
        NOTICE_TYPE,
        NOTICE_ACK_TYPE,
        POST_PLAN,
        SHIFT,
        CAMPAIGN,
        TASK,
        SURVEY_RESPONSE,
        ROUND,
        TRACK,
        VISIT_TYPE,
        CARE_AGREEMENT_TYPE,
        FEEDBACK_TYPE,
    )
    return MappingProxyType({each.name: replace(each, unfit=unfit) for each in declared})


TYPES: Final = record_types()
"""The declarations as documents and schemas need them; a running engine is given `record_types(PlaceCodes(…))`."""
