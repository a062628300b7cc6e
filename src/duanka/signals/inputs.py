"""What a case must hold for a signal to be measured, and which of it this case does not hold."""

from duanka.store.case import Case

INPUTS: dict[str, tuple[str, str]] = {
    "both_ways": ("accounts that received and paid", "SELECT 1 FROM acc WHERE n_in > 0 AND n_out > 0 LIMIT 1"),
    "counterparties": ("who was on the other side", "SELECT 1 FROM pairs LIMIT 1"),
    "seconds": (
        "times of day, for at least half of the rows",
        "SELECT 1 FROM sides HAVING count(*) > 0 AND count(*) FILTER (fine) * 2 >= count(*)",
    ),
    "balances": ("printed balances", "SELECT 1 FROM sides WHERE balance IS NOT NULL LIMIT 1"),
    "memos": ("memos, or the source's words for kind and channel", "SELECT 1 FROM sides WHERE worded LIMIT 1"),
    "kinds": ("kinds of accounts (personal, corporate …)", "SELECT 1 FROM acc WHERE grp <> 'unknown' LIMIT 1"),
    "corporate": ("corporate accounts", "SELECT 1 FROM acc WHERE grp = 'corporate' LIMIT 1"),
    "wallets": ("e-CNY wallets", "SELECT 1 FROM acc WHERE grp = 'ecny' LIMIT 1"),
    "openings": (
        "opening dates",
        "SELECT 1 FROM (SELECT opened FROM acc UNION ALL SELECT opened FROM registered) WHERE opened IS NOT NULL LIMIT 1",
    ),
    "holders": ("who holds the accounts", "SELECT 1 FROM acc WHERE party_id IS NOT NULL LIMIT 1"),
    "ages": ("dates of birth", "SELECT 1 FROM acc WHERE age IS NOT NULL LIMIT 1"),
    "phones": ("phone numbers reserved with the institution", "SELECT 1 FROM acc WHERE phone <> '' LIMIT 1"),
    "outlets": ("opening outlets", "SELECT 1 FROM acc WHERE outlet_id IS NOT NULL LIMIT 1"),
    "sessions": ("sessions", "SELECT 1 FROM visits LIMIT 1"),
    "ips": ("IP addresses of sessions", "SELECT 1 FROM visits WHERE net <> '' LIMIT 1"),
    "devices": ("devices of sessions or payments", "SELECT 1 FROM uses LIMIT 1"),
    "face_checks": ("sessions that say face check", "SELECT 1 FROM visits WHERE face LIMIT 1"),
    "phone_changes": ("sessions that say change of phone", "SELECT 1 FROM visits WHERE rebound LIMIT 1"),
    "reports": ("victims' reports", "SELECT 1 FROM reported LIMIT 1"),
}
"""Input -> what it is, and a query that gives a row where the case has it."""


def missing(case: Case) -> frozenset[str]:
    """The inputs that the case does not hold, as of the moment for which `tables.prepare` was run."""
    return frozenset(name for name, (_, query) in INPUTS.items() if not case.db.rows(query))
