"""``tenban replay``: the findings that the rules make of facts that are already there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tenban.base.clock import to_rfc3339
from tenban.base.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from zoneinfo import ZoneInfo

    from tenban.findings.facts import Fact
    from tenban.findings.model import Finding, Withdrawal
    from tenban.findings.settings import RulesSettings
    from tenban.findings.words import Language

_LANGUAGES = ("ja", "en")


def replay(
    facts: Annotated[
        list[Path], typer.Argument(help="Files of sale events and observations, one JSON object a line.")
    ],
    *,
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
    """Judge facts from files as a live shop would, and say what was found and why."""
    from tenban.findings.replay import replay_all

    if language not in _LANGUAGES:
        raise BadInput("--language", expected="ja or en", came=repr(language))
    zone = _zone(timezone)
    settings = _settings(rules)
    read, mistakes = _read(facts)
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
