"""The mapping file that comes with a rendered world, for the tables that no built-in format knows."""

from pathlib import Path

from duanka.synth.render.field import CALLS, SIMS
from duanka.synth.render.wallets import TENPAY_FAILED

NAME = "mapping.yaml"

_ABOVE = """\
# Tables in layouts of their makers' own. Give this file along: duanka import FOLDER --case CASE --mapping mapping.yaml
formats:
"""
_CALLS = (
    "operator_calls", "call",
    dict(zip(("phone", "other", "direction", "time", "seconds", "kind", "cell", "imei"), CALLS, strict=True)), "",
)  # fmt: skip
_SIMS = (
    "operator_sims", "sim",
    dict(zip(("phone", "kind", "operator", "holder_name", "holder_id", "iccid", "imsi", "opened_on", "closed_on",
              "outlet_id", "state"), SIMS, strict=True)), "",
)  # fmt: skip
_FAILED = (
    "tenpay_failed", "transaction",
    dict(zip(("own", "serial", "time", "amount", "direction", "other", "kind", "channel", "status", "memo"),
             TENPAY_FAILED, strict=True)),
    (
        '  institution: tenpay\n  unit: minor\n  own_prefix: "tenpay:"\n  status: {失败: failed}\n'
        "  midnight_is_day: false\n"
    ),
)  # fmt: skip


def write_mapping(path: Path, extra: tuple[tuple[str, str, dict[str, str], str], ...] = ()) -> Path:
    """Write the mapping; returns its path. `extra` are further formats: name, kind of record, columns, more keys."""
    text = _ABOVE
    for name, record, columns, more in (_CALLS, _SIMS, _FAILED, *extra):
        text += f"- name: {name}\n  record: {record}\n  columns:\n"
        text += "".join(f'    {field}: "{column}"\n' for field, column in columns.items())
        text += more
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path
