"""`royalty`: a part left the provider's clearing account for its party, Dr `sharing` / Cr gateway.

It waits in `sharing` until its statement is booked as paid: only then the party's account is debited, for all that the statement pays.
"""

from sqlmodel import Session

from core.ledger.models import Side
from core.ledger.service import open_account, post
from fulfillment.settlement.entries import SHARING
from fulfillment.settlement.models import Statement

from .gathering import PROVIDER
from .models import SharePart


def royalty(session: Session, part: SharePart, statement: Statement) -> None:
    waits = open_account(session, SHARING, tenant_id=part.tenant_id, side=Side.DEBIT)
    gateway = open_account(session, f"gateway:{PROVIDER}", tenant_id=part.tenant_id, side=Side.DEBIT, may_be_negative=True)
    post(
        session, f"royalty:{part.code}", [(waits.id or 0, part.amount_fen), (gateway.id or 0, -part.amount_fen)], tenant_id=part.tenant_id,
        kind="royalty", cause_kind="statement", cause_code=statement.code,
    )  # fmt: skip
