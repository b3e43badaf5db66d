"""Run as a program of its own, which can be ended: a pattern may take for ever, and a thread cannot be stopped.

Reads {"pattern", "texts"} as JSON, writes the places of the texts that it is found in.
"""

import json
import re
import sys


def main() -> None:
    asked = json.load(sys.stdin)
    found = re.compile(asked["pattern"]).search
    json.dump([place for place, text in enumerate(asked["texts"]) if found(text)], sys.stdout)


if __name__ == "__main__":
    main()
