"""What notices tell of questions to a person, and of a request that was asked before."""

from typing import Any

from shared.use_cases.notice_about import About


def clarification_asked(about: About, public_url: str) -> dict[str, Any]:
    """Return the newest question, and where to answer it."""
    questions, request = about.dossier.questions, about.request
    return {
        "text": questions[-1].text if questions else "",
        "answer_link": f"{public_url}/api/privacy/{request.id}?language={request.language}",
    }


def joined(about: About, public_url: str) -> dict[str, Any]:
    """Return when the same was asked first, and where that request is."""
    request = about.request
    return {
        "first_asked_at": request.first_asked_at,
        "first_link": f"{public_url}/api/privacy/{request.joined_to}?language={request.language}",
    }
