"""The web's ground: pages from templates, problems in words, headers, CSRF, caching, languages."""

from core.web.pages import page, provide, provide_personal
from core.web.quick import quick

__all__ = ["page", "provide", "provide_personal", "quick"]
