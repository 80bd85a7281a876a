"""Every table of the forum: columns and facts about one row, nothing that writes. Import models from here."""

from forum.base.jobs import Job
from forum.models.accounts import Account, Credential, SignIn, SignInKind, WayBack
from forum.models.arrivals import Arrival, GivenUpName
from forum.models.before import Example, ExamplePost, Feedback, Rating
from forum.models.belonging import PersonaPage, Poll, PollAnswer, Reaction, Welcomer
from forum.models.choices import ReaderChoice
from forum.models.conversations import (
    Board,
    Conversation,
    ConversationKind,
    Draft,
    Mask,
    MaskOwner,
    Post,
    PostEvent,
    PostMark,
    PostState,
    PostVersion,
    ReadMarker,
    Resend,
)
from forum.models.doors import HeldInvitation, Invitation, ProposedRemoval, UnusualReading
from forum.models.ground_rules import Agreement, Charter, CharterVersion, Clause, ClauseKind, Floor, VersionStatus
from forum.models.groups import (
    Door,
    DutyException,
    DutySlot,
    EndedFeed,
    Group,
    Listing,
    Organisation,
    Persona,
    Restriction,
    Role,
    Seat,
    SetupStep,
    Standing,
)
from forum.models.holding import Brake, Braked, Hold
from forum.models.leaving import Copy, Errand, Farewell, PutAway
from forum.models.notices import MailAddress, Mention
from forum.models.search import PostSearch
from forum.models.shelves import Bookmark, Follow
from forum.models.staff import LinkPurpose, OneTimeLink, Proof, SecondFactor, Staff, StaffRole
from forum.models.team import DutySwap, OutsideReport, TeamLine
from forum.models.tending import ConversationEvent, ConversationOrigin
from forum.models.ways_back import DeviceCode, Vouch

__all__ = [
    "Account",
    "Agreement",
    "Arrival",
    "Board",
    "Bookmark",
    "Brake",
    "Braked",
    "Charter",
    "CharterVersion",
    "Clause",
    "ClauseKind",
    "Conversation",
    "ConversationEvent",
    "ConversationKind",
    "ConversationOrigin",
    "Copy",
    "Credential",
    "DeviceCode",
    "Door",
    "Draft",
    "DutyException",
    "DutySlot",
    "DutySwap",
    "EndedFeed",
    "Errand",
    "Example",
    "ExamplePost",
    "Farewell",
    "Feedback",
    "Floor",
    "Follow",
    "GivenUpName",
    "Group",
    "HeldInvitation",
    "Hold",
    "Invitation",
    "Job",
    "LinkPurpose",
    "Listing",
    "MailAddress",
    "Mask",
    "MaskOwner",
    "Mention",
    "OneTimeLink",
    "Organisation",
    "OutsideReport",
    "Persona",
    "PersonaPage",
    "Poll",
    "PollAnswer",
    "Post",
    "PostEvent",
    "PostMark",
    "PostSearch",
    "PostState",
    "PostVersion",
    "Proof",
    "ProposedRemoval",
    "PutAway",
    "Rating",
    "Reaction",
    "ReadMarker",
    "ReaderChoice",
    "Resend",
    "Restriction",
    "Role",
    "Seat",
    "SecondFactor",
    "SetupStep",
    "SignIn",
    "SignInKind",
    "Staff",
    "StaffRole",
    "Standing",
    "TeamLine",
    "UnusualReading",
    "VersionStatus",
    "Vouch",
    "WayBack",
    "Welcomer",
]
