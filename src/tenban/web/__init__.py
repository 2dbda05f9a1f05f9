"""Pages: templates, words in ja and en, and the small modules that make them live.

Owns what people see. Refuses to write SQL, to decode video and to know the API's code: its pages reach
the API from the browser, as any integrator would.
"""

from tenban.web.app import install_pages

__all__ = ["install_pages"]
