"""Places that a group can let people link to without a person looking first: who answers for them is known.

An organisation may word this anew. Not here: places where anybody can write, or that pass people on to others.
"""

#: Host names, with everything before them and a dot: public bodies of health care and of the four nations.
KNOWN_PLACES = frozenset(
    {
        "gov.scot",
        "gov.uk",
        "gov.wales",
        "hscni.net",
        "nhs.scot",
        "nhs.uk",
        "nidirect.gov.uk",
        "nice.org.uk",
    }
)
