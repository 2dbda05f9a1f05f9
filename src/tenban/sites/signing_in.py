"""How people sign in, and what asks them once more, as ``tenban.toml`` says it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SessionLimits:
    """How long somebody stays signed in (``[sessions.ROLE]`` in ``tenban.toml``).

    Attributes:
        idle_min: minutes without any request.
        absolute_h: hours from signing in, whatever happens.
    """

    idle_min: float
    absolute_h: float


@dataclass(frozen=True, slots=True)
class StepUp:
    """What asks for the PIN or password once more (``[step_up]`` in ``tenban.toml``).

    Attributes:
        people: letting people in, changing and disabling them, and making tokens and webhooks.
        audit: taking the audit log along.
        keeping: releasing what is held, and destroying pictures before their time.
        evidence: making packages of cases, and taking them along.
        settings: changing shops, cameras, lanes and zones.
        rules: turning rules.
        pictures: seeing what is blurred; until then, who may sees the same as everybody.
        minutes: how long one is not asked again.
        app_roles: who has to sign in with an authenticator app.
        switch_h: hours since somebody signed in with a browser in which their PIN opens it again.
    """

    people: bool = True
    audit: bool = True
    keeping: bool = True
    evidence: bool = True
    settings: bool = False
    rules: bool = False
    pictures: bool = True
    minutes: float = 5.0
    switch_h: float = 12.0
    app_roles: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class GroupRule:
    """What a group at the identity provider is here (``[[oidc.group]]``).

    Attributes:
        name: of the group, as the provider says it.
        roles: what its members are.
        shop: the only shop; None: that of the area, or where there is none, every shop.
        area: the only area.
    """

    name: str
    roles: tuple[str, ...]
    shop: str | None = None
    area: str | None = None


@dataclass(frozen=True, slots=True)
class Oidc:
    """The company's own identity provider (``[oidc]``, OpenID Connect).

    Attributes:
        issuer: its address, which it says of itself to the letter.
        client_id: what it calls this server.
        client_secret: ``env:NAME``, ``file:PATH``, a sealed one, or itself; empty: a client without.
        label_ja: what the button says.
        label_en: likewise.
        link_by: the claim that is a sign-in name here, and links somebody at their first time; empty: never.
        groups_claim: where the provider says the groups.
        groups: what they are here: who is in one is let in unlinked.
        two_factors: the provider asks for a second factor, and need not say so each time.
        only: passwords and passkeys of our own let nobody in but ``break_glass``.
        break_glass: the sign-in name of an administrator who gets in without the provider.
    """

    issuer: str
    client_id: str
    client_secret: str = ""
    label_ja: str = ""
    label_en: str = ""
    link_by: str = ""
    groups_claim: str = "groups"
    groups: tuple[GroupRule, ...] = ()
    two_factors: bool = False
    only: bool = False
    break_glass: str = ""
