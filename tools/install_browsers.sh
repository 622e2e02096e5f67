#!/bin/sh
# Installs what the tests of browsers and of the tray drive, where that needs no question: Debian-like, as root or with password-less sudo.
# Elsewhere it says so and the browser tests skip with a reason.
set -eu

missing=""
command -v chromium >/dev/null 2>&1 || missing="$missing chromium"
command -v firefox-esr >/dev/null 2>&1 || command -v firefox >/dev/null 2>&1 || missing="$missing firefox-esr"
command -v Xvfb >/dev/null 2>&1 || missing="$missing xvfb xauth xdotool libxcb-icccm4 libxcb-keysyms1"
# A session bus and a window manager, for the test that drives a real tray.
for program in openbox dbus-daemon; do
    command -v "$program" >/dev/null 2>&1 || missing="$missing $program"
done
# Qt's offscreen and xcb plugins load these; a bare machine has none of them.
for pair in libEGL.so.1:libegl1 libGL.so.1:libgl1 libxkbcommon.so.0:libxkbcommon0 libfontconfig.so.1:libfontconfig1 \
    libdbus-1.so.3:libdbus-1-3; do
    ldconfig -p 2>/dev/null | grep -q "${pair%%:*}" || missing="$missing ${pair##*:}"
done
command -v npm >/dev/null 2>&1 || missing="$missing nodejs npm"
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null 2>&1; then
    echo "No apt-get here: install by hand for the browser tests:$missing"
    exit 0
fi
if [ "$(id -u)" -eq 0 ]; then
    sudo=""
elif sudo -n true 2>/dev/null; then
    sudo="sudo"
else
    echo "Browser tests will skip; to run them: sudo apt-get install$missing"
    exit 0
fi
export DEBIAN_FRONTEND=noninteractive
$sudo apt-get update -qq
# shellcheck disable=SC2086
$sudo apt-get install -y -qq --no-install-recommends $missing >/dev/null
