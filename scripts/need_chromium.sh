#!/bin/sh
# The browser tests drive a real Chromium. Where it is missing it is installed if that is possible (root and
# apt); otherwise those tests are skipped, and say so.
find_chromium() {
	command -v chromium || command -v chromium-browser || command -v google-chrome
}
find_chromium >/dev/null 2>&1 && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
	echo "Chromium is missing; installing it for the browser tests"
	apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium fonts-noto-cjk >/dev/null
fi
find_chromium >/dev/null 2>&1 || echo "CHROMIUM IS MISSING: the browser tests will be skipped"
exit 0
