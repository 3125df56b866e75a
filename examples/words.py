#!/usr/bin/env python3
"""A step in Python, by command: how often each word stands in the request's body.

juggle serve --step words='python3 examples/words.py' --work words

A program is started for each request: its stdin is the body, its stdout the reply, and
QUERY_STRING holds the query. ?most=3 says how many words (default 5).
"""

import collections
import os
import sys
import urllib.parse

query = urllib.parse.parse_qs(os.environ.get("QUERY_STRING", ""))
most = query.get("most", ["5"])[0]
if not most.isdigit():
    sys.exit(f"most wants a number, not {most}")
words = collections.Counter(sys.stdin.read().lower().split())
for word, count in words.most_common(int(most)):
    print(count, word)
