"""From a web page to who said what, after trafilatura: python examples/after_trafilatura.py [PAGE.html].

Needs pip install 'quoteattr[examples]'. newspaper4k goes the same way: pass on the `text` of its articles.
"""

import sys
from pathlib import Path

import trafilatura

import quoteattr

PAGE = """<!DOCTYPE html>
<html lang="en"><head><title>Pool to close after 60 years</title></head><body>
<nav><a href="/">Home</a> <a href="/news">News</a></nav>
<article>
<h1>Pool to close after 60 years</h1>
<p>Larkton Council voted 7-2 on Monday to close the swimming pool in Mill Lane, which opened in 1966.</p>
<p>“We fought for this pool for nine years,” said Marian Pike, who swims there every day.</p>
<p>Support our journalism from £3 a month.</p>
<p>She told the Courier that 900 people had signed her petition. The council said that repairs would cost £4m.</p>
</article>
<footer>© Larkton Courier</footer>
</body></html>"""

html = Path(sys.argv[1]).read_text(encoding="utf-8") if sys.argv[1:] else PAGE
text = trafilatura.extract(html, include_comments=False)
if text is None:
    sys.exit("trafilatura finds no article in this page")
document = quoteattr.load()(text)
print(document.clean_text, end="\n\n")
for quote in document.quotes:
    print(f"{quote.speaker.name if quote.speaker else '?'}: {quote.text}")
