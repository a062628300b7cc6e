"""Networks for the tools that draw them: GraphML (yEd, Gephi, NetworkX) and GEXF (Gephi), written node by node."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl
from lxml import etree

from duanka.report.tables import whole

GRAPHML = "http://graphml.graphdrawing.org/xmlns"
GEXF = "http://gexf.net/1.3"

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 can't hold (§2.2)."""


@dataclass(frozen=True, slots=True)
class Graph:
    """A directed network. `nodes` has `id` and `label`, `edges` has `source` and `target` (ids); the rest is shown.

    Columns are text, whole numbers, floats, booleans or UTC times; what is null is left out.
    """

    nodes: pl.DataFrame
    edges: pl.DataFrame


def write_graphml(graph: Graph, out: Path) -> None:
    """GraphML 1.0 with typed keys; `out` appears only when it is whole."""
    with whole(out) as partial, etree.xmlfile(str(partial), encoding="utf-8") as xml:
        xml.write_declaration()
        with xml.element("graphml", nsmap={None: GRAPHML}):
            keys: dict[str, dict[str, str]] = {}
            for kind, frame in (("node", graph.nodes), ("edge", graph.edges)):
                keys[kind] = {name: f"{kind[0]}{at}" for at, name in enumerate(_shown(frame, kind))}
                for name, key in keys[kind].items():
                    facts = {"id": key, "for": kind, "attr.name": name, "attr.type": _type(frame[name].dtype)}
                    xml.write(etree.Element("key", facts))
            with xml.element("graph", edgedefault="directed"):
                for line in graph.nodes.iter_rows(named=True):
                    xml.write(_graphml("node", {"id": _text(line["id"])}, line, keys["node"]))
                for at, line in enumerate(graph.edges.iter_rows(named=True)):
                    ends = {"id": f"e{at}", "source": _text(line["source"]), "target": _text(line["target"])}
                    xml.write(_graphml("edge", ends, line, keys["edge"]))


def _graphml(tag: str, facts: dict[str, str], line: dict[str, object], keys: dict[str, str]) -> etree._Element:
    element = etree.Element(tag, facts)
    for name, key in keys.items():
        if line[name] is not None:
            etree.SubElement(element, "data", key=key).text = _text(line[name])
    return element


def write_gexf(graph: Graph, out: Path) -> None:
    """GEXF 1.3; `out` appears only when it is whole."""
    with whole(out) as partial, etree.xmlfile(str(partial), encoding="utf-8") as xml:
        xml.write_declaration()
        root = xml.element("gexf", {"version": "1.3"}, nsmap={None: GEXF})
        with root, xml.element("graph", defaultedgetype="directed", mode="static"):
            for kind, frame in (("node", graph.nodes), ("edge", graph.edges)):
                with xml.element("attributes", {"class": kind}):
                    for name in _shown(frame, kind, but="label"):
                        facts = {"id": name, "title": name, "type": _type(frame[name].dtype)}
                        xml.write(etree.Element("attribute", facts))
            with xml.element("nodes"):
                shown = _shown(graph.nodes, "node", but="label")
                for line in graph.nodes.iter_rows(named=True):
                    facts = {"id": _text(line["id"]), "label": _text(line["label"])}
                    xml.write(_gexf("node", facts, line, shown))
            with xml.element("edges"):
                shown = _shown(graph.edges, "edge", but="label")
                for at, line in enumerate(graph.edges.iter_rows(named=True)):
                    ends = {"id": str(at), "source": _text(line["source"]), "target": _text(line["target"])}
                    xml.write(_gexf("edge", ends, line, shown))


def _gexf(tag: str, facts: dict[str, str], line: dict[str, object], shown: list[str]) -> etree._Element:
    element = etree.Element(tag, facts)
    values = etree.SubElement(element, "attvalues")
    for name in shown:
        if line[name] is not None:
            etree.SubElement(values, "attvalue", {"for": name, "value": _text(line[name])})
    return element


def _shown(frame: pl.DataFrame, kind: str, *, but: str = "") -> list[str]:
    ids = {"id"} if kind == "node" else {"source", "target"}
    return [name for name in frame.columns if name not in ids and name != but]


def _type(kind: pl.DataType) -> str:
    """The name of a type, which both formats share."""
    if kind == pl.Boolean:
        return "boolean"
    if kind.is_integer():
        return "long"
    return "double" if kind.is_float() else "string"


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat()
    return _NOT_XML.sub("�", str(value))


WRITERS: dict[str, Callable[[Graph, Path], None]] = {"graphml": write_graphml, "gexf": write_gexf}
