"""``tenban replay``: the findings that the rules make of facts that are already there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tenban.base.clock import Instant, from_rfc3339, to_rfc3339
from tenban.base.errors import BadInput
from tenban.cli.serve import DatabaseUrl

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from zoneinfo import ZoneInfo

    from tenban.findings.facts import Fact
    from tenban.findings.model import Finding, Withdrawal
    from tenban.findings.settings import RulesSettings
    from tenban.findings.words import Language

_LANGUAGES = ("ja", "en")
_DAY_S = 86_400.0


def replay(
    facts: Annotated[
        list[Path] | None,
        typer.Argument(help="Files of sale events and observations, one JSON object a line."),
    ] = None,
    *,
    data: Annotated[
        Path | None, typer.Option("--data", "-d", help="A shop's data folder: judge what it has kept.")
    ] = None,
    database: DatabaseUrl = None,
    start: Annotated[
        str | None, typer.Option("--from", help="With --data: from this RFC 3339 time; a day ago otherwise.")
    ] = None,
    end: Annotated[
        str | None, typer.Option("--to", help="With --data: up to this time; now otherwise.")
    ] = None,
    rules: Annotated[
        Path | None, typer.Option(help="The tenban.toml whose rule settings are in force.")
    ] = None,
    as_received: Annotated[
        bool, typer.Option("--as-received", help="Let time run as the facts were received.")
    ] = False,
    language: Annotated[str, typer.Option(help="Language of the sentences: ja or en.")] = "en",
    timezone: Annotated[str, typer.Option(help="Time zone of the sentences.")] = "Asia/Tokyo",
    as_json: Annotated[bool, typer.Option("--json", help="Print a report for machines.")] = False,
) -> None:
    """Judge facts from files, or from a shop's own data, as a live shop would; say what was found and why."""
    from tenban.findings.replay import replay_all

    if language not in _LANGUAGES:
        raise BadInput("--language", expected="ja or en", came=repr(language))
    zone = _zone(timezone)
    settings = _settings(rules)
    if (data is None) == (not facts):
        raise BadInput(
            "replay", expected="either files of facts or --data", came="both" if facts else "neither"
        )
    read, mistakes = _read(facts) if facts else (_kept(data, database, start, end), [])
    replayed = replay_all(read, settings, as_received=as_received, watch=_progress)
    if as_json:
        report = {
            "facts": len(read),
            "bad_lines": [str(mistake) for mistake in mistakes],
            "set_aside": replayed.set_aside,
            "findings": [_finding(finding, zone) for finding in replayed.findings],
            "withdrawn": [_withdrawal(withdrawal, zone) for withdrawal in replayed.withdrawn],
        }
        typer.echo(json.dumps(report, ensure_ascii=False, indent=2))
        return
    for mistake in mistakes:
        typer.echo(f"tenban: set aside: {mistake}", err=True)
    _tell(replayed.findings, replayed.withdrawn, "ja" if language == "ja" else "en", zone)
    if replayed.set_aside:
        typer.echo(f"tenban: {replayed.set_aside} fact(s) came too late for their sale", err=True)


def _zone(name: str) -> ZoneInfo:
    from zoneinfo import ZoneInfo, available_timezones

    if name not in available_timezones():
        raise BadInput("--timezone", expected="an IANA zone such as Asia/Tokyo", came=repr(name))
    return ZoneInfo(name)


def _settings(path: Path | None) -> RulesSettings:
    """Return the rules' settings of a configuration file; what else the file holds is not looked at."""
    import tomllib

    from tenban.findings.settings import parse_rules

    if path is None:
        return parse_rules({})
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(str(path), expected="a readable configuration file", came=error) from error
    except tomllib.TOMLDecodeError as error:
        raise BadInput(str(path), expected="TOML", came=error) from error
    if "company" in document:
        from tenban.findings.settings import rules_of
        from tenban.sites.config import parse_sites

        return rules_of(parse_sites(document, path), str(path))
    return parse_rules(document.get("rules", {}), where=f"{path}: rules")


def _kept(data: Path | None, database: str | None, start: str | None, end: str | None) -> list[Fact]:
    """Return the facts a shop has kept."""
    from tenban.base.clock import SystemClock, seconds
    from tenban.server.history import kept_facts
    from tenban.server.settings import ServeSettings

    if data is None or not data.is_dir():
        raise BadInput("--data", expected="a shop's data folder", came=data)
    now_at = SystemClock().now()
    start_at = _instant("--from", start) if start else now_at - seconds(_DAY_S)
    end_at = _instant("--to", end) if end else now_at + seconds(_DAY_S)
    return kept_facts(ServeSettings(Path("tenban.toml"), data, database), start_at, end_at)


def _instant(option: str, text: str) -> Instant:
    try:
        return from_rfc3339(text)
    except ValueError as error:
        raise BadInput(option, expected="an RFC 3339 time with an offset", came=repr(text)) from error


def _read(paths: list[Path]) -> tuple[list[Fact], list[BadInput]]:
    """Return the facts of all files, and the lines that hold none.

    Raises:
        BadInput: a file cannot be read, or not one line of all is a fact.
    """
    from tenban.findings.reading import read_facts

    facts: list[Fact] = []
    mistakes: list[BadInput] = []
    for path in paths:
        try:
            with path.open(encoding="utf-8") as lines:
                read, wrong = read_facts(lines, where=str(path))
        except (OSError, UnicodeDecodeError) as error:
            raise BadInput(str(path), expected="a readable file of JSON lines", came=error) from error
        facts += read
        mistakes += wrong
    if mistakes and not facts:
        raise mistakes[0]
    return facts, mistakes


def _progress(facts: Sequence[Fact]) -> Iterable[Fact]:
    from rich.console import Console
    from rich.progress import track

    return track(facts, "Judging", console=Console(stderr=True), transient=True, disable=len(facts) < 2_000)


def _tell(
    findings: Sequence[Finding], withdrawn: Sequence[Withdrawal], language: Language, zone: ZoneInfo
) -> None:
    from tenban.findings import words

    for finding in findings:
        title = words.TITLES[finding.rule][language]
        typer.echo(f"{finding.register}  {finding.sale}  {title}")
        typer.echo(f"  {words.say(finding.phrase, language, zone)}")
        for fact in finding.facts:
            typer.echo(f"    {words.say_fact(fact, language, zone)}")
    for withdrawal in withdrawn:
        finding = withdrawal.finding
        title = words.TITLES[finding.rule][language]
        typer.echo(f"{finding.register}  {finding.sale}  {words.WITHDRAWN[language]}: {title}")
        typer.echo(f"  {words.say(finding.phrase, language, zone)}")
        typer.echo(f"  {words.REASONS[withdrawal.reason][language]}")
    typer.echo(words.COUNTS[language].format(standing=len(findings), withdrawn=len(withdrawn)))


def _finding(finding: Finding, zone: ZoneInfo) -> dict[str, Any]:
    from tenban.findings import words

    return {
        "key": finding.key,
        "rule": finding.rule,
        "register": finding.register,
        "sale": finding.sale,
        "at": to_rfc3339(finding.at),
        "decidable_at": to_rfc3339(finding.decidable_at),
        "severity": finding.severity,
        "title": words.TITLES[finding.rule],
        "sentence": {language: words.say(finding.phrase, language, zone) for language in words.LANGUAGES},
        "facts": [
            {"id": fact.id} | {language: words.say_fact(fact, language, zone) for language in words.LANGUAGES}
            for fact in finding.facts
        ],
    }


def _withdrawal(withdrawal: Withdrawal, zone: ZoneInfo) -> dict[str, Any]:
    from tenban.findings import words

    return _finding(withdrawal.finding, zone) | {
        "withdrawn_at": to_rfc3339(withdrawal.at),
        "reason": withdrawal.reason,
        "why": words.REASONS[withdrawal.reason],
    }
