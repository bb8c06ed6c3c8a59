"""Replaces what stands between two markers of a page: a table that is written by a command."""

import sys


def replace(page, name, lines):
    """What is between `<!-- NAME -->` and `<!-- end of NAME -->` becomes these lines."""
    begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
    text = page.read_text()
    if text.count(begin) != 1 or text.count(end) != 1:
        sys.exit(f"{page} has not {begin} and {end} once each")
    before, rest = text.split(begin)
    after = rest.split(end)[1]
    page.write_text("\n".join([before + begin, "", *lines, "", end + after]))
