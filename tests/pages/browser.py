"""The browser of the tests: Debian's Chromium, quiet."""

from __future__ import annotations

import os
from pathlib import Path

from playwright.sync_api import Browser, Playwright

CHROMIUM = Path(os.environ.get("TENBAN_CHROMIUM", "/usr/bin/chromium"))
# Chromium takes the last list of these only. The first three start renderers of its own for each context, in
# case they are needed: nearly half of what these tests cost. The rest is what Playwright switches off.
_FEATURES_OFF = [
    "SpareRendererForSitePerProcess",
    "WebUIOmniboxPopup",
    "WebUIOmniboxAimPopup",
    "AimEnabled",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "ThirdPartyStoragePartitioning",
    "Translate",
]
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
    f"--disable-features={','.join(_FEATURES_OFF)}",
]


# What a tablet in a shop shows for system-ui: a face that has Latin and Japanese of one cut.
_FONTS = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>
<include ignore_missing="yes">/etc/fonts/fonts.conf</include>
<match target="pattern"><edit name="family" mode="prepend" binding="strong">
<string>Noto Sans CJK JP</string></edit></match>
</fontconfig>"""


def launch(playwright: Playwright, *, fonts: Path | None = None) -> Browser:
    """Start Chromium without its own network traffic; ``fonts`` is a folder for a font configuration."""
    env: dict[str, str | float | bool] = dict(os.environ)
    if fonts is not None:
        (fonts / "fonts.conf").write_text(_FONTS, encoding="utf-8")
        env["FONTCONFIG_FILE"] = str(fonts / "fonts.conf")
    return playwright.chromium.launch(executable_path=str(CHROMIUM), args=_FLAGS, env=env)


def launch_another(like: Browser, *more: str) -> Browser:
    """Start another Chromium with more flags, beside one that runs."""
    return like.browser_type.launch(executable_path=str(CHROMIUM), args=[*_FLAGS, *more])
