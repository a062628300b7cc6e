"""The command line: parses, calls, prints. Every verb takes --json; 0 is success, 1 a failed run, 2 wrong use."""

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib.metadata import version

import cyclopts

from duanka.messages.catalogue import Language, default_language, languages, say
from duanka.messages.told import Message, ToldError, of_the_system
from duanka.verbs import finding, freezing, handing_out, importing, tracing, trying_out, typologies
from duanka.verbs.arguments import UsageError

app = cyclopts.App(
    name="duanka",
    help="断卡 · From raw payment records to an exact ledger, the lineage of the money, and a report.",
    version=lambda: version("duanka"),
    version_flags=["--version"],
)

app.command(trying_out.demo)
app.command(importing.investigate)
app.command(importing.import_, name="import")
app.command(finding.detect)
app.command(tracing.trace)
app.command(freezing.freeze_plan, name="freeze-plan")
app.command(freezing.returns)
app.command(finding.learn)
app.command(handing_out.export)
app.command(finding.reconcile)
app.command(handing_out.report)
app.command(finding.evaluate)
app.command(typologies.app)
app.command(trying_out.formats)
app.command(trying_out.synth)
app.command(trying_out.doctor)


def main() -> None:
    """Entry point of the `duanka` command."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command; returns its exit code."""
    with suppress(AttributeError, ValueError):  # streams without reconfigure, as in tests
        sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
        sys.stderr.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    language = language_of(arguments)
    try:
        code = _call(arguments, language)
    except cyclopts.CycloptsError as error:
        from duanka.verbs.wrong_use import told  # noqa: PLC0415 - only when it is needed

        print(f"duanka: {told(error, language)}", file=sys.stderr)
        return 2
    except UsageError as error:
        problem = error.told(language)
        print(f"duanka: {say('usage.see_help', language, problem=problem)}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(f"\nduanka: {say('cli.interrupted', language)}", file=sys.stderr)
        return 1
    except (ValueError, RuntimeError, OSError, ImportError) as error:
        if os.environ.get("DUANKA_DEBUG"):
            raise
        print(f"duanka: {_told(error, language)}", file=sys.stderr)
        return 1
    except Exception as error:  # whatever it is, the user gets one line that says what to do
        if os.environ.get("DUANKA_DEBUG"):
            raise
        problem = f"{type(error).__name__}: {_told(error, language)}"
        print(f"duanka: {say('cli.fault', language, problem=problem)}", file=sys.stderr)
        return 1
    return code if isinstance(code, int) else 0


def language_of(arguments: Sequence[str]) -> Language:
    """What --lang names, also where the rest can't be understood; else the locale's."""
    for position, word in enumerate(arguments):
        if word == "--":
            break
        name, _, value = word.partition("=")
        chosen = value or next(iter(arguments[position + 1 : position + 2]), "")
        found = next((one for one in languages if name == "--lang" and one == chosen), None)
        if found:
            return found
    return default_language()


def _call(arguments: list[str], language: Language) -> object:
    """Do what is asked for; help in Chinese comes from words that nothing else needs."""
    command, bound, _ = app.parse_args(arguments, exit_on_error=False, print_error=False)
    if language == "zh" and getattr(command, "__func__", None) is cyclopts.App.help_print:
        from duanka.verbs.chinese import in_chinese  # noqa: PLC0415 - only when it is needed

        return in_chinese(app)(arguments, exit_on_error=False, print_error=False, result_action="return_value")
    return command(*bound.args, **bound.kwargs)


def _told(error: Exception, language: Language) -> str:
    """What is wrong, in one line: our own words in the language, of the system's those that users meet; else theirs."""
    if isinstance(error, ToldError):
        return error.told(language)
    if isinstance(error, OSError) and error.filename:
        return Message("system.at", path=error.filename, problem=of_the_system(error)).told(language)
    return (str(error).strip() or type(error).__name__).splitlines()[0]
