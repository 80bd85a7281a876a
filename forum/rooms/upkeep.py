"""What rooms need between requests: meetings planned ahead, missed ones called off, words let go whose time is over."""

from forum.rooms import retention, schedule

#: Some seconds of work beside everything else; the rest goes the next minute, or in the night.
AT_ONCE = 500


def tend() -> None:
    """A minute's work; safe to do again at any moment."""
    schedule.cancel_missed()
    schedule.plan_ahead()
    retention.let_go_of_due(AT_ONCE)
