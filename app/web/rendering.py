"""What every page has in common: its words, its headers, and the proof that a form came from it."""

from flask import Response, render_template, request
from flask_wtf.csrf import validate_csrf

from app.locales import LANGUAGES, duration, file_size, in_list, local_second, local_time, text, zone_name

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",  # the link is the key: no other site may learn it
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex",
}


def render(template: str, language: str, **facts: object) -> str:
    """A page of ``templates/web``; ``t`` says what stands under ``web.`` in the catalogs, ``say`` all."""

    def words(key: str, **params: object) -> str:
        return text(f"web.{key}", language, **params)

    def known_words(key: str, **params: object) -> str:
        return text(key, language, **params)

    return render_template(
        f"web/{template}",
        language=language,
        t=words,
        say=known_words,
        moment=lambda at, zone: local_time(at, zone, language),
        second=lambda at, zone: local_second(at, zone, language),
        zone_name=lambda zone: zone_name(zone, language),
        in_list=lambda names: in_list(names, language),
        duration=duration,
        file_size=lambda size: file_size(size, language),
        **facts,
    )


def browsers_language() -> str:
    return request.accept_languages.best_match(LANGUAGES) or LANGUAGES[0]


def form_is_ours() -> bool:
    """Whether a form holds the token that was put into it for this visitor."""
    try:
        validate_csrf(request.form.get("csrf_token"))
    except ValueError:  # wtforms.ValidationError
        return False
    return True


def keep_private(response: Response) -> Response:
    """Nobody keeps a page, frames it, or learns its address; what is the same for everybody may be kept."""
    for name, value in HEADERS.items():
        if request.endpoint == "web.file":  # a file is held to more than a page is
            response.headers.setdefault(name, value)
        elif name != "Cache-Control" or not (request.endpoint or "").endswith(".static"):
            response.headers[name] = value
    return response
