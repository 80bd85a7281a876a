"""Versions of ground rules, drawn at random for properties."""

from hypothesis import strategies as st

from forum.ground_rules.patches import Rule

#: Few uids and few words, so that versions have clauses in common and clauses have words in common.
UIDS = ("kind", "links", "names", "notes", "late", "quiet", "phones")
WORDS = st.lists(st.sampled_from(("Be", "kind", "to", "each", "other", "here", "always.")), min_size=1, max_size=6)
TEXTS = WORDS.map(" ".join)

RULES = st.builds(
    Rule,
    uid=st.sampled_from(UIDS),
    heading=TEXTS,
    body=TEXTS,
    easy=st.just("") | TEXTS,
    kind=st.sampled_from(("value", "practice")),
)
#: One version: clauses in an order, each uid once.
VERSIONS = st.lists(RULES, max_size=len(UIDS), unique_by=lambda rule: rule.uid).map(tuple)
