"""What visits and agreements about care have in common: the help that people want, and how often somebody looks in."""

from __future__ import annotations

from typing import Final

from domain.words import choices

NEEDS: Final = choices(
    {
        "meals": ("送餐", "Meals"),
        "escort": ("陪诊", "Going along to the doctor"),
        "repair": ("维修", "A repair"),
        "family": ("联系家人", "Calling the family"),
        "errand": ("代买代办", "Errands"),
        "cleaning": ("打扫", "Cleaning"),
        "company": ("聊聊天", "Company"),
        "papers": ("办手续", "Paperwork"),
    }
)
NEED_KEYS: Final = frozenset(each.value for each in NEEDS)
"""Things that somebody can do for somebody. No diagnosis, no grade of risk, nothing about what a person is."""

FREQUENCIES: Final = choices(
    {
        "monthly": ("每月一次", "Once a month"),
        "fortnightly": ("两周一次", "Every two weeks"),
        "weekly": ("每周一次", "Once a week"),
        "twice_weekly": ("每周两次", "Twice a week"),
        "daily": ("每天", "Every day"),
    }
)
DAYS_BETWEEN: Final = {"monthly": 30, "fortnightly": 14, "weekly": 7, "twice_weekly": 3, "daily": 1}
"""After how many days somebody should look in again."""
