"""How Sphinx makes the documentation: sphinx-build -W -c docs . build/docs.

The source folder is the repository, so that the data sheet and the model card are pages where they stand.
"""

from quoteattr import __version__

project = "quoteattr"
release = version = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "numpydoc"]
root_doc = "docs/index"
include_patterns = ["docs/*.md", "training_data/*.md", "models/README.md"]
exclude_patterns = [".*", "benchmarks", "examples", "quoteattr", "tests", "training_data/articles"]

myst_heading_anchors = 3
autodoc_member_order = "bysource"
autodoc_typehints = "none"  # the docstrings tell types
numpydoc_show_class_members = False  # autodoc lists them
toc_object_entries = False
default_role = "code"

html_theme = "alabaster"  # no fonts or scripts from elsewhere
html_theme_options = {
    "description": "Clean text, who said what, and what can be checked",
    "font_family": "system-ui, sans-serif",
    "head_font_family": "system-ui, sans-serif",
    "page_width": "68rem",
    "sidebar_width": "14rem",
}
html_copy_source = html_show_sourcelink = html_show_copyright = False
