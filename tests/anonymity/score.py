"""How good a guess is: the share of masked posts whose author it names, beside the guess that everyone can make.

    python -m tests.anonymity.score OUT guesses.json
    python -m tests.anonymity.score OUT --write-public public-guesses.json

OUT is the folder that world_w.py wrote. The public guess knows public.json alone.
"""

import argparse
import json
import math
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

Guesses = dict[str, str]

#: A person who wrote nothing under a name may still have written under an alias.
LEAST = 0.5
#: Hours beside the usual one count too, falling off like this.
NEAR_H = 2.0
#: Few write under a name and an alias in one conversation.
SELDOM = 0.1


@dataclass(frozen=True)
class Score:
    """Shares between 0 and 1: of masked posts, and of masks."""

    posts: float
    masks: float
    n_posts: int
    n_masks: int


def posts_of(public: dict[str, Any]) -> Iterable[tuple[dict[str, Any], dict[str, Any], dict[str, Any]]]:
    """Group, conversation and post, for every post."""
    for group in public["groups"]:
        for conversation in group["conversations"]:
            for post in conversation["posts"]:
                yield group, conversation, post


def score(guesses: Guesses, truth: Guesses, public: dict[str, Any]) -> Score:
    """Count. What was not guessed is wrong; masks that no page shows do not count."""
    shown = Counter(post["mask_id"] for _g, _c, post in posts_of(public) if "mask_id" in post)
    right = {mask for mask in shown if guesses.get(mask) == truth[mask]}
    n = sum(shown.values())
    return Score(sum(shown[m] for m in right) / n, len(right) / len(shown), n, len(shown))


def public_guess(public: dict[str, Any]) -> Guesses:
    """Who writes most at such hours, and was not seen under their name in the same conversation."""
    guesses: Guesses = {}
    for group in public["groups"]:
        named, masked = _hours(group)
        people = {m["name"]: m["persona_id"] for m in group["members"]}
        for (mask_id, conversation_id), hours in masked.items():
            seen = _seen(group, conversation_id)
            best = max(people, key=lambda name: _fits(named[name], hours, name in seen))
            guesses[mask_id] = people[best]
    return guesses


def _hours(group: dict[str, Any]) -> tuple[dict[str, list[int]], dict[tuple[str, str], list[int]]]:
    named, masked = defaultdict(list), defaultdict(list)
    for _g, conversation, post in posts_of({"groups": [group]}):
        hour = datetime.fromisoformat(post["time"]).hour
        if "mask_id" in post:
            masked[post["mask_id"], conversation["conversation_id"]].append(hour)
        else:
            named[post["author"]].append(hour)
    return named, masked


def _seen(group: dict[str, Any], conversation_id: str) -> set[str]:
    found = next(c for c in group["conversations"] if c["conversation_id"] == conversation_id)
    return {post["author"] for post in found["posts"] if "mask_id" not in post}


def _fits(usual: list[int], hours: list[int], seen_here: bool) -> float:
    """How likely somebody with these usual hours wrote at those, up to a constant."""
    told = sum(math.log(LEAST / 24 + sum(_near(u, h) for u in usual)) for h in hours)
    return told - (len(hours) - 1) * math.log(LEAST + len(usual)) + (math.log(SELDOM) if seen_here else 0.0)


def _near(one: int, other: int) -> float:
    apart = min((one - other) % 24, (other - one) % 24)
    return math.exp(-((apart / NEAR_H) ** 2) / 2)


def main() -> None:
    """Score a guess, or write the public one."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("out", type=Path)
    asked.add_argument("guesses", type=Path, nargs="?")
    asked.add_argument("--write-public", type=Path)
    a = asked.parse_args()
    public = json.loads((a.out / "world" / "public.json").read_text())
    if a.write_public:
        a.write_public.write_text(json.dumps(public_guess(public)))
        return
    truth = json.loads((a.out / "truth.json").read_text())
    for name, guesses in (("public", public_guess(public)), ("yours", json.loads(a.guesses.read_text()))):
        found = score(guesses, truth, public)
        print(f"{name:<8}{found.posts:7.1%} of {found.n_posts} posts  {found.masks:7.1%} of {found.n_masks} masks")


if __name__ == "__main__":
    main()
