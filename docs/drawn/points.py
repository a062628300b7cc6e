"""The points ledger of a seized platform, beside the bank's rows: what each sort of user has booked."""

import polars as pl

from drawn.paper import FAINT, LINE, MARGIN, Paper
from drawn.worlds import Found

_AT = (MARGIN, 330.0, 500.0, 670.0, 840.0, 1010.0, 1180.0)
_KINDS = ("deposit", "up", "down", "commission")
_HEAD = ("users 用户", "margin 保证金", "up 上分", "down 下分", "commission 佣金", "points 余分")
_ROLES = {
    "member": "members (cards) 码农",
    "studio": "studios 工作室",
    "agent": "agents 代理",
    "merchant": "merchants 商户",
}


def draw_points(paper: Paper, found: Found) -> None:
    """The panel: bookings by sort of user, in points of one yuan."""
    roles = found.users.select("user", "role", held="points")
    sums = found.points.join(roles, on="user").group_by("role", "kind").agg(pl.col("amount").sum())
    booked = {(role, kind): amount for role, kind, amount in sums.rows()}
    paper.heading(
        "The platform's points ledger 平台分值账",
        "1 point = ¥1. points = margin + up − down − commission, for every user; who earns commission has it negative",
    )
    paper.y += 14
    for x, name in zip(_AT[1:], _HEAD, strict=True):
        paper.text(x, paper.y, name, size=13, anchor="end", colour=FAINT)
    paper.path(f"M{MARGIN} {paper.y + 7:.1f}H{_AT[-1]:.1f}", stroke=LINE)
    for role, name in _ROLES.items():
        paper.y += 24
        users = roles.filter(role=role)
        cells = [f"{users.height:,}", *(_points(booked.get((role, kind), 0)) for kind in _KINDS)]
        paper.text(_AT[0], paper.y, name, size=14)
        for x, cell in zip(_AT[1:], [*cells, _points(int(users["held"].sum()))], strict=True):
            paper.text(x, paper.y, cell, size=14, anchor="end")
    paper.y += 12


def _points(minor: int) -> str:
    return f"{minor / 100:,.0f}".replace("-", "−")
