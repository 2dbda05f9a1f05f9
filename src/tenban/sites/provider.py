"""``[oidc]`` of ``tenban.toml``: the company's own identity provider, read and checked."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field

from tenban.base.errors import BadInput
from tenban.sites.model import Network, Shop
from tenban.sites.parts import Id, Name, Part, RoleName
from tenban.sites.signing_in import GroupRule, Oidc


class _Group(Part):
    name: Annotated[str, Field(min_length=1, max_length=300)]
    roles: Annotated[list[RoleName], Field(min_length=1)]
    shop: Id | None = None
    area: Name | None = None


class OidcPart(Part):
    """The table as it stands in the file."""

    issuer: Annotated[str, Field(max_length=300, pattern=r"^https?://[^\s?#@]+$")]
    client_id: Annotated[str, Field(min_length=1, max_length=300)]
    client_secret: Annotated[str, Field(max_length=1000)] = ""
    label_ja: Annotated[str, Field(max_length=60)] = ""
    label_en: Annotated[str, Field(max_length=60)] = ""
    link_by: Literal["", "preferred_username", "email"] = ""
    groups_claim: Annotated[str, Field(min_length=1, max_length=100)] = "groups"
    group: Annotated[list[_Group], Field(max_length=200)] = []
    two_factors: bool = False
    only: bool = False
    break_glass: Annotated[str, Field(max_length=100)] = ""


def checked_oidc(
    oidc: OidcPart, where: str, shops: tuple[Shop, ...], network: Network, mistakes: list[BadInput]
) -> Oidc:
    """Return the provider; what is wrong with it is added to the mistakes."""
    parts = urlsplit(oidc.issuer)
    if parts.scheme != "https" and parts.hostname not in network.allow:
        mistakes.append(BadInput(f"{where}.issuer", expected="an address with https", came=repr(oidc.issuer)))
    if oidc.only and not oidc.break_glass.strip():
        expected = "an administrator who gets in without the provider, since only is switched on"
        mistakes.append(BadInput(f"{where}.break_glass", expected=expected, came="nothing"))
    ids, areas = {shop.id for shop in shops}, {shop.area for shop in shops if shop.area is not None}
    for n, group in enumerate(oidc.group):
        place = f"{where}.group[{n}]"
        if group.shop is not None and group.shop not in ids:
            known = ", ".join(sorted(ids))
            mistakes.append(
                BadInput(f"{place}.shop", expected=f"the id of a shop ({known})", came=repr(group.shop))
            )
        if group.area is not None and group.area not in areas:
            known = ", ".join(sorted(areas)) or "none is described"
            mistakes.append(
                BadInput(f"{place}.area", expected=f"an area of a shop ({known})", came=repr(group.area))
            )
        if group.area is not None and group.shop is not None:
            mistakes.append(BadInput(f"{place}.shop", expected="a shop or an area", came="both"))
    return Oidc(
        oidc.issuer,
        oidc.client_id,
        oidc.client_secret,
        oidc.label_ja,
        oidc.label_en,
        oidc.link_by,
        oidc.groups_claim,
        tuple(GroupRule(one.name, tuple(one.roles), one.shop, one.area) for one in oidc.group),
        oidc.two_factors,
        oidc.only,
        oidc.break_glass.strip(),
    )
