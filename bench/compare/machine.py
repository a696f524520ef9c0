"""What was measured on."""

import os
import pathlib
import platform
import re


def machine():
    processor = re.search(r"model name\s*:\s*(.+)", pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    return f"{os.cpu_count()} × {processor[1].strip() if processor else platform.machine()}, Linux {platform.release().split('-')[0]}"
