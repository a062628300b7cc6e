"""What needs no case of one's own: `demo`, `synth`, `formats`, `doctor`."""

import json
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from duanka.messages.catalogue import default_language, say
from duanka.verbs.arguments import CaseDir, Json, Lang, progress


def demo(*, case: CaseDir = Path("demo-case"), json_: Json = False, lang: Lang = None) -> int:
    """Make up a small country with a fraud ring in it, investigate it, and hold the find against the truth."""
    from duanka import demo as show
    from duanka.summary import as_dict, as_text

    language = lang or default_language()
    with progress(quiet=json_, language=language) as watch:
        shown = show.run(case, language=language, watch=watch, progress=watch.world)
    if json_:
        print(json.dumps(as_dict(shown.outcome) | show.as_dict(shown), ensure_ascii=False))
    else:
        print(as_text(shown.outcome, language, by_format=True), show.as_text(shown, language), sep="\n\n")
    return 0


def synth(
    scale: Annotated[str, Parameter(help="tiny, demo, case or province.")],
    *,
    out: Annotated[Path, Parameter(help="Folder of the world; a world that is there already is replaced.")],
    seed: Annotated[int, Parameter(help="The same seed makes the same world.")] = 1,
    ring: Annotated[
        tuple[str, ...], Parameter(negative="", help="KIND:COUNT instead of the scale's own rings; may be repeated.")
    ] = (),
    as_: Annotated[
        Literal["canonical", "police", "banks", "iso20022"],
        Parameter(name="--as", help="Parquet tables, or the files that institutions would hand over."),
    ] = "canonical",
    set_: Annotated[
        tuple[str, ...], Parameter(name="--set", negative="", help="NAME=VALUE: a parameter; may be repeated.")
    ] = (),
    json_: Json = False,
    lang: Lang = None,
) -> int:
    """Make up a country's payments, phones and devices with rings hidden in it, and the truth about them."""
    from duanka.synth.parameters import settings
    from duanka.synth.scales import rings_wanted, scale_named
    from duanka.synth.write import write_world

    language = lang or default_language()
    chosen = scale_named(scale)
    with progress(quiet=json_, language=language) as watch:
        facts = write_world(
            chosen, seed, settings(set_), rings_wanted(chosen, ring), out, style=as_, progress=watch.world
        )
    if json_:
        print(json.dumps({"out": str(out)} | facts, ensure_ascii=False))
    else:
        print(say("cli.synth", language, out=out, **facts))
    return 0


def formats(
    *,
    template: Annotated[str, Parameter(help="Print the header line of one of our own CSV templates.")] = "",
    json_: Json = False,
    lang: Lang = None,
) -> int:
    """List the formats that are recognised."""
    from duanka.sources import registry

    language = lang or default_language()
    if template:
        print(registry.template(template))
        return 0
    known = registry.catalogue()
    if json_:
        print(json.dumps({"formats": known}, ensure_ascii=False))
        return 0
    width = max(len(str(one["name"])) for one in known)
    for one in known:
        print(f"{one['name']:{width}}  {one['title_zh'] if language == 'zh' else one['title_en']}")
    return 0


def doctor(*, json_: Json = False, lang: Lang = None) -> int:
    """Check this machine: versions, memory, disk, and whether the kernels compile and agree with plain arithmetic."""
    from duanka.doctor import check

    language = lang or default_language()
    findings = check()
    good = all(finding.good for finding in findings)
    if json_:
        print(json.dumps({"good": good, "findings": [finding.facts() for finding in findings]}, ensure_ascii=False))
    else:
        for finding in findings:
            print(f"{'✓' if finding.good else '✗'} {say(finding.key, language, **finding.values)}")
    return 0 if good else 1
