"""One door each for: committing, emitting, cleaning HTML, the time, and the owner of a mask."""

import re

from tests.architecture.source import Module, modules, program
from tests.architecture.test_layers import violations

SQL_CLOCK = re.compile(
    r"\b(now|random|clock_timestamp|statement_timestamp|unixepoch|randomblob|gen_random_uuid)\s*\("
    r"|\bCURRENT_(TIMESTAMP|DATE|TIME)\b|\(\s*'now'|\bLOCALTIME(STAMP)?\b",
    re.IGNORECASE,
)
FUNC_CLOCK = {"now", "random", "current_timestamp", "current_date", "current_time", "localtimestamp", "clock_timestamp"}
ENDS_A_TRANSACTION = {"commit", "rollback", "begin", "begin_nested", "begin_twophase"}
TRANSACTION_SQL = re.compile(
    r"\s*(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|START TRANSACTION)( (IMMEDIATE|DEFERRED|EXCLUSIVE|WORK|TRANSACTION|TO \w+))?;?\s*",
)
READS_THE_CLOCK = {
    *(
        (owner, name)
        for owner in ("datetime", "datetime.datetime", "dt.datetime")
        for name in ("now", "utcnow", "today")
    ),
    *((owner, "today") for owner in ("date", "datetime.date", "dt.date")),
    *(("time", name) for name in ("time", "time_ns", "localtime", "gmtime", "ctime")),
    ("uuid", "uuid1"),
}
STOPWATCH = {"monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns"}


def ends_a_transaction(module: Module) -> list[str]:
    if module.name == "forum.base.transaction":
        return []
    # `sign_ins.begin()` of a module of ours is a function's name, not a transaction.
    own = {t.rpartition(".")[2] for t in module.imports() if t.split(".")[0] in {"forum", "moderation"}} - {"db"}
    ends = [(o, n) for o, n in module.calls() if o and o not in own and n in ENDS_A_TRANSACTION]
    called = [f"{module.name} calls {owner}.{name}()" for owner, name in ends]
    # base/db.py tells SQLite how a transaction begins (BEGIN IMMEDIATE); it decides on none.
    spoken = [s for s in module.strings() if TRANSACTION_SQL.fullmatch(s) and module.name != "forum.base.db"]
    return called + [f"{module.name} says {s!r}" for s in spoken]


def emits(module: Module) -> list[str]:
    if module.name == "forum.base.broadcast":
        return []
    imported = [t for t in module.imports() if t in {"flask_socketio.emit", "flask_socketio.send"}]
    called = [f"{owner}.emit()" for owner, name in module.calls() if owner and name == "emit"]
    return [f"{module.name}: {what}" for what in imported + called]


def imports_bleach(module: Module) -> list[str]:
    found = [t for t in module.imports() if t.split(".")[0] == "bleach" and module.name != "forum.base.text"]
    return [f"{module.name} imports {target}" for target in found]


def reads_the_clock(module: Module) -> list[str]:
    if module.name == "forum.base.clock":
        return []
    read = [f"{o}.{n}" for o, n in module.attributes() if (o, n) in READS_THE_CLOCK]
    read += [t for t in module.imports() if t in {"time.time", "time.time_ns", "uuid.uuid1"}]
    if not module.name.startswith("forum.base"):
        read += [f"time.{n}" for o, n in module.attributes() if o == "time" and n in STOPWATCH]
        read += [t for t in module.imports() if t in {f"time.{n}" for n in STOPWATCH}]
    return [f"{module.name} uses {what}" for what in read]


def leaves_time_or_chance_to_sql(module: Module) -> list[str]:
    """A trigger may say RAISE or compare, never what time it is; nothing in SQL is random.

    One module asks the database for its clock, to know how far ours is from it (leases on several machines).
    """
    if module.name == "forum.base.offset":
        return []
    by_function = [
        f"func.{n}" for o, n in module.attributes() if o in {"func", "sa.func", "sqlalchemy.func"} and n in FUNC_CLOCK
    ]
    in_text = [s.strip() for s in module.strings() if SQL_CLOCK.search(s) and _is_sql(s)]
    return [f"{module.name}: {what}" for what in by_function + in_text]


def _is_sql(text: str) -> bool:
    """SQL, or short enough to be a default in a column; sentences for people may say "now (…)"."""
    sql = re.search(r"\b(SELECT|INSERT|UPDATE|DELETE|CREATE|ALTER|DEFAULT|WHERE|RETURNING|VALUES|SET)\b", text)
    return bool(sql) or " " not in text.strip()


def names_mask_owner(module: Module) -> bool:
    names = {t.rpartition(".")[2] for t in module.imports()} | {name for _, name in module.attributes()}
    return "MaskOwner" in names or any(re.search(r"\bmask_owner\b", s) for s in module.strings())


def mask_owner_readers(found: list[Module]) -> list[str]:
    return sorted(m.name for m in found if not m.name.startswith("forum.models") and names_mask_owner(m))


def test_one_module_ends_transactions():
    assert violations(ends_a_transaction) == []


def test_one_module_emits():
    assert violations(emits) == []


def test_one_module_cleans_html():
    assert violations(imports_bleach) == []


def test_one_module_knows_the_time():
    assert violations(reads_the_clock) == []


def test_sql_knows_neither_time_nor_chance():
    assert violations(leaves_time_or_chance_to_sql, program() + modules("migrations")) == []


def test_one_module_knows_who_owns_a_mask():
    assert len(mask_owner_readers(program())) == 1, mask_owner_readers(program())


def test_the_rules_bite():
    def module(text: str, name: str = "forum.groups.usecases") -> Module:
        return Module(name, text)

    assert ends_a_transaction(module("def f(s):\n    s.commit()\n"))
    assert ends_a_transaction(module("def f(s):\n    with s.begin_nested():\n        pass\n"))
    assert ends_a_transaction(module("from forum.base.db import db\ndb.session.begin()\n"))
    assert not ends_a_transaction(module("from forum.accounts import sign_ins\nsign_ins.begin()\n"))
    assert ends_a_transaction(module("def f(c):\n    c.exec_driver_sql('ROLLBACK')\n"))
    assert emits(module("from flask_socketio import emit\n"))
    assert emits(module("from forum.base.broadcast import socketio\nsocketio.emit('x')\n"))
    assert imports_bleach(module("def f():\n    import bleach\n"))
    assert reads_the_clock(module("from datetime import datetime, UTC\nx = datetime.now(UTC)\n"))
    assert reads_the_clock(module("import datetime\nx = datetime.date.today\n"))
    assert reads_the_clock(module("from time import time\n"))
    assert reads_the_clock(module("import time\nx = time.monotonic()\n"))
    assert leaves_time_or_chance_to_sql(module("x = func.now()\n"))
    assert leaves_time_or_chance_to_sql(module("x = 'SELECT id FROM post ORDER BY random()'\n"))
    assert leaves_time_or_chance_to_sql(module("x = 'CURRENT_TIMESTAMP'\n", "migrations.versions.a"))
    assert mask_owner_readers([module("from forum.models.conversations import MaskOwner\n")])
    assert mask_owner_readers([module("from forum import models\nx = models.MaskOwner\n")])
    assert mask_owner_readers([module("x = text('SELECT * FROM mask_owner')\n")])


def test_ordinary_code_passes():
    fine = Module(
        "forum.groups.usecases",
        '''"""Nothing may commit(); now() is in the clock."""
from forum.base import clock
from forum.base.words import _

def f():
    return clock.now(), clock.today(), _("You can stop now (or later).")
''',
    )
    rules = (ends_a_transaction, emits, imports_bleach, reads_the_clock, leaves_time_or_chance_to_sql)
    assert [line for rule in rules for line in rule(fine)] == []
    assert not names_mask_owner(fine)
    assert reads_the_clock(Module("forum.base.pools", "import time\nx = time.monotonic()\n")) == []
