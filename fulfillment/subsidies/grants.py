"""Grants on evidence: a building that was finished, a premium that was paid. The document is the cause; it counts once confirmed."""

from collections.abc import Iterable

from sqlmodel import Session, col, select

from .due import Asked, Due, finds
from .models import SubsidyEvidence
from .rules import year_of


@finds("grant")
def find_grants(session: Session, asked: Asked) -> Iterable[Due]:
    query = select(SubsidyEvidence).where(
        SubsidyEvidence.fund_id == asked.fund_id, col(SubsidyEvidence.confirmed_at).is_not(None),
        col(SubsidyEvidence.withdrawn_at).is_(None), SubsidyEvidence.on_date >= asked.first, SubsidyEvidence.on_date < asked.after,
    )  # fmt: skip
    for proof in session.exec(query.order_by(col(SubsidyEvidence.id))):
        facts = {
            "document": proof.document, "what": proof.what, "evidence": proof.code, "of_fen": proof.amount_fen,
            "year": year_of(asked.rule, proof.on_date),
        }  # fmt: skip
        yield Due("evidence", proof.code, "", proof.party_kind, proof.party_code, proof.on_date, facts)
