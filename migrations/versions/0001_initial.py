"""initial"""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql
revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('account',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('side', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('may_be_negative', sa.Boolean(), nullable=False),
    sa.Column('opened_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.CheckConstraint("side IN ('debit', 'credit')", name=op.f('ck_account_side_known')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_account')),
    sa.UniqueConstraint('tenant_id', 'code', name=op.f('uq_account_tenant_id_code'))
    )
    op.create_table('app_user',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('phone_sealed', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('phone_index', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('password_hash', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('password_until', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('created_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('disabled_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_app_user')),
    sa.UniqueConstraint('code', name=op.f('uq_app_user_code')),
    sa.UniqueConstraint('phone_index', name=op.f('uq_app_user_phone_index'))
    )
    op.create_table('audit_entry',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('actor', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('role', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('act', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('subject', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('reason', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('facts', sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_entry'))
    )
    with op.batch_alter_table('audit_entry', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_audit_entry_tenant_id'), ['tenant_id'], unique=False)

    op.create_table('audit_head',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('entry_id', sa.Integer(), nullable=False),
    sa.Column('digest', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('signature', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_head'))
    )
    op.create_table('batch_plan',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('service_date', sa.Date(), nullable=False),
    sa.Column('wave', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('turn', sa.Integer(), nullable=True),
    sa.Column('status', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('asked_by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('because', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('asked_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('finished_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('placed', sa.Integer(), nullable=False),
    sa.Column('late', sa.Integer(), nullable=False),
    sa.Column('unplaced', sa.Integer(), nullable=False),
    sa.Column('cost_fen', sa.Integer(), nullable=False),
    sa.Column('bound_fen', sa.Integer(), nullable=False),
    sa.Column('gap', sa.Float(), nullable=False),
    sa.Column('seconds', sa.Float(), nullable=False),
    sa.Column('facts', sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.CheckConstraint("status IN ('solving', 'optimal', 'feasible', 'empty', 'failed')", name=op.f('ck_batch_plan_status_known')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_batch_plan')),
    sa.UniqueConstraint('code', name=op.f('uq_batch_plan_code')),
    sa.UniqueConstraint('tenant_id', 'service_date', 'wave', 'turn', name=op.f('uq_batch_plan_tenant_id_service_date_wave_turn'))
    )
    with op.batch_alter_table('batch_plan', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_batch_plan_tenant_id'), ['tenant_id'], unique=False)

    op.create_table('carriage_contract',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('firm', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('line', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('from_node', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('to_node', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('node', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('kind', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('basis', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('price', sa.Integer(), nullable=False),
    sa.Column('tiers', sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.Column('minimum_fen', sa.BigInteger(), nullable=True),
    sa.Column('cap_fen', sa.BigInteger(), nullable=True),
    sa.Column('starts_on', sa.Date(), nullable=False),
    sa.Column('ends_on', sa.Date(), nullable=True),
    sa.Column('before_fen', sa.BigInteger(), nullable=True),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.CheckConstraint("basis IN ('piece', 'kg', 'box', 'trip', 'vehicle_month', 'freight_share')", name=op.f('ck_carriage_contract_basis_known')),
    sa.CheckConstraint("kind IN ('', 'bus', 'coach', 'mail', 'freight', 'ferry', 'courier', 'postman', 'private', 'drone', 'loop')", name=op.f('ck_carriage_contract_kind_known')),
    sa.CheckConstraint('before_fen >= 0', name=op.f('ck_carriage_contract_before_fen_at_least_0')),
    sa.CheckConstraint('cap_fen >= 0', name=op.f('ck_carriage_contract_cap_fen_at_least_0')),
    sa.CheckConstraint('ends_on IS NULL OR ends_on >= starts_on', name=op.f('ck_carriage_contract_ends_after_it_starts')),
    sa.CheckConstraint('minimum_fen >= 0', name=op.f('ck_carriage_contract_minimum_fen_at_least_0')),
    sa.CheckConstraint('price >= 0', name=op.f('ck_carriage_contract_price_at_least_0')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_carriage_contract')),
    sa.UniqueConstraint('tenant_id', 'code', name=op.f('uq_carriage_contract_tenant_id_code'))
    )
    with op.batch_alter_table('carriage_contract', schema=None) as batch_op:
        batch_op.create_index('ix_carriage_contract_firm', ['tenant_id', 'firm'], unique=False)

    op.create_table('cash_close',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('station_code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('business_date', sa.Date(), nullable=False),
    sa.Column('expected_fen', sa.BigInteger(), nullable=False),
    sa.Column('counted_fen', sa.BigInteger(), nullable=False),
    sa.Column('reason', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('closed_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('closed_by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.CheckConstraint("counted_fen = expected_fen OR reason <> ''", name=op.f('ck_cash_close_difference_has_a_reason')),
    sa.CheckConstraint('counted_fen >= 0', name=op.f('ck_cash_close_counted_fen_at_least_0')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_cash_close')),
    sa.UniqueConstraint('code', name=op.f('uq_cash_close_code')),
    sa.UniqueConstraint('tenant_id', 'station_code', 'business_date', name=op.f('uq_cash_close_tenant_id_station_code_business_date'))
    )
    op.create_table('cash_paid_in',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('station_code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('amount_fen', sa.BigInteger(), nullable=False),
    sa.Column('reference', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('received_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('received_by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.CheckConstraint('amount_fen >= 1', name=op.f('ck_cash_paid_in_amount_fen_at_least_1')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_cash_paid_in')),
    sa.UniqueConstraint('code', name=op.f('uq_cash_paid_in_code'))
    )
    with op.batch_alter_table('cash_paid_in', schema=None) as batch_op:
        batch_op.create_index('ix_cash_paid_in_station', ['tenant_id', 'station_code', 'id'], unique=False)

    op.create_table('cash_taking',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('station_code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('purpose', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('what', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('amount_fen', sa.BigInteger(), nullable=False),
    sa.Column('business_date', sa.Date(), nullable=False),
    sa.Column('taken_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('taken_by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('undone_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('undone_by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.CheckConstraint("purpose IN ('service', 'send', 'collected')", name=op.f('ck_cash_taking_purpose_known')),
    sa.CheckConstraint('amount_fen >= 1', name=op.f('ck_cash_taking_amount_fen_at_least_1')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_cash_taking')),
    sa.UniqueConstraint('code', name=op.f('uq_cash_taking_code'))
    )
    with op.batch_alter_table('cash_taking', schema=None) as batch_op:
        batch_op.create_index('ix_cash_taking_station', ['tenant_id', 'station_code', 'id'], unique=False)

    op.create_table('closure',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('subject_kind', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('subject_code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('begins_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('ends_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('reason', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('struck', sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.Column('instead', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('carry_min', sa.Integer(), nullable=False),
    sa.Column('room', sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.Column('made_by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('made_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('lifted_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('lifted_by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.CheckConstraint("subject_kind IN ('line', 'station', 'departure')", name=op.f('ck_closure_subject_kind_known')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_closure')),
    sa.UniqueConstraint('code', name=op.f('uq_closure_code'))
    )
    with op.batch_alter_table('closure', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_closure_subject_code'), ['subject_code'], unique=False)
        batch_op.create_index(batch_op.f('ix_closure_tenant_id'), ['tenant_id'], unique=False)

    op.create_table('contract_zone',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('operator', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('per_piece_fen', sa.Integer(), nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=True),
    sa.Column('ends_on', sa.Date(), nullable=True),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.CheckConstraint('ends_on IS NULL OR ends_on >= starts_on', name=op.f('ck_contract_zone_ends_after_it_starts')),
    sa.CheckConstraint('per_piece_fen >= 0', name=op.f('ck_contract_zone_per_piece_fen_at_least_0')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_contract_zone')),
    sa.UniqueConstraint('code', name=op.f('uq_contract_zone_code'))
    )
    with op.batch_alter_table('contract_zone', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_contract_zone_tenant_id'), ['tenant_id'], unique=False)

    op.create_table('coupon',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('promo', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('title', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('state', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('off_fen', sa.BigInteger(), nullable=False),
    sa.Column('min_goods_fen', sa.BigInteger(), nullable=False),
    sa.Column('uses', sa.Integer(), nullable=False),
    sa.Column('per_person', sa.Integer(), nullable=False),
    sa.Column('used', sa.Integer(), nullable=False),
    sa.Column('is_listed', sa.Boolean(), nullable=False),
    sa.Column('starts_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('ends_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('made_by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('opened_by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('created_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.CheckConstraint("opened_by <> made_by OR opened_by = ''", name=op.f('ck_coupon_second_person')),
    sa.CheckConstraint("state IN ('draft', 'open', 'ended')", name=op.f('ck_coupon_state_known')),
    sa.CheckConstraint('ends_at > starts_at', name=op.f('ck_coupon_ends_after_it_starts')),
    sa.CheckConstraint('off_fen > 0 AND 2 * off_fen <= min_goods_fen', name=op.f('ck_coupon_half_at_most')),
    sa.CheckConstraint('per_person >= 1', name=op.f('ck_coupon_per_person_at_least_1')),
    sa.CheckConstraint('used >= 0 AND used <= uses', name=op.f('ck_coupon_within_its_uses')),
    sa.CheckConstraint('uses >= 1', name=op.f('ck_coupon_uses_at_least_1')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_coupon')),
    sa.UniqueConstraint('code', name=op.f('uq_coupon_code')),
    sa.UniqueConstraint('tenant_id', 'promo', name=op.f('uq_coupon_tenant_id_promo'))
    )
    op.create_table('custody',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('parcel_code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('holder_kind', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('holder_code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('giver_code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('box', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('began_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('ended_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('scan_event', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_custody'))
    )
    with op.batch_alter_table('custody', schema=None) as batch_op:
        batch_op.create_index('ix_custody_box', ['box'], unique=False, sqlite_where=sa.text("box <> ''"), postgresql_where=sa.text("box <> ''"))
        batch_op.create_index('ix_custody_parcel', ['parcel_code'], unique=False)
        batch_op.create_index('uq_custody_open', ['parcel_code'], unique=True, sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))

    op.create_table('disruption',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('kind', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('subject_kind', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('subject_code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('cause', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('words', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('owner', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('opened_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('deadline', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('closed_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('closed_by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('outcome', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.CheckConstraint("kind IN ('departure_cancelled', 'departure_late', 'overfull', 'missing_scan', 'wrong_place', 'damaged', 'refused', 'missing', 'unplaced', 'missed', 'line_suspended', 'station_closed')", name=op.f('ck_disruption_kind_known')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_disruption')),
    sa.UniqueConstraint('code', name=op.f('uq_disruption_code')),
    sa.UniqueConstraint('tenant_id', 'kind', 'subject_code', 'cause', name=op.f('uq_disruption_tenant_id_kind_subject_code_cause'))
    )
    with op.batch_alter_table('disruption', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_disruption_subject_code'), ['subject_code'], unique=False)
        batch_op.create_index(batch_op.f('ix_disruption_tenant_id'), ['tenant_id'], unique=False)

    op.create_table('freight_tariff',
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('zone', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('tier', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('base_fen', sa.Integer(), nullable=False),
    sa.Column('per_kg_fen', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('tenant_id', 'zone', 'tier', name=op.f('pk_freight_tariff'))
    )
    op.create_table('gateway_bill',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('provider', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('read_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('reads', sa.Integer(), nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('next_try_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('trouble', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.CheckConstraint('reads >= 0', name=op.f('ck_gateway_bill_reads_at_least_0')),
    sa.CheckConstraint('tries >= 0', name=op.f('ck_gateway_bill_tries_at_least_0')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_gateway_bill')),
    sa.UniqueConstraint('code', name=op.f('uq_gateway_bill_code')),
    sa.UniqueConstraint('tenant_id', 'provider', 'day', name=op.f('uq_gateway_bill_tenant_id_provider_day'))
    )
    with op.batch_alter_table('gateway_bill', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_gateway_bill_day'), ['day'], unique=False)

    op.create_table('idempotency_key',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('actor', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('route', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('key', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('body_hash', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('status', sa.Integer(), nullable=False),
    sa.Column('answer', sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.Column('created_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_idempotency_key')),
    sa.UniqueConstraint('tenant_id', 'actor', 'route', 'key', name=op.f('uq_idempotency_key_tenant_id_actor_route_key'))
    )
    with op.batch_alter_table('idempotency_key', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_idempotency_key_created_at'), ['created_at'], unique=False)

    op.create_table('inbox',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('provider', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('event_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('kind', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('body', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('received_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('processed_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('outcome', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('error', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_inbox')),
    sa.UniqueConstraint('provider', 'event_id', name=op.f('uq_inbox_provider_event_id'))
    )
    with op.batch_alter_table('inbox', schema=None) as batch_op:
        batch_op.create_index('ix_inbox_open', ['received_at'], unique=False, sqlite_where=sa.text('processed_at IS NULL'), postgresql_where=sa.text('processed_at IS NULL'))

    op.create_table('index_state',
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('engine', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('rebuilt_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('documents', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('tenant_id', 'engine', name=op.f('pk_index_state'))
    )
    op.create_table('journal',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('key', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('kind', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('currency', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('cause_kind', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('cause_code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('memo', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('business_date', sa.Date(), nullable=False),
    sa.Column('posted_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('reverses_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['reverses_id'], ['journal.id'], name=op.f('fk_journal_reverses_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_journal')),
    sa.UniqueConstraint('reverses_id', name=op.f('uq_journal_reverses_id')),
    sa.UniqueConstraint('tenant_id', 'key', name=op.f('uq_journal_tenant_id_key'))
    )
    with op.batch_alter_table('journal', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_journal_business_date'), ['business_date'], unique=False)
        batch_op.create_index('ix_journal_cause', ['tenant_id', 'cause_kind', 'cause_code'], unique=False)

    op.create_table('lane_day',
    sa.Column('lane', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('cap_g', sa.BigInteger(), nullable=False),
    sa.Column('fen_per_kg', sa.Float(), nullable=False),
    sa.Column('round', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('lane', 'day', name=op.f('pk_lane_day'))
    )
    op.create_table('lane_share',
    sa.Column('lane', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('share_g', sa.BigInteger(), nullable=False),
    sa.Column('planned_g', sa.BigInteger(), nullable=False),
    sa.Column('wanted_g', sa.BigInteger(), nullable=False),
    sa.Column('mean_g', sa.Float(), nullable=False),
    sa.Column('heard', sa.Boolean(), nullable=False),
    sa.CheckConstraint('planned_g <= share_g', name=op.f('ck_lane_share_within_share')),
    sa.PrimaryKeyConstraint('lane', 'day', 'tenant_id', name=op.f('pk_lane_share'))
    )
    op.create_table('line',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('number', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('kind', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('mode', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('ink', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('fee_fen', sa.Integer(), nullable=False),
    sa.Column('close_min', sa.Integer(), nullable=False),
    sa.Column('max_wind', sa.Integer(), nullable=True),
    sa.Column('min_visibility_m', sa.Integer(), nullable=True),
    sa.Column('area', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('goods_windows', sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.Column('operator', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('published', sa.Boolean(), nullable=False),
    sa.CheckConstraint("kind IN ('bus', 'coach', 'mail', 'freight', 'ferry', 'courier', 'postman', 'private', 'drone', 'loop')", name=op.f('ck_line_kind_known')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_line')),
    sa.UniqueConstraint('code', name=op.f('uq_line_code'))
    )
    with op.batch_alter_table('line', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_line_tenant_id'), ['tenant_id'], unique=False)

    op.create_table('one_time_code',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('phone_index', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('purpose', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('code_hash', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('receipt_hash', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('sent_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('expires_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('tries_left', sa.Integer(), nullable=False),
    sa.Column('used_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_one_time_code'))
    )
    with op.batch_alter_table('one_time_code', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_one_time_code_phone_index'), ['phone_index'], unique=False)

    op.create_table('outbox',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('topic', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('key', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('payload', sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.Column('created_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('available_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('leased_until', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('done_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('dead_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('error', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_outbox')),
    sa.UniqueConstraint('tenant_id', 'topic', 'key', name=op.f('uq_outbox_tenant_id_topic_key'))
    )
    with op.batch_alter_table('outbox', schema=None) as batch_op:
        batch_op.create_index('ix_outbox_due', ['available_at'], unique=False, sqlite_where=sa.text('done_at IS NULL'), postgresql_where=sa.text('done_at IS NULL'))

    op.create_table('payee',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('party_kind', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('party_code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('way', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('holder', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('bank', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('account_sealed', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('account_tail', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('valid_from', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('set_by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('set_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('stopped_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('stopped_by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.CheckConstraint("way IN ('bank', 'alipay')", name=op.f('ck_payee_way_known')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_payee')),
    sa.UniqueConstraint('code', name=op.f('uq_payee_code'))
    )
    with op.batch_alter_table('payee', schema=None) as batch_op:
        batch_op.create_index('ix_payee_party', ['tenant_id', 'party_kind', 'party_code', 'id'], unique=False)

    op.create_table('place',
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('province', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('city', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('district', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('zone', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.PrimaryKeyConstraint('tenant_id', 'province', 'city', 'district', name=op.f('pk_place'))
    )
    op.create_table('proposal_run',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('status', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('asked_by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('asked_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('finished_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('answer', sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.CheckConstraint("status IN ('solving', 'done', 'failed')", name=op.f('ck_proposal_run_status_known')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_proposal_run')),
    sa.UniqueConstraint('code', name=op.f('uq_proposal_run_code'))
    )
    with op.batch_alter_table('proposal_run', schema=None) as batch_op:
        batch_op.create_index('ix_proposal_run_county', ['tenant_id', 'id'], unique=False)

    op.create_table('sandbox_charge',
    sa.Column('payment', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('outcome', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('amount_fen', sa.BigInteger(), nullable=False),
    sa.Column('at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.CheckConstraint("outcome IN ('paid', 'failed', 'closed')", name=op.f('ck_sandbox_charge_outcome_known')),
    sa.CheckConstraint('amount_fen > 0', name=op.f('ck_sandbox_charge_amount_positive')),
    sa.PrimaryKeyConstraint('payment', name=op.f('pk_sandbox_charge'))
    )
    op.create_table('scan',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('event_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('device', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('action', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('parcel_code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('box', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('place', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('device_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('occurred_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('received_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('flags', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.CheckConstraint("action IN ('pack', 'stow', 'load', 'unload', 'receive', 'unstow', 'dispatch', 'deliver', 'return', 'lose')", name=op.f('ck_scan_action_known')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_scan')),
    sa.UniqueConstraint('tenant_id', 'event_id', name=op.f('uq_scan_tenant_id_event_id'))
    )
    with op.batch_alter_table('scan', schema=None) as batch_op:
        batch_op.create_index('ix_scan_box', ['box'], unique=False, sqlite_where=sa.text("box <> ''"), postgresql_where=sa.text("box <> ''"))
        batch_op.create_index('ix_scan_device', ['tenant_id', 'device', 'seq'], unique=False)
        batch_op.create_index('ix_scan_parcel', ['parcel_code', 'occurred_at'], unique=False)

    op.create_table('secret_mark',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('mark', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.CheckConstraint('id = 1', name=op.f('ck_secret_mark_one_row')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_secret_mark'))
    )
    op.create_table('service_calendar',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('weekdays', sa.Integer(), nullable=False),
    sa.Column('months', sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=False),
    sa.Column('ends_on', sa.Date(), nullable=False),
    sa.Column('added', sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.Column('removed', sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.Column('seasons', sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.Column('market', sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.Column('every_days', sa.Integer(), nullable=True),
    sa.CheckConstraint('weekdays BETWEEN 0 AND 127', name=op.f('ck_service_calendar_weekdays_mask')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_service_calendar')),
    sa.UniqueConstraint('tenant_id', 'code', name=op.f('uq_service_calendar_tenant_id_code'))
    )
    op.create_table('service_done',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('station_code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('service_code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('unit', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('quantity', sa.Integer(), nullable=False),
    sa.Column('paid_by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('fee_fen', sa.BigInteger(), nullable=False),
    sa.Column('taking_code', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('business_date', sa.Date(), nullable=False),
    sa.Column('done_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('done_by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('undone_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('undone_by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.CheckConstraint("(paid_by = 'cash') = (taking_code IS NOT NULL)", name=op.f('ck_service_done_cash_has_its_taking')),
    sa.CheckConstraint("(paid_by = 'nobody') = (fee_fen = 0)", name=op.f('ck_service_done_paid_or_free')),
    sa.CheckConstraint("paid_by IN ('cash', 'county', 'nobody')", name=op.f('ck_service_done_paid_by_known')),
    sa.CheckConstraint('fee_fen >= 0', name=op.f('ck_service_done_fee_fen_at_least_0')),
    sa.CheckConstraint('quantity >= 1', name=op.f('ck_service_done_quantity_at_least_1')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_service_done')),
    sa.UniqueConstraint('code', name=op.f('uq_service_done_code')),
    sa.UniqueConstraint('taking_code', name=op.f('uq_service_done_taking_code'))
    )
    with op.batch_alter_table('service_done', schema=None) as batch_op:
        batch_op.create_index('ix_service_done_day', ['tenant_id', 'station_code', 'business_date'], unique=False)
        batch_op.create_index('ix_service_done_station', ['tenant_id', 'station_code', 'id'], unique=False)

    op.create_table('settlement_run',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('until', sa.Date(), nullable=False),
    sa.Column('status', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('payout_fen', sa.BigInteger(), nullable=False),
    sa.Column('carried', sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.Column('frozen_by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('frozen_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('approved_by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('approved_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('exported_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('shared_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('sharing_left', sa.Integer(), nullable=False),
    sa.CheckConstraint("approved_by <> frozen_by OR approved_by = ''", name=op.f('ck_settlement_run_second_person')),
    sa.CheckConstraint("status IN ('frozen', 'approved', 'exported', 'paid', 'reconciled', 'void')", name=op.f('ck_settlement_run_status_known')),
    sa.CheckConstraint('payout_fen >= 0', name=op.f('ck_settlement_run_payout_fen_at_least_0')),
    sa.CheckConstraint('sharing_left >= 0', name=op.f('ck_settlement_run_sharing_left_at_least_0')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_settlement_run')),
    sa.UniqueConstraint('code', name=op.f('uq_settlement_run_code'))
    )
    with op.batch_alter_table('settlement_run', schema=None) as batch_op:
        batch_op.create_index('ix_settlement_run_tenant', ['tenant_id', 'id'], unique=False)

    op.create_table('share_rule',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('version', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=False),
    sa.Column('consignment_bp', sa.Integer(), nullable=False),
    sa.Column('master_bp', sa.Integer(), nullable=False),
    sa.Column('platform_bp', sa.Integer(), nullable=False),
    sa.Column('packing_fen', sa.Integer(), nullable=False),
    sa.Column('inbound_fen', sa.Integer(), nullable=False),
    sa.Column('on_behalf_bp', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_share_rule')),
    sa.UniqueConstraint('tenant_id', 'version', name=op.f('uq_share_rule_tenant_id_version'))
    )
    op.create_table('sign_in_failure',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('phone_index', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sign_in_failure'))
    )
    with op.batch_alter_table('sign_in_failure', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_sign_in_failure_phone_index'), ['phone_index'], unique=False)

    op.create_table('status_event',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('kind', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('subject', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('source', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('target', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('note', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_status_event'))
    )
    with op.batch_alter_table('status_event', schema=None) as batch_op:
        batch_op.create_index('ix_status_event_subject', ['tenant_id', 'kind', 'subject'], unique=False)

    op.create_table('stored_file',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('digest', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('kind', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('is_private', sa.Boolean(), nullable=False),
    sa.Column('created_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_stored_file')),
    sa.UniqueConstraint('tenant_id', 'digest', 'is_private', name=op.f('uq_stored_file_tenant_id_digest_is_private'))
    )
    with op.batch_alter_table('stored_file', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_stored_file_digest'), ['digest'], unique=False)

    op.create_table('subsidy_fund',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('budget_fen', sa.BigInteger(), nullable=False),
    sa.Column('taken_fen', sa.BigInteger(), nullable=False),
    sa.Column('paid_fen', sa.BigInteger(), nullable=False),
    sa.CheckConstraint('paid_fen <= budget_fen', name=op.f('ck_subsidy_fund_paid_within_budget')),
    sa.CheckConstraint('taken_fen <= budget_fen', name=op.f('ck_subsidy_fund_within_budget')),
    sa.CheckConstraint('taken_fen >= 0', name=op.f('ck_subsidy_fund_taken_fen_at_least_0')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_subsidy_fund')),
    sa.UniqueConstraint('tenant_id', 'code', name=op.f('uq_subsidy_fund_tenant_id_code'))
    )
    op.create_table('tenant',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('host', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('created_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_tenant')),
    sa.UniqueConstraint('code', name=op.f('uq_tenant_code')),
    sa.UniqueConstraint('host', name=op.f('uq_tenant_host'))
    )
    op.create_table('tick',
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('due_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('leased_until', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('ran_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('error', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_tick'))
    )
    op.create_table('township',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('population', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_township')),
    sa.UniqueConstraint('tenant_id', 'code', name=op.f('uq_township_tenant_id_code'))
    )
    op.create_table('transfer',
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('from_node', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('to_node', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('from_line', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('to_line', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('from_trip', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('to_trip', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('kind', sa.Integer(), nullable=False),
    sa.Column('min_s', sa.Integer(), nullable=True),
    sa.CheckConstraint('kind BETWEEN 0 AND 5', name=op.f('ck_transfer_kind_known')),
    sa.CheckConstraint('min_s >= 0', name=op.f('ck_transfer_min_s_at_least_0')),
    sa.PrimaryKeyConstraint('tenant_id', 'from_node', 'to_node', 'from_line', 'to_line', 'from_trip', 'to_trip', name=op.f('pk_transfer'))
    )
    op.create_table('vehicle',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('plate', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('kind', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('seats', sa.Integer(), nullable=False),
    sa.Column('energy', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('bay_g', sa.Integer(), nullable=False),
    sa.Column('bay_ml', sa.Integer(), nullable=False),
    sa.Column('boxes', sa.Integer(), nullable=True),
    sa.Column('chilled_ml', sa.Integer(), nullable=True),
    sa.Column('tiers', sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.Column('bays', sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.CheckConstraint('bay_g >= 0', name=op.f('ck_vehicle_bay_g_at_least_0')),
    sa.CheckConstraint('bay_ml >= 0', name=op.f('ck_vehicle_bay_ml_at_least_0')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_vehicle')),
    sa.UniqueConstraint('tenant_id', 'code', name=op.f('uq_vehicle_tenant_id_code'))
    )
    op.create_table('village_service',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('fee_fen', sa.Integer(), nullable=False),
    sa.Column('unit', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('about', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('county_fee_fen', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_village_service')),
    sa.UniqueConstraint('tenant_id', 'code', name=op.f('uq_village_service_tenant_id_code'))
    )
    op.create_table('weather_report',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('area', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('wind', sa.Integer(), nullable=True),
    sa.Column('visibility_m', sa.Integer(), nullable=True),
    sa.Column('starts_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('ends_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('note', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('reported_by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('reported_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('withdrawn_by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('withdrawn_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.CheckConstraint('ends_at > starts_at', name=op.f('ck_weather_report_ends_after_it_starts')),
    sa.CheckConstraint('visibility_m >= 0', name=op.f('ck_weather_report_visibility_m_at_least_0')),
    sa.CheckConstraint('wind BETWEEN 0 AND 17', name=op.f('ck_weather_report_wind_is_beaufort')),
    sa.CheckConstraint('wind IS NOT NULL OR visibility_m IS NOT NULL', name=op.f('ck_weather_report_says_something')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_weather_report')),
    sa.UniqueConstraint('code', name=op.f('uq_weather_report_code'))
    )
    with op.batch_alter_table('weather_report', schema=None) as batch_op:
        batch_op.create_index('ix_weather_report_until', ['tenant_id', 'ends_at'], unique=False)

    op.create_table('what_if',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('title', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('service_date', sa.Date(), nullable=False),
    sa.Column('changes', sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.Column('status', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('made_by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('made_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('asked_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('finished_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('answer', sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.CheckConstraint("status IN ('draft', 'solving', 'done', 'failed')", name=op.f('ck_what_if_status_known')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_what_if')),
    sa.UniqueConstraint('code', name=op.f('uq_what_if_code'))
    )
    with op.batch_alter_table('what_if', schema=None) as batch_op:
        batch_op.create_index('ix_what_if_county', ['tenant_id', 'id'], unique=False)

    op.create_table('zone',
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('in_county', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('tenant_id', 'code', name=op.f('pk_zone'))
    )
    op.create_table('audit_seal',
    sa.Column('entry_id', sa.Integer(), nullable=False),
    sa.Column('digest', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.ForeignKeyConstraint(['entry_id'], ['audit_entry.id'], name=op.f('fk_audit_seal_entry_id')),
    sa.PrimaryKeyConstraint('entry_id', name=op.f('pk_audit_seal'))
    )
    op.create_table('balance',
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('currency', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('amount_fen', sa.BigInteger(), nullable=False),
    sa.Column('may_be_negative', sa.Boolean(), nullable=False),
    sa.CheckConstraint('may_be_negative OR amount_fen >= 0', name=op.f('ck_balance_not_overdrawn')),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_balance_account_id')),
    sa.PrimaryKeyConstraint('account_id', 'currency', name=op.f('pk_balance'))
    )
    op.create_table('bill_exception',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('bill_id', sa.Integer(), nullable=False),
    sa.Column('kind', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('about', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('number', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('ours_fen', sa.BigInteger(), nullable=False),
    sa.Column('theirs_fen', sa.BigInteger(), nullable=False),
    sa.Column('status', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('opened_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('reason', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('explained_by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('closed_by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('closed_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.CheckConstraint("kind IN ('missing_here', 'missing_there', 'amount', 'unknown', 'twice', 'payout', 'other')", name=op.f('ck_bill_exception_kind_known')),
    sa.CheckConstraint("status IN ('open', 'explained', 'closed', 'healed')", name=op.f('ck_bill_exception_status_known')),
    sa.ForeignKeyConstraint(['bill_id'], ['gateway_bill.id'], name=op.f('fk_bill_exception_bill_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_bill_exception')),
    sa.UniqueConstraint('bill_id', 'kind', 'about', 'number', name=op.f('uq_bill_exception_bill_id_kind_about_number')),
    sa.UniqueConstraint('code', name=op.f('uq_bill_exception_code'))
    )
    with op.batch_alter_table('bill_exception', schema=None) as batch_op:
        batch_op.create_index('ix_bill_exception_standing', ['tenant_id', 'status'], unique=False)

    op.create_table('county',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('region', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('brand', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('tagline', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('policy', sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.Column('catalogue_version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['id'], ['tenant.id'], name=op.f('fk_county_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_county')),
    sa.UniqueConstraint('code', name=op.f('uq_county_code'))
    )
    op.create_table('device',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('token_hash', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('created_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('expires_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('revoked_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['user_id'], ['app_user.id'], name=op.f('fk_device_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_device')),
    sa.UniqueConstraint('code', name=op.f('uq_device_code')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_device_token_hash'))
    )
    with op.batch_alter_table('device', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_device_user_id'), ['user_id'], unique=False)

    op.create_table('gateway_bill_line',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('bill_id', sa.Integer(), nullable=False),
    sa.Column('provider', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('kind', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('number', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('amount_fen', sa.BigInteger(), nullable=False),
    sa.Column('fee_fen', sa.BigInteger(), nullable=False),
    sa.Column('happened_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.CheckConstraint("kind IN ('payment', 'refund', 'payout', 'other')", name=op.f('ck_gateway_bill_line_kind_known')),
    sa.ForeignKeyConstraint(['bill_id'], ['gateway_bill.id'], name=op.f('fk_gateway_bill_line_bill_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_gateway_bill_line')),
    sa.UniqueConstraint('provider', 'kind', 'number', name=op.f('uq_gateway_bill_line_provider_kind_number'))
    )
    with op.batch_alter_table('gateway_bill_line', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_gateway_bill_line_bill_id'), ['bill_id'], unique=False)

    op.create_table('line_ruling',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('line_id', sa.Integer(), nullable=False),
    sa.Column('runs', sa.Boolean(), nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=False),
    sa.Column('ends_on', sa.Date(), nullable=False),
    sa.Column('reason', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('ruled_by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('ruled_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.CheckConstraint('ends_on >= starts_on', name=op.f('ck_line_ruling_ends_after_it_starts')),
    sa.ForeignKeyConstraint(['line_id'], ['line.id'], name=op.f('fk_line_ruling_line_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_line_ruling'))
    )
    with op.batch_alter_table('line_ruling', schema=None) as batch_op:
        batch_op.create_index('ix_line_ruling_days', ['tenant_id', 'ends_on', 'line_id'], unique=False)

    op.create_table('node',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('kind', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('township_id', sa.Integer(), nullable=True),
    sa.Column('served_by_id', sa.Integer(), nullable=True),
    sa.Column('lat', sa.Float(), nullable=True),
    sa.Column('lon', sa.Float(), nullable=True),
    sa.CheckConstraint("kind IN ('hub', 'township', 'station', 'hamlet', 'pier', 'locker', 'warehouse', 'stop')", name=op.f('ck_node_kind_known')),
    sa.ForeignKeyConstraint(['served_by_id'], ['node.id'], name=op.f('fk_node_served_by_id')),
    sa.ForeignKeyConstraint(['township_id'], ['township.id'], name=op.f('fk_node_township_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_node')),
    sa.UniqueConstraint('code', name=op.f('uq_node_code'))
    )
    with op.batch_alter_table('node', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_node_tenant_id'), ['tenant_id'], unique=False)

    op.create_table('order_link',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('seller_id', sa.Integer(), nullable=False),
    sa.Column('session_name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('quota', sa.Integer(), nullable=False),
    sa.Column('sold', sa.Integer(), nullable=False),
    sa.Column('commission_bp', sa.Integer(), nullable=False),
    sa.Column('starts_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('ends_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('created_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('closed_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.CheckConstraint('commission_bp BETWEEN 0 AND 5000', name=op.f('ck_order_link_commission_in_range')),
    sa.CheckConstraint('sold BETWEEN 0 AND quota', name=op.f('ck_order_link_quota_kept')),
    sa.ForeignKeyConstraint(['seller_id'], ['app_user.id'], name=op.f('fk_order_link_seller_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_order_link')),
    sa.UniqueConstraint('code', name=op.f('uq_order_link_code'))
    )
    with op.batch_alter_table('order_link', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_order_link_seller_id'), ['seller_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_order_link_tenant_id'), ['tenant_id'], unique=False)

    op.create_table('partner_month',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('firm', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('month', sa.Date(), nullable=False),
    sa.Column('pieces', sa.Integer(), nullable=False),
    sa.Column('total_fen', sa.BigInteger(), nullable=False),
    sa.Column('journal_id', sa.Integer(), nullable=True),
    sa.Column('closed_by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('closed_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['journal_id'], ['journal.id'], name=op.f('fk_partner_month_journal_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_partner_month')),
    sa.UniqueConstraint('code', name=op.f('uq_partner_month_code')),
    sa.UniqueConstraint('tenant_id', 'firm', 'month', name=op.f('uq_partner_month_tenant_id_firm_month'))
    )
    op.create_table('posting',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('journal_id', sa.Integer(), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('amount_fen', sa.BigInteger(), nullable=False),
    sa.CheckConstraint('amount_fen <> 0', name=op.f('ck_posting_not_empty')),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_posting_account_id')),
    sa.ForeignKeyConstraint(['journal_id'], ['journal.id'], name=op.f('fk_posting_journal_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_posting'))
    )
    with op.batch_alter_table('posting', schema=None) as batch_op:
        batch_op.create_index('ix_posting_account', ['account_id', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_posting_journal_id'), ['journal_id'], unique=False)

    op.create_table('road_stamp',
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('timetable', sa.Integer(), nullable=False),
    sa.Column('shares', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenant.id'], name=op.f('fk_road_stamp_tenant_id')),
    sa.PrimaryKeyConstraint('tenant_id', name=op.f('pk_road_stamp'))
    )
    op.create_table('role_grant',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('role', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('scope_kind', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('scope_code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('granted_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('revoked_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['user_id'], ['app_user.id'], name=op.f('fk_role_grant_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_role_grant')),
    sa.UniqueConstraint('tenant_id', 'user_id', 'role', 'scope_kind', 'scope_code', name=op.f('uq_role_grant_tenant_id_user_id_role_scope_kind_scope_code'))
    )
    with op.batch_alter_table('role_grant', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_role_grant_user_id'), ['user_id'], unique=False)

    op.create_table('sandbox_refund',
    sa.Column('code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('payment', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('amount_fen', sa.BigInteger(), nullable=False),
    sa.Column('at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.CheckConstraint('amount_fen > 0', name=op.f('ck_sandbox_refund_amount_positive')),
    sa.ForeignKeyConstraint(['payment'], ['sandbox_charge.payment'], name=op.f('fk_sandbox_refund_payment')),
    sa.PrimaryKeyConstraint('code', name=op.f('pk_sandbox_refund'))
    )
    with op.batch_alter_table('sandbox_refund', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_sandbox_refund_payment'), ['payment'], unique=False)

    op.create_table('second_factor',
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('secret_sealed', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('confirmed_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('last_step', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['app_user.id'], name=op.f('fk_second_factor_user_id')),
    sa.PrimaryKeyConstraint('user_id', name=op.f('pk_second_factor'))
    )
    op.create_table('sign_in',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('token_hash', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=True),
    sa.Column('is_bearer', sa.Boolean(), nullable=False),
    sa.Column('started_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('seen_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('expires_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('second_factor_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('revoked_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('agent', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['app_user.id'], name=op.f('fk_sign_in_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sign_in')),
    sa.UniqueConstraint('code', name=op.f('uq_sign_in_code')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_sign_in_token_hash'))
    )
    with op.batch_alter_table('sign_in', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_sign_in_user_id'), ['user_id'], unique=False)

    op.create_table('statement',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('run_id', sa.Integer(), nullable=False),
    sa.Column('party_kind', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('party_code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('status', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('amount_fen', sa.BigInteger(), nullable=False),
    sa.Column('netted_fen', sa.BigInteger(), nullable=False),
    sa.Column('payout_fen', sa.BigInteger(), nullable=False),
    sa.Column('shared_fen', sa.BigInteger(), nullable=False),
    sa.Column('rows', sa.Integer(), nullable=False),
    sa.Column('first', sa.Date(), nullable=False),
    sa.Column('last', sa.Date(), nullable=False),
    sa.Column('way', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('holder', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('bank', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('account_sealed', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('account_tail', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('paid_by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('paid_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('reference', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.CheckConstraint("status IN ('frozen', 'paid', 'reconciled', 'returned', 'void')", name=op.f('ck_statement_status_known')),
    sa.CheckConstraint("way IN ('bank', 'alipay', 'hand')", name=op.f('ck_statement_way_known')),
    sa.CheckConstraint('amount_fen = netted_fen + payout_fen', name=op.f('ck_statement_adds_up')),
    sa.CheckConstraint('amount_fen > 0 AND netted_fen >= 0 AND payout_fen >= 0', name=op.f('ck_statement_nobody_owes')),
    sa.CheckConstraint('shared_fen >= 0 AND shared_fen <= payout_fen', name=op.f('ck_statement_shared_within_payout')),
    sa.ForeignKeyConstraint(['run_id'], ['settlement_run.id'], name=op.f('fk_statement_run_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_statement')),
    sa.UniqueConstraint('code', name=op.f('uq_statement_code')),
    sa.UniqueConstraint('run_id', 'party_kind', 'party_code', name=op.f('uq_statement_run_id_party_kind_party_code'))
    )
    with op.batch_alter_table('statement', schema=None) as batch_op:
        batch_op.create_index('ix_statement_party', ['tenant_id', 'party_kind', 'party_code', 'id'], unique=False)

    op.create_table('subsidy_cap',
    sa.Column('fund_id', sa.Integer(), nullable=False),
    sa.Column('party_kind', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('party_code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('period', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('cap_fen', sa.BigInteger(), nullable=False),
    sa.Column('taken_fen', sa.BigInteger(), nullable=False),
    sa.CheckConstraint('taken_fen <= cap_fen', name=op.f('ck_subsidy_cap_within_cap')),
    sa.CheckConstraint('taken_fen >= 0', name=op.f('ck_subsidy_cap_taken_fen_at_least_0')),
    sa.ForeignKeyConstraint(['fund_id'], ['subsidy_fund.id'], name=op.f('fk_subsidy_cap_fund_id')),
    sa.PrimaryKeyConstraint('fund_id', 'party_kind', 'party_code', 'period', name=op.f('pk_subsidy_cap'))
    )
    with op.batch_alter_table('subsidy_cap', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_subsidy_cap_tenant_id'), ['tenant_id'], unique=False)

    op.create_table('subsidy_evidence',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('fund_id', sa.Integer(), nullable=False),
    sa.Column('party_kind', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('party_code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('document', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('what', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('on_date', sa.Date(), nullable=False),
    sa.Column('amount_fen', sa.BigInteger(), nullable=False),
    sa.Column('grade', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('period', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('entered_by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('entered_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('confirmed_by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('confirmed_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('withdrawn_by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('withdrawn_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.CheckConstraint("confirmed_by = '' OR confirmed_by <> entered_by", name=op.f('ck_subsidy_evidence_second_person')),
    sa.CheckConstraint('amount_fen >= 0', name=op.f('ck_subsidy_evidence_amount_fen_at_least_0')),
    sa.ForeignKeyConstraint(['fund_id'], ['subsidy_fund.id'], name=op.f('fk_subsidy_evidence_fund_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_subsidy_evidence')),
    sa.UniqueConstraint('code', name=op.f('uq_subsidy_evidence_code')),
    sa.UniqueConstraint('fund_id', 'party_kind', 'party_code', 'document', name=op.f('uq_subsidy_evidence_fund_id_party_kind_party_code_document'))
    )
    with op.batch_alter_table('subsidy_evidence', schema=None) as batch_op:
        batch_op.create_index('ix_subsidy_evidence_fund', ['fund_id', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_subsidy_evidence_tenant_id'), ['tenant_id'], unique=False)

    op.create_table('subsidy_payment',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('fund_id', sa.Integer(), nullable=False),
    sa.Column('amount_fen', sa.BigInteger(), nullable=False),
    sa.Column('reference', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('received_by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('received_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.CheckConstraint('amount_fen >= 1', name=op.f('ck_subsidy_payment_amount_fen_at_least_1')),
    sa.ForeignKeyConstraint(['fund_id'], ['subsidy_fund.id'], name=op.f('fk_subsidy_payment_fund_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_subsidy_payment')),
    sa.UniqueConstraint('code', name=op.f('uq_subsidy_payment_code')),
    sa.UniqueConstraint('fund_id', 'reference', name=op.f('uq_subsidy_payment_fund_id_reference'))
    )
    with op.batch_alter_table('subsidy_payment', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_subsidy_payment_tenant_id'), ['tenant_id'], unique=False)

    op.create_table('subsidy_version',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('fund_id', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('from_on', sa.Date(), nullable=False),
    sa.Column('rule', sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.Column('state', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('origin', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('drafted_by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('drafted_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('decided_by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('decided_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.CheckConstraint("origin IN ('county', 'desk')", name=op.f('ck_subsidy_version_origin_known')),
    sa.CheckConstraint("state IN ('draft', 'in_force', 'refused')", name=op.f('ck_subsidy_version_state_known')),
    sa.ForeignKeyConstraint(['fund_id'], ['subsidy_fund.id'], name=op.f('fk_subsidy_version_fund_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_subsidy_version')),
    sa.UniqueConstraint('code', name=op.f('uq_subsidy_version_code')),
    sa.UniqueConstraint('fund_id', 'version', name=op.f('uq_subsidy_version_fund_id_version'))
    )
    with op.batch_alter_table('subsidy_version', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_subsidy_version_tenant_id'), ['tenant_id'], unique=False)

    op.create_table('trip',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('line_id', sa.Integer(), nullable=False),
    sa.Column('calendar_id', sa.Integer(), nullable=False),
    sa.Column('vehicle_id', sa.Integer(), nullable=True),
    sa.Column('direction', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('block', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('passenger_pct', sa.Integer(), nullable=False),
    sa.Column('runs_from', sa.Date(), nullable=True),
    sa.Column('runs_until', sa.Date(), nullable=True),
    sa.CheckConstraint('passenger_pct BETWEEN 0 AND 100', name=op.f('ck_trip_passenger_pct_share')),
    sa.ForeignKeyConstraint(['calendar_id'], ['service_calendar.id'], name=op.f('fk_trip_calendar_id')),
    sa.ForeignKeyConstraint(['line_id'], ['line.id'], name=op.f('fk_trip_line_id')),
    sa.ForeignKeyConstraint(['vehicle_id'], ['vehicle.id'], name=op.f('fk_trip_vehicle_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_trip')),
    sa.UniqueConstraint('tenant_id', 'code', name=op.f('uq_trip_tenant_id_code'))
    )
    with op.batch_alter_table('trip', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_trip_line_id'), ['line_id'], unique=False)

    op.create_table('box',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('tier', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('home_id', sa.Integer(), nullable=False),
    sa.Column('place', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('since', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.CheckConstraint("tier IN ('ambient', 'chilled', 'frozen')", name=op.f('ck_box_tier_known')),
    sa.ForeignKeyConstraint(['home_id'], ['node.id'], name=op.f('fk_box_home_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_box')),
    sa.UniqueConstraint('code', name=op.f('uq_box_code'))
    )
    with op.batch_alter_table('box', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_box_place'), ['place'], unique=False)
        batch_op.create_index(batch_op.f('ix_box_tenant_id'), ['tenant_id'], unique=False)

    op.create_table('carried_leg',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('firm', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('kind', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('place', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('parcel_code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('line', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('from_node', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('to_node', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('grams', sa.Integer(), nullable=False),
    sa.Column('box', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('box_milli', sa.Integer(), nullable=False),
    sa.Column('handed_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('scan_event', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('month_id', sa.Integer(), nullable=True),
    sa.Column('contract', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('vehicle', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('freight_fen', sa.BigInteger(), nullable=False),
    sa.Column('withdrawn', sa.Boolean(), nullable=False),
    sa.Column('back_month_id', sa.Integer(), nullable=True),
    sa.CheckConstraint("(month_id IS NULL) = (contract = '')", name=op.f('ck_carried_leg_frozen_under_a_contract')),
    sa.CheckConstraint("kind IN ('ride', 'door', 'node', 'zone')", name=op.f('ck_carried_leg_kind_known')),
    sa.CheckConstraint('month_id IS NOT NULL OR NOT withdrawn', name=op.f('ck_carried_leg_only_frozen_ones_are_withdrawn')),
    sa.CheckConstraint('withdrawn OR back_month_id IS NULL', name=op.f('ck_carried_leg_only_withdrawn_ones_go_back')),
    sa.ForeignKeyConstraint(['back_month_id'], ['partner_month.id'], name=op.f('fk_carried_leg_back_month_id')),
    sa.ForeignKeyConstraint(['month_id'], ['partner_month.id'], name=op.f('fk_carried_leg_month_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_carried_leg'))
    )
    with op.batch_alter_table('carried_leg', schema=None) as batch_op:
        batch_op.create_index('ix_carried_leg_back', ['back_month_id'], unique=False)
        batch_op.create_index('ix_carried_leg_firm', ['tenant_id', 'firm', 'day'], unique=False)
        batch_op.create_index('ix_carried_leg_month', ['month_id'], unique=False)
        batch_op.create_index('uq_carried_leg_standing', ['tenant_id', 'parcel_code', 'kind', 'place'], unique=True, sqlite_where=sa.text('NOT withdrawn'), postgresql_where=sa.text('NOT withdrawn'))

    op.create_table('cart',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('sign_in_id', sa.Integer(), nullable=True),
    sa.Column('user_id', sa.Integer(), nullable=True),
    sa.Column('touched_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['sign_in_id'], ['sign_in.id'], name=op.f('fk_cart_sign_in_id')),
    sa.ForeignKeyConstraint(['user_id'], ['app_user.id'], name=op.f('fk_cart_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_cart')),
    sa.UniqueConstraint('sign_in_id', name=op.f('uq_cart_sign_in_id')),
    sa.UniqueConstraint('user_id', name=op.f('uq_cart_user_id'))
    )
    op.create_table('contract_node',
    sa.Column('zone_id', sa.Integer(), nullable=False),
    sa.Column('node_id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['node_id'], ['node.id'], name=op.f('fk_contract_node_node_id')),
    sa.ForeignKeyConstraint(['zone_id'], ['contract_zone.id'], name=op.f('fk_contract_node_zone_id')),
    sa.PrimaryKeyConstraint('zone_id', 'node_id', name=op.f('pk_contract_node'))
    )
    with op.batch_alter_table('contract_node', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_contract_node_node_id'), ['node_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_contract_node_tenant_id'), ['tenant_id'], unique=False)

    op.create_table('departure',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('trip_id', sa.Integer(), nullable=False),
    sa.Column('line_id', sa.Integer(), nullable=False),
    sa.Column('vehicle_id', sa.Integer(), nullable=True),
    sa.Column('service_date', sa.Date(), nullable=False),
    sa.Column('status', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('cap_g', sa.Integer(), nullable=False),
    sa.Column('cap_ml', sa.Integer(), nullable=False),
    sa.Column('cap_boxes', sa.Integer(), nullable=True),
    sa.Column('cap_chilled_ml', sa.Integer(), nullable=True),
    sa.Column('tiers', sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.Column('delay_min', sa.Integer(), nullable=False),
    sa.Column('closes_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('starts_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('ends_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('note', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('ruling_id', sa.Integer(), nullable=True),
    sa.CheckConstraint("status IN ('scheduled', 'open', 'closed', 'departed', 'arrived', 'cancelled')", name=op.f('ck_departure_status_known')),
    sa.CheckConstraint('cap_g >= 0', name=op.f('ck_departure_cap_g_at_least_0')),
    sa.CheckConstraint('cap_ml >= 0', name=op.f('ck_departure_cap_ml_at_least_0')),
    sa.ForeignKeyConstraint(['line_id'], ['line.id'], name=op.f('fk_departure_line_id')),
    sa.ForeignKeyConstraint(['ruling_id'], ['line_ruling.id'], name=op.f('fk_departure_ruling_id')),
    sa.ForeignKeyConstraint(['trip_id'], ['trip.id'], name=op.f('fk_departure_trip_id')),
    sa.ForeignKeyConstraint(['vehicle_id'], ['vehicle.id'], name=op.f('fk_departure_vehicle_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_departure')),
    sa.UniqueConstraint('code', name=op.f('uq_departure_code')),
    sa.UniqueConstraint('tenant_id', 'trip_id', 'service_date', name=op.f('uq_departure_tenant_id_trip_id_service_date'))
    )
    with op.batch_alter_table('departure', schema=None) as batch_op:
        batch_op.create_index('ix_departure_day', ['tenant_id', 'service_date', 'line_id'], unique=False)
        batch_op.create_index('ix_departure_due', ['tenant_id', 'status', 'starts_at'], unique=False)

    op.create_table('door_round',
    sa.Column('node_id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('kind', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('first_min', sa.Integer(), nullable=False),
    sa.Column('last_min', sa.Integer(), nullable=False),
    sa.Column('every_min', sa.Integer(), nullable=False),
    sa.Column('minutes', sa.Integer(), nullable=False),
    sa.CheckConstraint("kind IN ('bus', 'coach', 'mail', 'freight', 'ferry', 'courier', 'postman', 'private', 'drone', 'loop')", name=op.f('ck_door_round_kind_known')),
    sa.CheckConstraint('every_min >= 0', name=op.f('ck_door_round_every_min_at_least_0')),
    sa.CheckConstraint('minutes >= 1', name=op.f('ck_door_round_minutes_at_least_1')),
    sa.ForeignKeyConstraint(['node_id'], ['node.id'], name=op.f('fk_door_round_node_id')),
    sa.PrimaryKeyConstraint('node_id', name=op.f('pk_door_round'))
    )
    with op.batch_alter_table('door_round', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_door_round_tenant_id'), ['tenant_id'], unique=False)

    op.create_table('gateway_payout',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('provider', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('amount_fen', sa.BigInteger(), nullable=False),
    sa.Column('fee_fen', sa.BigInteger(), nullable=False),
    sa.Column('reference', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('paid_on', sa.Date(), nullable=False),
    sa.Column('line_id', sa.Integer(), nullable=True),
    sa.Column('booked_by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('booked_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('undone_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('undone_by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.CheckConstraint('amount_fen >= 1', name=op.f('ck_gateway_payout_amount_fen_at_least_1')),
    sa.CheckConstraint('fee_fen >= 0', name=op.f('ck_gateway_payout_fee_fen_at_least_0')),
    sa.ForeignKeyConstraint(['line_id'], ['gateway_bill_line.id'], name=op.f('fk_gateway_payout_line_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_gateway_payout')),
    sa.UniqueConstraint('code', name=op.f('uq_gateway_payout_code')),
    sa.UniqueConstraint('line_id', name=op.f('uq_gateway_payout_line_id'))
    )
    with op.batch_alter_table('gateway_payout', schema=None) as batch_op:
        batch_op.create_index('ix_gateway_payout_provider', ['tenant_id', 'provider', 'id'], unique=False)

    op.create_table('income_entry',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('key', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('party_kind', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('party_code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('source', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('state', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('amount_fen', sa.BigInteger(), nullable=False),
    sa.Column('cause_kind', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('cause_code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('words', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('facts', sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.Column('rule_version', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('reverses_id', sa.Integer(), nullable=True),
    sa.Column('journal_id', sa.Integer(), nullable=True),
    sa.Column('business_date', sa.Date(), nullable=False),
    sa.Column('created_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('payable_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('statement_id', sa.Integer(), nullable=True),
    sa.Column('disputed_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.CheckConstraint("source IN ('sale', 'on_behalf', 'handling', 'service', 'subsidy', 'carriage', 'adjustment')", name=op.f('ck_income_entry_source_known')),
    sa.CheckConstraint("state IN ('pending', 'payable', 'paid', 'reversed')", name=op.f('ck_income_entry_state_known')),
    sa.ForeignKeyConstraint(['journal_id'], ['journal.id'], name=op.f('fk_income_entry_journal_id')),
    sa.ForeignKeyConstraint(['reverses_id'], ['income_entry.id'], name=op.f('fk_income_entry_reverses_id')),
    sa.ForeignKeyConstraint(['statement_id'], ['statement.id'], name=op.f('fk_income_entry_statement_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_income_entry')),
    sa.UniqueConstraint('code', name=op.f('uq_income_entry_code')),
    sa.UniqueConstraint('tenant_id', 'key', name=op.f('uq_income_entry_tenant_id_key'))
    )
    with op.batch_alter_table('income_entry', schema=None) as batch_op:
        batch_op.create_index('ix_income_cause', ['tenant_id', 'cause_code'], unique=False)
        batch_op.create_index('ix_income_due', ['tenant_id', 'state', 'payable_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_income_entry_reverses_id'), ['reverses_id'], unique=False)
        batch_op.create_index('ix_income_party', ['tenant_id', 'party_kind', 'party_code', 'business_date'], unique=False)
        batch_op.create_index('ix_income_statement', ['statement_id'], unique=False)

    op.create_table('link_click',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('link_id', sa.Integer(), nullable=False),
    sa.Column('visitor', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('slot', sa.Integer(), nullable=False),
    sa.Column('at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.CheckConstraint('slot >= 0', name=op.f('ck_link_click_slot_at_least_0')),
    sa.ForeignKeyConstraint(['link_id'], ['order_link.id'], name=op.f('fk_link_click_link_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_link_click')),
    sa.UniqueConstraint('link_id', 'visitor', 'slot', name=op.f('uq_link_click_link_id_visitor_slot'))
    )
    op.create_table('orders',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('number', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('token_hash', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=True),
    sa.Column('sign_in_id', sa.Integer(), nullable=True),
    sa.Column('status', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('payment_status', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('fulfillment_status', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('name_sealed', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('phone_sealed', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('phone_index', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('province', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('city', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('district', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('detail_sealed', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('zone', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('note_sealed', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('currency', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('goods_fen', sa.BigInteger(), nullable=False),
    sa.Column('freight_fen', sa.BigInteger(), nullable=False),
    sa.Column('discount_fen', sa.BigInteger(), nullable=False),
    sa.Column('total_fen', sa.BigInteger(), nullable=False),
    sa.Column('captured_fen', sa.BigInteger(), nullable=False),
    sa.Column('refunded_fen', sa.BigInteger(), nullable=False),
    sa.Column('rule_version', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('placed_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('pay_by', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('paid_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('completed_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('cancelled_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('market', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('external_number', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('behalf_station', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.CheckConstraint("fulfillment_status IN ('none', 'packing', 'in_transit', 'delivered')", name=op.f('ck_orders_fulfillment_status_known')),
    sa.CheckConstraint("payment_status IN ('unpaid', 'expired', 'paid', 'part_refunded', 'refunded')", name=op.f('ck_orders_payment_status_known')),
    sa.CheckConstraint("status IN ('open', 'completed', 'cancelled')", name=op.f('ck_orders_status_known')),
    sa.CheckConstraint('captured_fen >= 0', name=op.f('ck_orders_captured_fen_at_least_0')),
    sa.CheckConstraint('discount_fen >= 0', name=op.f('ck_orders_discount_fen_at_least_0')),
    sa.CheckConstraint('freight_fen >= 0', name=op.f('ck_orders_freight_fen_at_least_0')),
    sa.CheckConstraint('goods_fen >= 0', name=op.f('ck_orders_goods_fen_at_least_0')),
    sa.CheckConstraint('refunded_fen <= captured_fen', name=op.f('ck_orders_refund_within_capture')),
    sa.CheckConstraint('refunded_fen >= 0', name=op.f('ck_orders_refunded_fen_at_least_0')),
    sa.CheckConstraint('total_fen = goods_fen + freight_fen - discount_fen', name=op.f('ck_orders_total_adds_up')),
    sa.CheckConstraint('total_fen >= 0', name=op.f('ck_orders_total_fen_at_least_0')),
    sa.ForeignKeyConstraint(['sign_in_id'], ['sign_in.id'], name=op.f('fk_orders_sign_in_id')),
    sa.ForeignKeyConstraint(['user_id'], ['app_user.id'], name=op.f('fk_orders_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_orders')),
    sa.UniqueConstraint('number', name=op.f('uq_orders_number'))
    )
    with op.batch_alter_table('orders', schema=None) as batch_op:
        batch_op.create_index('ix_orders_due', ['payment_status', 'pay_by'], unique=False)
        batch_op.create_index(batch_op.f('ix_orders_phone_index'), ['phone_index'], unique=False)
        batch_op.create_index('ix_orders_recent', ['tenant_id', 'placed_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_orders_sign_in_id'), ['sign_in_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_orders_user_id'), ['user_id'], unique=False)

    op.create_table('partner_line',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('month_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('kind', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('of_month', sa.Date(), nullable=False),
    sa.Column('contract', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('words', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('terms', sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.Column('quantity', sa.BigInteger(), nullable=False),
    sa.Column('pieces', sa.Integer(), nullable=False),
    sa.Column('fen', sa.BigInteger(), nullable=False),
    sa.CheckConstraint("kind IN ('carriage', 'minimum', 'cap', 'correction')", name=op.f('ck_partner_line_kind_known')),
    sa.CheckConstraint('quantity >= 0', name=op.f('ck_partner_line_quantity_at_least_0')),
    sa.ForeignKeyConstraint(['month_id'], ['partner_month.id'], name=op.f('fk_partner_line_month_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_partner_line')),
    sa.UniqueConstraint('month_id', 'of_month', 'contract', 'kind', name=op.f('uq_partner_line_month_id_of_month_contract_kind')),
    sa.UniqueConstraint('month_id', 'position', name=op.f('uq_partner_line_month_id_position'))
    )
    op.create_table('served_area',
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('town', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('village', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('node_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['node_id'], ['node.id'], name=op.f('fk_served_area_node_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'town', 'village', name=op.f('pk_served_area'))
    )
    op.create_table('station',
    sa.Column('node_id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('master_name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('master_id', sa.Integer(), nullable=True),
    sa.Column('story', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('signature', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('opens_min', sa.Integer(), nullable=False),
    sa.Column('closes_min', sa.Integer(), nullable=False),
    sa.Column('is_flagship', sa.Boolean(), nullable=False),
    sa.Column('services', sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.Column('picture', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('closed_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['master_id'], ['app_user.id'], name=op.f('fk_station_master_id')),
    sa.ForeignKeyConstraint(['node_id'], ['node.id'], name=op.f('fk_station_node_id')),
    sa.PrimaryKeyConstraint('node_id', name=op.f('pk_station')),
    sa.UniqueConstraint('code', name=op.f('uq_station_code')),
    sa.UniqueConstraint('tenant_id', 'name', name=op.f('uq_station_tenant_id_name'))
    )
    with op.batch_alter_table('station', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_station_tenant_id'), ['tenant_id'], unique=False)

    op.create_table('stop_time',
    sa.Column('trip_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('node_id', sa.Integer(), nullable=False),
    sa.Column('arr_min', sa.Integer(), nullable=False),
    sa.Column('dep_min', sa.Integer(), nullable=False),
    sa.Column('on_request', sa.Boolean(), nullable=False),
    sa.CheckConstraint('dep_min >= arr_min', name=op.f('ck_stop_time_leaves_after_arriving')),
    sa.ForeignKeyConstraint(['node_id'], ['node.id'], name=op.f('fk_stop_time_node_id')),
    sa.ForeignKeyConstraint(['trip_id'], ['trip.id'], name=op.f('fk_stop_time_trip_id')),
    sa.PrimaryKeyConstraint('trip_id', 'position', name=op.f('pk_stop_time'))
    )
    with op.batch_alter_table('stop_time', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_stop_time_node_id'), ['node_id'], unique=False)

    op.create_table('subsidy_award',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('fund_id', sa.Integer(), nullable=False),
    sa.Column('version_id', sa.Integer(), nullable=False),
    sa.Column('state', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('cause_kind', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('cause_code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('period', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('month', sa.Date(), nullable=False),
    sa.Column('cap_period', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('party_kind', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('party_code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('amount_fen', sa.BigInteger(), nullable=False),
    sa.Column('words', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('facts', sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.Column('waits_for', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('made_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('awarded_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('reversed_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.CheckConstraint("state IN ('waiting', 'awarded', 'reversed')", name=op.f('ck_subsidy_award_state_known')),
    sa.CheckConstraint('amount_fen >= 1', name=op.f('ck_subsidy_award_amount_fen_at_least_1')),
    sa.ForeignKeyConstraint(['fund_id'], ['subsidy_fund.id'], name=op.f('fk_subsidy_award_fund_id')),
    sa.ForeignKeyConstraint(['version_id'], ['subsidy_version.id'], name=op.f('fk_subsidy_award_version_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_subsidy_award')),
    sa.UniqueConstraint('code', name=op.f('uq_subsidy_award_code')),
    sa.UniqueConstraint('fund_id', 'cause_kind', 'cause_code', 'period', name=op.f('uq_subsidy_award_fund_id_cause_kind_cause_code_period'))
    )
    with op.batch_alter_table('subsidy_award', schema=None) as batch_op:
        batch_op.create_index('ix_subsidy_award_cause', ['tenant_id', 'cause_kind', 'cause_code'], unique=False)
        batch_op.create_index('ix_subsidy_award_month', ['fund_id', 'month', 'state'], unique=False)
        batch_op.create_index('ix_subsidy_award_report', ['tenant_id', 'month'], unique=False)
        batch_op.create_index(batch_op.f('ix_subsidy_award_version_id'), ['version_id'], unique=False)

    op.create_table('trunk',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('carrier', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('mode', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('hub_id', sa.Integer(), nullable=False),
    sa.Column('calendar_id', sa.Integer(), nullable=False),
    sa.Column('cutoff_min', sa.Integer(), nullable=False),
    sa.Column('dep_min', sa.Integer(), nullable=False),
    sa.Column('cap_g', sa.Integer(), nullable=False),
    sa.Column('max_wind', sa.Integer(), nullable=True),
    sa.Column('min_visibility_m', sa.Integer(), nullable=True),
    sa.Column('area', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('tiers', sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.Column('lane', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('lane_cap_g', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['calendar_id'], ['service_calendar.id'], name=op.f('fk_trunk_calendar_id')),
    sa.ForeignKeyConstraint(['hub_id'], ['node.id'], name=op.f('fk_trunk_hub_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_trunk')),
    sa.UniqueConstraint('code', name=op.f('uq_trunk_code'))
    )
    with op.batch_alter_table('trunk', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_trunk_tenant_id'), ['tenant_id'], unique=False)

    op.create_table('zone_piece',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('zone_id', sa.Integer(), nullable=False),
    sa.Column('parcel_code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('direction', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('node_id', sa.Integer(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('handed_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('scan_event', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('fee_fen', sa.Integer(), nullable=False),
    sa.CheckConstraint("direction IN ('out', 'in')", name=op.f('ck_zone_piece_direction_known')),
    sa.CheckConstraint('fee_fen >= 0', name=op.f('ck_zone_piece_fee_fen_at_least_0')),
    sa.ForeignKeyConstraint(['node_id'], ['node.id'], name=op.f('fk_zone_piece_node_id')),
    sa.ForeignKeyConstraint(['zone_id'], ['contract_zone.id'], name=op.f('fk_zone_piece_zone_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_zone_piece')),
    sa.UniqueConstraint('zone_id', 'parcel_code', name=op.f('uq_zone_piece_zone_id_parcel_code'))
    )
    with op.batch_alter_table('zone_piece', schema=None) as batch_op:
        batch_op.create_index('ix_zone_piece_day', ['zone_id', 'day'], unique=False)
        batch_op.create_index('ix_zone_piece_parcel', ['parcel_code'], unique=False)
        batch_op.create_index(batch_op.f('ix_zone_piece_tenant_id'), ['tenant_id'], unique=False)

    op.create_table('channel',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('kind', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('station_id', sa.Integer(), nullable=True),
    sa.Column('opened_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('closed_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.CheckConstraint("kind IN ('station', 'county', 'fair', 'live', 'market')", name=op.f('ck_channel_kind_known')),
    sa.ForeignKeyConstraint(['station_id'], ['station.node_id'], name=op.f('fk_channel_station_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_channel')),
    sa.UniqueConstraint('code', name=op.f('uq_channel_code')),
    sa.UniqueConstraint('station_id', name=op.f('uq_channel_station_id'))
    )
    with op.batch_alter_table('channel', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_channel_tenant_id'), ['tenant_id'], unique=False)

    op.create_table('consignment',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('source_kind', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('source_code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('station_id', sa.Integer(), nullable=False),
    sa.Column('status', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('tier', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('zone', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('province', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('city', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('district', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('to_node_id', sa.Integer(), nullable=True),
    sa.Column('door_min', sa.Integer(), nullable=True),
    sa.Column('name_sealed', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('phone_sealed', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('detail_sealed', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('note_sealed', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('order_by', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('ships_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('deliver_by', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('told_day', sa.Date(), nullable=True),
    sa.Column('created_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('packed_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('delivered_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.CheckConstraint("status IN ('awaiting_pack', 'packed', 'moving', 'at_hub', 'on_trunk', 'delivered', 'returned', 'lost', 'cancelled')", name=op.f('ck_consignment_status_known')),
    sa.ForeignKeyConstraint(['station_id'], ['station.node_id'], name=op.f('fk_consignment_station_id')),
    sa.ForeignKeyConstraint(['to_node_id'], ['node.id'], name=op.f('fk_consignment_to_node_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_consignment')),
    sa.UniqueConstraint('code', name=op.f('uq_consignment_code')),
    sa.UniqueConstraint('tenant_id', 'source_kind', 'source_code', 'station_id', 'tier', name=op.f('uq_consignment_tenant_id_source_kind_source_code_station_id_tier'))
    )
    with op.batch_alter_table('consignment', schema=None) as batch_op:
        batch_op.create_index('ix_consignment_delivered', ['tenant_id', 'delivered_at'], unique=False)
        batch_op.create_index('ix_consignment_promised', ['tenant_id', 'deliver_by'], unique=False)
        batch_op.create_index(batch_op.f('ix_consignment_source_code'), ['source_code'], unique=False)
        batch_op.create_index('ix_consignment_work', ['tenant_id', 'station_id', 'status'], unique=False)

    op.create_table('coupon_use',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('coupon_id', sa.Integer(), nullable=False),
    sa.Column('order_id', sa.Integer(), nullable=False),
    sa.Column('phone_index', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=True),
    sa.Column('off_fen', sa.BigInteger(), nullable=False),
    sa.Column('used_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('released_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.CheckConstraint('off_fen >= 1', name=op.f('ck_coupon_use_off_fen_at_least_1')),
    sa.ForeignKeyConstraint(['coupon_id'], ['coupon.id'], name=op.f('fk_coupon_use_coupon_id')),
    sa.ForeignKeyConstraint(['order_id'], ['orders.id'], name=op.f('fk_coupon_use_order_id')),
    sa.ForeignKeyConstraint(['user_id'], ['app_user.id'], name=op.f('fk_coupon_use_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_coupon_use')),
    sa.UniqueConstraint('order_id', name=op.f('uq_coupon_use_order_id'))
    )
    with op.batch_alter_table('coupon_use', schema=None) as batch_op:
        batch_op.create_index('ix_coupon_use_person', ['coupon_id', 'phone_index'], unique=False)
        batch_op.create_index(batch_op.f('ix_coupon_use_user_id'), ['user_id'], unique=False)

    op.create_table('departure_worth',
    sa.Column('plan_id', sa.Integer(), nullable=False),
    sa.Column('departure_id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('box_fen', sa.BigInteger(), nullable=False),
    sa.CheckConstraint('box_fen >= 1', name=op.f('ck_departure_worth_box_fen_at_least_1')),
    sa.ForeignKeyConstraint(['departure_id'], ['departure.id'], name=op.f('fk_departure_worth_departure_id')),
    sa.ForeignKeyConstraint(['plan_id'], ['batch_plan.id'], name=op.f('fk_departure_worth_plan_id')),
    sa.PrimaryKeyConstraint('plan_id', 'departure_id', name=op.f('pk_departure_worth'))
    )
    with op.batch_alter_table('departure_worth', schema=None) as batch_op:
        batch_op.create_index('ix_departure_worth_departure', ['departure_id'], unique=False)

    op.create_table('grower',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('kind', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('station_id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=True),
    sa.Column('phone_sealed', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.CheckConstraint("kind IN ('grower', 'co-op', 'merchant')", name=op.f('ck_grower_kind_known')),
    sa.ForeignKeyConstraint(['station_id'], ['station.node_id'], name=op.f('fk_grower_station_id')),
    sa.ForeignKeyConstraint(['user_id'], ['app_user.id'], name=op.f('fk_grower_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_grower')),
    sa.UniqueConstraint('code', name=op.f('uq_grower_code'))
    )
    with op.batch_alter_table('grower', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_grower_station_id'), ['station_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_grower_tenant_id'), ['tenant_id'], unique=False)

    op.create_table('income_dispute',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('income_id', sa.Integer(), nullable=False),
    sa.Column('status', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('reason', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('answer', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('granted_fen', sa.BigInteger(), nullable=False),
    sa.Column('opened_by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('opened_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('answered_by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('answered_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.CheckConstraint("(status = 'granted') = (granted_fen > 0) AND (status = 'reduced') = (granted_fen < 0)", name=op.f('ck_income_dispute_answered_by_amount')),
    sa.CheckConstraint("status IN ('open', 'granted', 'refused', 'reduced')", name=op.f('ck_income_dispute_status_known')),
    sa.ForeignKeyConstraint(['income_id'], ['income_entry.id'], name=op.f('fk_income_dispute_income_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_income_dispute')),
    sa.UniqueConstraint('code', name=op.f('uq_income_dispute_code'))
    )
    with op.batch_alter_table('income_dispute', schema=None) as batch_op:
        batch_op.create_index('uq_income_dispute_open', ['income_id'], unique=True, sqlite_where=sa.text("status = 'open'"), postgresql_where=sa.text("status = 'open'"))

    op.create_table('manifest',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('departure_id', sa.Integer(), nullable=False),
    sa.Column('stop', sa.Integer(), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('rows', sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.Column('digest', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('issued_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('voided_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['departure_id'], ['departure.id'], name=op.f('fk_manifest_departure_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_manifest')),
    sa.UniqueConstraint('code', name=op.f('uq_manifest_code')),
    sa.UniqueConstraint('departure_id', 'stop', 'revision', name=op.f('uq_manifest_departure_id_stop_revision'))
    )
    with op.batch_alter_table('manifest', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_manifest_tenant_id'), ['tenant_id'], unique=False)

    op.create_table('order_promise',
    sa.Column('order_id', sa.Integer(), nullable=False),
    sa.Column('station_id', sa.Integer(), nullable=False),
    sa.Column('tier', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('order_by', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('ships_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('deliver_by', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('path', sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.Column('to_node_id', sa.Integer(), nullable=True),
    sa.Column('door_min', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['order_id'], ['orders.id'], name=op.f('fk_order_promise_order_id')),
    sa.ForeignKeyConstraint(['station_id'], ['station.node_id'], name=op.f('fk_order_promise_station_id')),
    sa.ForeignKeyConstraint(['to_node_id'], ['node.id'], name=op.f('fk_order_promise_to_node_id')),
    sa.PrimaryKeyConstraint('order_id', 'station_id', 'tier', name=op.f('pk_order_promise'))
    )
    op.create_table('payment_attempt',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('order_id', sa.Integer(), nullable=False),
    sa.Column('provider', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('method', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('status', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('amount_fen', sa.BigInteger(), nullable=False),
    sa.Column('currency', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('gateway_ref', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('created_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('captured_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('next_query_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('queries', sa.Integer(), nullable=False),
    sa.Column('duplicate_of', sa.Integer(), nullable=True),
    sa.CheckConstraint("status IN ('created', 'pending', 'unknown', 'captured', 'failed', 'closed')", name=op.f('ck_payment_attempt_status_known')),
    sa.CheckConstraint('amount_fen > 0', name=op.f('ck_payment_attempt_amount_positive')),
    sa.ForeignKeyConstraint(['duplicate_of'], ['payment_attempt.id'], name=op.f('fk_payment_attempt_duplicate_of')),
    sa.ForeignKeyConstraint(['order_id'], ['orders.id'], name=op.f('fk_payment_attempt_order_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_payment_attempt')),
    sa.UniqueConstraint('code', name=op.f('uq_payment_attempt_code'))
    )
    with op.batch_alter_table('payment_attempt', schema=None) as batch_op:
        batch_op.create_index('ix_payment_attempt_day', ['provider', 'captured_at'], unique=False)
        batch_op.create_index('ix_payment_attempt_order', ['order_id'], unique=False)
        batch_op.create_index('uq_payment_attempt_capture', ['order_id'], unique=True, sqlite_where=sa.text("status = 'captured' AND duplicate_of IS NULL"), postgresql_where=sa.text("status = 'captured' AND duplicate_of IS NULL"))

    op.create_table('shelf_stay',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('parcel_code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('station_id', sa.Integer(), nullable=False),
    sa.Column('shelf', sa.Integer(), nullable=False),
    sa.Column('secret_sealed', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('wrong', sa.Integer(), nullable=False),
    sa.Column('since', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('reminded_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('ended_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('ended_how', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('ended_by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('ended_key', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('reason', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.CheckConstraint("ended_how IN ('', 'fetched', 'confirmed', 'returned', 'left')", name=op.f('ck_shelf_stay_ended_how_known')),
    sa.CheckConstraint('shelf >= 1', name=op.f('ck_shelf_stay_shelf_at_least_1')),
    sa.CheckConstraint('wrong >= 0', name=op.f('ck_shelf_stay_wrong_at_least_0')),
    sa.ForeignKeyConstraint(['station_id'], ['station.node_id'], name=op.f('fk_shelf_stay_station_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_shelf_stay')),
    sa.UniqueConstraint('code', name=op.f('uq_shelf_stay_code'))
    )
    with op.batch_alter_table('shelf_stay', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_shelf_stay_parcel_code'), ['parcel_code'], unique=False)
        batch_op.create_index(batch_op.f('ix_shelf_stay_tenant_id'), ['tenant_id'], unique=False)
        batch_op.create_index('uq_shelf_stay_parcel', ['parcel_code'], unique=True, sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))
        batch_op.create_index('uq_shelf_stay_shelf', ['station_id', 'shelf'], unique=True, sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))

    op.create_table('special_run',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('departure_id', sa.Integer(), nullable=False),
    sa.Column('price_fen', sa.BigInteger(), nullable=False),
    sa.Column('seats', sa.Integer(), nullable=False),
    sa.Column('least', sa.Integer(), nullable=False),
    sa.Column('confirmed_by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('confirmed_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.CheckConstraint('least BETWEEN 1 AND seats', name=op.f('ck_special_run_least_within_seats')),
    sa.CheckConstraint('price_fen <= 10000', name=op.f('ck_special_run_price_fen_at_most')),
    sa.CheckConstraint('price_fen >= 0', name=op.f('ck_special_run_price_fen_at_least_0')),
    sa.ForeignKeyConstraint(['departure_id'], ['departure.id'], name=op.f('fk_special_run_departure_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_special_run')),
    sa.UniqueConstraint('code', name=op.f('uq_special_run_code')),
    sa.UniqueConstraint('departure_id', name=op.f('uq_special_run_departure_id'))
    )
    with op.batch_alter_table('special_run', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_special_run_tenant_id'), ['tenant_id'], unique=False)

    op.create_table('statement_line',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('statement_id', sa.Integer(), nullable=False),
    sa.Column('income_id', sa.Integer(), nullable=False),
    sa.Column('amount_fen', sa.BigInteger(), nullable=False),
    sa.Column('stands', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['income_id'], ['income_entry.id'], name=op.f('fk_statement_line_income_id')),
    sa.ForeignKeyConstraint(['statement_id'], ['statement.id'], name=op.f('fk_statement_line_statement_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_statement_line')),
    sa.UniqueConstraint('statement_id', 'income_id', name=op.f('uq_statement_line_statement_id_income_id'))
    )
    with op.batch_alter_table('statement_line', schema=None) as batch_op:
        batch_op.create_index('uq_statement_line_income', ['income_id'], unique=True, sqlite_where=sa.text('stands'), postgresql_where=sa.text('stands'))

    op.create_table('stop_call',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('departure_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('people', sa.Integer(), nullable=False),
    sa.Column('status', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('called_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.CheckConstraint("status IN ('called', 'withdrawn', 'called_off')", name=op.f('ck_stop_call_status_known')),
    sa.CheckConstraint('people BETWEEN 1 AND 20', name=op.f('ck_stop_call_people_within')),
    sa.ForeignKeyConstraint(['departure_id'], ['departure.id'], name=op.f('fk_stop_call_departure_id')),
    sa.ForeignKeyConstraint(['user_id'], ['app_user.id'], name=op.f('fk_stop_call_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_stop_call')),
    sa.UniqueConstraint('code', name=op.f('uq_stop_call_code'))
    )
    with op.batch_alter_table('stop_call', schema=None) as batch_op:
        batch_op.create_index('ix_stop_call_departure', ['departure_id', 'status'], unique=False)
        batch_op.create_index('ix_stop_call_open', ['tenant_id', 'status', 'departure_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_stop_call_user_id'), ['user_id'], unique=False)
        batch_op.create_index('uq_stop_call_once', ['user_id', 'departure_id', 'position'], unique=True, sqlite_where=sa.text("status = 'called'"), postgresql_where=sa.text("status = 'called'"))

    op.create_table('trunk_zone',
    sa.Column('trunk_id', sa.Integer(), nullable=False),
    sa.Column('zone', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('base_fen', sa.Integer(), nullable=False),
    sa.Column('per_kg_fen', sa.Integer(), nullable=False),
    sa.Column('hours', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['trunk_id'], ['trunk.id'], name=op.f('fk_trunk_zone_trunk_id')),
    sa.PrimaryKeyConstraint('trunk_id', 'zone', name=op.f('pk_trunk_zone'))
    )
    op.create_table('agreement',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('grower_id', sa.Integer(), nullable=False),
    sa.Column('kind', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('share_bp', sa.Integer(), nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=False),
    sa.Column('ends_on', sa.Date(), nullable=True),
    sa.CheckConstraint("kind IN ('consignment', 'purchase')", name=op.f('ck_agreement_kind_known')),
    sa.CheckConstraint('share_bp BETWEEN 0 AND 10000', name=op.f('ck_agreement_share_in_range')),
    sa.ForeignKeyConstraint(['grower_id'], ['grower.id'], name=op.f('fk_agreement_grower_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_agreement'))
    )
    with op.batch_alter_table('agreement', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_agreement_grower_id'), ['grower_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_agreement_tenant_id'), ['tenant_id'], unique=False)

    op.create_table('coop_member',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('grower_id', sa.Integer(), nullable=False),
    sa.Column('number', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.ForeignKeyConstraint(['grower_id'], ['grower.id'], name=op.f('fk_coop_member_grower_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_coop_member')),
    sa.UniqueConstraint('grower_id', 'number', name=op.f('uq_coop_member_grower_id_number'))
    )
    with op.batch_alter_table('coop_member', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_coop_member_tenant_id'), ['tenant_id'], unique=False)

    op.create_table('manifest_box',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('manifest_id', sa.Integer(), nullable=False),
    sa.Column('box_id', sa.Integer(), nullable=False),
    sa.Column('alight', sa.Integer(), nullable=False),
    sa.Column('tier', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.ForeignKeyConstraint(['box_id'], ['box.id'], name=op.f('fk_manifest_box_box_id')),
    sa.ForeignKeyConstraint(['manifest_id'], ['manifest.id'], name=op.f('fk_manifest_box_manifest_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_manifest_box')),
    sa.UniqueConstraint('manifest_id', 'box_id', name=op.f('uq_manifest_box_manifest_id_box_id'))
    )
    with op.batch_alter_table('manifest_box', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_manifest_box_box_id'), ['box_id'], unique=False)

    op.create_table('manifest_signature',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('manifest_id', sa.Integer(), nullable=False),
    sa.Column('side', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('stop', sa.Integer(), nullable=False),
    sa.Column('by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('signed_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('parcels', sa.Integer(), nullable=False),
    sa.Column('boxes', sa.Integer(), nullable=False),
    sa.Column('missing', sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.Column('extra', sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.Column('reason', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('signed_revision', sa.Integer(), nullable=True),
    sa.CheckConstraint("side IN ('given', 'taken', 'received')", name=op.f('ck_manifest_signature_side_known')),
    sa.CheckConstraint('boxes >= 0', name=op.f('ck_manifest_signature_boxes_at_least_0')),
    sa.CheckConstraint('parcels >= 0', name=op.f('ck_manifest_signature_parcels_at_least_0')),
    sa.ForeignKeyConstraint(['manifest_id'], ['manifest.id'], name=op.f('fk_manifest_signature_manifest_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_manifest_signature')),
    sa.UniqueConstraint('manifest_id', 'side', 'stop', name=op.f('uq_manifest_signature_manifest_id_side_stop'))
    )
    with op.batch_alter_table('manifest_signature', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_manifest_signature_tenant_id'), ['tenant_id'], unique=False)

    op.create_table('parcel',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('consignment_id', sa.Integer(), nullable=False),
    sa.Column('station_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('status', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('tier', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('zone', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('grams', sa.Integer(), nullable=False),
    sa.Column('ml', sa.Integer(), nullable=False),
    sa.Column('box_milli', sa.Integer(), nullable=False),
    sa.Column('contents', sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.Column('ready_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('due_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('shelf_until', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('trunk_id', sa.Integer(), nullable=True),
    sa.Column('trunk_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('arrives_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('packed_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('delivered_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('label_departure_id', sa.Integer(), nullable=True),
    sa.CheckConstraint("status IN ('expected', 'packed', 'moving', 'at_hub', 'on_trunk', 'delivered', 'returned', 'lost', 'cancelled')", name=op.f('ck_parcel_status_known')),
    sa.CheckConstraint('box_milli >= 1', name=op.f('ck_parcel_box_milli_at_least_1')),
    sa.CheckConstraint('grams >= 1', name=op.f('ck_parcel_grams_at_least_1')),
    sa.CheckConstraint('ml >= 1', name=op.f('ck_parcel_ml_at_least_1')),
    sa.ForeignKeyConstraint(['consignment_id'], ['consignment.id'], name=op.f('fk_parcel_consignment_id')),
    sa.ForeignKeyConstraint(['label_departure_id'], ['departure.id'], name=op.f('fk_parcel_label_departure_id')),
    sa.ForeignKeyConstraint(['station_id'], ['station.node_id'], name=op.f('fk_parcel_station_id')),
    sa.ForeignKeyConstraint(['trunk_id'], ['trunk.id'], name=op.f('fk_parcel_trunk_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_parcel')),
    sa.UniqueConstraint('code', name=op.f('uq_parcel_code'))
    )
    with op.batch_alter_table('parcel', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_parcel_consignment_id'), ['consignment_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_parcel_station_id'), ['station_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_parcel_trunk_id'), ['trunk_id'], unique=False)
        batch_op.create_index('ix_parcel_waiting', ['tenant_id', 'status'], unique=False)

    op.create_table('product',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('category', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('station_id', sa.Integer(), nullable=False),
    sa.Column('grower_id', sa.Integer(), nullable=False),
    sa.Column('story', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('storage', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('shelf_days', sa.Integer(), nullable=False),
    sa.Column('months', sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.Column('picture', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('sales', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('created_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.CheckConstraint("storage IN ('ambient', 'chilled', 'frozen', 'live')", name=op.f('ck_product_storage_known')),
    sa.CheckConstraint('shelf_days >= 1', name=op.f('ck_product_shelf_days_at_least_1')),
    sa.ForeignKeyConstraint(['grower_id'], ['grower.id'], name=op.f('fk_product_grower_id')),
    sa.ForeignKeyConstraint(['station_id'], ['station.node_id'], name=op.f('fk_product_station_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_product')),
    sa.UniqueConstraint('code', name=op.f('uq_product_code'))
    )
    with op.batch_alter_table('product', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_product_category'), ['category'], unique=False)
        batch_op.create_index(batch_op.f('ix_product_station_id'), ['station_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_product_tenant_id'), ['tenant_id'], unique=False)

    op.create_table('refund',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('key', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('order_id', sa.Integer(), nullable=False),
    sa.Column('attempt_id', sa.Integer(), nullable=False),
    sa.Column('amount_fen', sa.BigInteger(), nullable=False),
    sa.Column('reason', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('status', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('asked_by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('created_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('done_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('failures', sa.Integer(), nullable=False),
    sa.Column('by_hand', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.CheckConstraint("status IN ('queued', 'unknown', 'done', 'failed')", name=op.f('ck_refund_status_known')),
    sa.CheckConstraint('amount_fen > 0', name=op.f('ck_refund_amount_positive')),
    sa.ForeignKeyConstraint(['attempt_id'], ['payment_attempt.id'], name=op.f('fk_refund_attempt_id')),
    sa.ForeignKeyConstraint(['order_id'], ['orders.id'], name=op.f('fk_refund_order_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_refund')),
    sa.UniqueConstraint('code', name=op.f('uq_refund_code')),
    sa.UniqueConstraint('tenant_id', 'key', name=op.f('uq_refund_tenant_id_key'))
    )
    with op.batch_alter_table('refund', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_refund_order_id'), ['order_id'], unique=False)

    op.create_table('share_request',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('run_id', sa.Integer(), nullable=False),
    sa.Column('attempt_id', sa.Integer(), nullable=False),
    sa.Column('status', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('amount_fen', sa.BigInteger(), nullable=False),
    sa.Column('limit_bp', sa.Integer(), nullable=False),
    sa.Column('limit_fen', sa.BigInteger(), nullable=False),
    sa.Column('share_by', sa.Date(), nullable=False),
    sa.Column('planned_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('rounds', sa.Integer(), nullable=False),
    sa.Column('answered_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('gateway_ref', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('reason', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.CheckConstraint("status IN ('planned', 'asked', 'shared', 'refused')", name=op.f('ck_share_request_status_known')),
    sa.CheckConstraint('amount_fen <= limit_fen', name=op.f('ck_share_request_within_limit')),
    sa.CheckConstraint('amount_fen >= 0', name=op.f('ck_share_request_amount_fen_at_least_0')),
    sa.CheckConstraint('rounds >= 0', name=op.f('ck_share_request_rounds_at_least_0')),
    sa.CheckConstraint('tries >= 0', name=op.f('ck_share_request_tries_at_least_0')),
    sa.ForeignKeyConstraint(['attempt_id'], ['payment_attempt.id'], name=op.f('fk_share_request_attempt_id')),
    sa.ForeignKeyConstraint(['run_id'], ['settlement_run.id'], name=op.f('fk_share_request_run_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_share_request')),
    sa.UniqueConstraint('code', name=op.f('uq_share_request_code'))
    )
    with op.batch_alter_table('share_request', schema=None) as batch_op:
        batch_op.create_index('ix_share_request_attempt', ['attempt_id'], unique=False)
        batch_op.create_index('ix_share_request_run', ['run_id', 'status'], unique=False)

    op.create_table('trip_request',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('from_id', sa.Integer(), nullable=False),
    sa.Column('to_id', sa.Integer(), nullable=False),
    sa.Column('service_date', sa.Date(), nullable=False),
    sa.Column('earliest_min', sa.Integer(), nullable=False),
    sa.Column('latest_min', sa.Integer(), nullable=False),
    sa.Column('seats', sa.Integer(), nullable=False),
    sa.Column('purpose', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('note_sealed', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('status', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('reason', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('run_id', sa.Integer(), nullable=True),
    sa.Column('asked_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.CheckConstraint("purpose IN ('clinic', 'market', 'school', 'family', 'other')", name=op.f('ck_trip_request_purpose_known')),
    sa.CheckConstraint("status <> 'confirmed' OR run_id IS NOT NULL", name=op.f('ck_trip_request_confirmed_has_a_run')),
    sa.CheckConstraint("status IN ('asked', 'confirmed', 'declined', 'withdrawn', 'called_off', 'lapsed')", name=op.f('ck_trip_request_status_known')),
    sa.CheckConstraint('earliest_min >= 0 AND earliest_min <= latest_min AND latest_min < 1440', name=op.f('ck_trip_request_window_within_the_day')),
    sa.CheckConstraint('from_id <> to_id', name=op.f('ck_trip_request_goes_somewhere')),
    sa.CheckConstraint('seats BETWEEN 1 AND 20', name=op.f('ck_trip_request_seats_within')),
    sa.ForeignKeyConstraint(['from_id'], ['node.id'], name=op.f('fk_trip_request_from_id')),
    sa.ForeignKeyConstraint(['run_id'], ['special_run.id'], name=op.f('fk_trip_request_run_id')),
    sa.ForeignKeyConstraint(['to_id'], ['node.id'], name=op.f('fk_trip_request_to_id')),
    sa.ForeignKeyConstraint(['user_id'], ['app_user.id'], name=op.f('fk_trip_request_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_trip_request')),
    sa.UniqueConstraint('code', name=op.f('uq_trip_request_code'))
    )
    with op.batch_alter_table('trip_request', schema=None) as batch_op:
        batch_op.create_index('ix_trip_request_open', ['tenant_id', 'status', 'service_date'], unique=False)
        batch_op.create_index(batch_op.f('ix_trip_request_run_id'), ['run_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_trip_request_user_id'), ['user_id'], unique=False)
        batch_op.create_index('uq_trip_request_asked', ['user_id', 'service_date', 'from_id', 'to_id'], unique=True, sqlite_where=sa.text("status = 'asked'"), postgresql_where=sa.text("status = 'asked'"))

    op.create_table('listing',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('channel_id', sa.Integer(), nullable=False),
    sa.Column('product_id', sa.Integer(), nullable=False),
    sa.Column('status', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=True),
    sa.Column('ends_on', sa.Date(), nullable=True),
    sa.Column('published_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.CheckConstraint("status IN ('draft', 'published', 'withdrawn')", name=op.f('ck_listing_status_known')),
    sa.ForeignKeyConstraint(['channel_id'], ['channel.id'], name=op.f('fk_listing_channel_id')),
    sa.ForeignKeyConstraint(['product_id'], ['product.id'], name=op.f('fk_listing_product_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_listing')),
    sa.UniqueConstraint('channel_id', 'product_id', name=op.f('uq_listing_channel_id_product_id')),
    sa.UniqueConstraint('code', name=op.f('uq_listing_code'))
    )
    with op.batch_alter_table('listing', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_listing_product_id'), ['product_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_listing_tenant_id'), ['tenant_id'], unique=False)

    op.create_table('payment_dispute',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('gateway_ref', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('attempt_id', sa.Integer(), nullable=False),
    sa.Column('order_id', sa.Integer(), nullable=False),
    sa.Column('amount_fen', sa.BigInteger(), nullable=False),
    sa.Column('held_fen', sa.BigInteger(), nullable=False),
    sa.Column('loss_fen', sa.BigInteger(), nullable=False),
    sa.Column('reason', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('status', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('evidence_by', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('opened_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('closed_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('refund_id', sa.Integer(), nullable=True),
    sa.CheckConstraint("status IN ('opened', 'under_review', 'won', 'lost')", name=op.f('ck_payment_dispute_status_known')),
    sa.CheckConstraint('amount_fen > 0', name=op.f('ck_payment_dispute_amount_positive')),
    sa.CheckConstraint('held_fen >= 0', name=op.f('ck_payment_dispute_held_fen_at_least_0')),
    sa.CheckConstraint('loss_fen >= 0', name=op.f('ck_payment_dispute_loss_fen_at_least_0')),
    sa.ForeignKeyConstraint(['attempt_id'], ['payment_attempt.id'], name=op.f('fk_payment_dispute_attempt_id')),
    sa.ForeignKeyConstraint(['order_id'], ['orders.id'], name=op.f('fk_payment_dispute_order_id')),
    sa.ForeignKeyConstraint(['refund_id'], ['refund.id'], name=op.f('fk_payment_dispute_refund_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_payment_dispute')),
    sa.UniqueConstraint('code', name=op.f('uq_payment_dispute_code')),
    sa.UniqueConstraint('gateway_ref', name=op.f('uq_payment_dispute_gateway_ref')),
    sa.UniqueConstraint('refund_id', name=op.f('uq_payment_dispute_refund_id'))
    )
    with op.batch_alter_table('payment_dispute', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_payment_dispute_attempt_id'), ['attempt_id'], unique=False)
        batch_op.create_index('ix_payment_dispute_desk', ['tenant_id', 'status', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_payment_dispute_order_id'), ['order_id'], unique=False)

    op.create_table('planned_leg',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('plan_id', sa.Integer(), nullable=False),
    sa.Column('parcel_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('departure_id', sa.Integer(), nullable=False),
    sa.Column('board', sa.Integer(), nullable=False),
    sa.Column('alight', sa.Integer(), nullable=False),
    sa.Column('voided_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['departure_id'], ['departure.id'], name=op.f('fk_planned_leg_departure_id')),
    sa.ForeignKeyConstraint(['parcel_id'], ['parcel.id'], name=op.f('fk_planned_leg_parcel_id')),
    sa.ForeignKeyConstraint(['plan_id'], ['batch_plan.id'], name=op.f('fk_planned_leg_plan_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_planned_leg'))
    )
    with op.batch_alter_table('planned_leg', schema=None) as batch_op:
        batch_op.create_index('ix_planned_leg_departure', ['departure_id'], unique=False)
        batch_op.create_index('ix_planned_leg_plan', ['plan_id'], unique=False)
        batch_op.create_index('uq_planned_leg_active', ['parcel_id', 'position'], unique=True, sqlite_where=sa.text('voided_at IS NULL'), postgresql_where=sa.text('voided_at IS NULL'))

    op.create_table('returned_parcel',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('parcel_id', sa.Integer(), nullable=False),
    sa.Column('goes_to', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('settled_by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('settled_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.CheckConstraint("goes_to IN ('shelf', 'waste')", name=op.f('ck_returned_parcel_goes_to_known')),
    sa.ForeignKeyConstraint(['parcel_id'], ['parcel.id'], name=op.f('fk_returned_parcel_parcel_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_returned_parcel')),
    sa.UniqueConstraint('code', name=op.f('uq_returned_parcel_code')),
    sa.UniqueConstraint('parcel_id', name=op.f('uq_returned_parcel_parcel_id'))
    )
    op.create_table('share_part',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('request_id', sa.Integer(), nullable=False),
    sa.Column('statement_id', sa.Integer(), nullable=False),
    sa.Column('amount_fen', sa.BigInteger(), nullable=False),
    sa.Column('left_out', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.CheckConstraint('amount_fen >= 1', name=op.f('ck_share_part_amount_fen_at_least_1')),
    sa.ForeignKeyConstraint(['request_id'], ['share_request.id'], name=op.f('fk_share_part_request_id')),
    sa.ForeignKeyConstraint(['statement_id'], ['statement.id'], name=op.f('fk_share_part_statement_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_share_part')),
    sa.UniqueConstraint('code', name=op.f('uq_share_part_code')),
    sa.UniqueConstraint('request_id', 'statement_id', name=op.f('uq_share_part_request_id_statement_id'))
    )
    with op.batch_alter_table('share_part', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_share_part_statement_id'), ['statement_id'], unique=False)

    op.create_table('unplaced',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('plan_id', sa.Integer(), nullable=False),
    sa.Column('parcel_id', sa.Integer(), nullable=False),
    sa.Column('reason', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.ForeignKeyConstraint(['parcel_id'], ['parcel.id'], name=op.f('fk_unplaced_parcel_id')),
    sa.ForeignKeyConstraint(['plan_id'], ['batch_plan.id'], name=op.f('fk_unplaced_plan_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_unplaced')),
    sa.UniqueConstraint('plan_id', 'parcel_id', name=op.f('uq_unplaced_plan_id_parcel_id'))
    )
    op.create_table('variant',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('product_id', sa.Integer(), nullable=False),
    sa.Column('sku', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('spec', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('net_g', sa.Integer(), nullable=False),
    sa.Column('gross_g', sa.Integer(), nullable=False),
    sa.Column('ml', sa.Integer(), nullable=False),
    sa.Column('box_milli', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.CheckConstraint('box_milli >= 1', name=op.f('ck_variant_box_milli_at_least_1')),
    sa.CheckConstraint('gross_g >= net_g', name=op.f('ck_variant_gross_holds_net')),
    sa.CheckConstraint('ml >= 1', name=op.f('ck_variant_ml_at_least_1')),
    sa.CheckConstraint('net_g >= 1', name=op.f('ck_variant_net_g_at_least_1')),
    sa.ForeignKeyConstraint(['product_id'], ['product.id'], name=op.f('fk_variant_product_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_variant')),
    sa.UniqueConstraint('sku', name=op.f('uq_variant_sku'))
    )
    with op.batch_alter_table('variant', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_variant_product_id'), ['product_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_variant_tenant_id'), ['tenant_id'], unique=False)

    op.create_table('cart_line',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('cart_id', sa.Integer(), nullable=False),
    sa.Column('variant_id', sa.Integer(), nullable=False),
    sa.Column('quantity', sa.Integer(), nullable=False),
    sa.Column('link_code', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('added_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.CheckConstraint('quantity >= 1', name=op.f('ck_cart_line_quantity_at_least_1')),
    sa.ForeignKeyConstraint(['cart_id'], ['cart.id'], name=op.f('fk_cart_line_cart_id')),
    sa.ForeignKeyConstraint(['variant_id'], ['variant.id'], name=op.f('fk_cart_line_variant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_cart_line')),
    sa.UniqueConstraint('cart_id', 'variant_id', name=op.f('uq_cart_line_cart_id_variant_id'))
    )
    with op.batch_alter_table('cart_line', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_cart_line_cart_id'), ['cart_id'], unique=False)

    op.create_table('consignment_line',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('consignment_id', sa.Integer(), nullable=False),
    sa.Column('line_code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('variant_id', sa.Integer(), nullable=False),
    sa.Column('sku', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('spec', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('quantity', sa.Integer(), nullable=False),
    sa.Column('gross_g', sa.Integer(), nullable=False),
    sa.Column('ml', sa.Integer(), nullable=False),
    sa.Column('box_milli', sa.Integer(), nullable=False),
    sa.CheckConstraint('quantity >= 1', name=op.f('ck_consignment_line_quantity_at_least_1')),
    sa.ForeignKeyConstraint(['consignment_id'], ['consignment.id'], name=op.f('fk_consignment_line_consignment_id')),
    sa.ForeignKeyConstraint(['variant_id'], ['variant.id'], name=op.f('fk_consignment_line_variant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_consignment_line')),
    sa.UniqueConstraint('line_code', name=op.f('uq_consignment_line_line_code'))
    )
    with op.batch_alter_table('consignment_line', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_consignment_line_consignment_id'), ['consignment_id'], unique=False)

    op.create_table('listing_price',
    sa.Column('listing_id', sa.Integer(), nullable=False),
    sa.Column('variant_id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('price_fen', sa.BigInteger(), nullable=False),
    sa.CheckConstraint('price_fen BETWEEN 1 AND 100000000', name=op.f('ck_listing_price_price_sane')),
    sa.ForeignKeyConstraint(['listing_id'], ['listing.id'], name=op.f('fk_listing_price_listing_id')),
    sa.ForeignKeyConstraint(['variant_id'], ['variant.id'], name=op.f('fk_listing_price_variant_id')),
    sa.PrimaryKeyConstraint('listing_id', 'variant_id', name=op.f('pk_listing_price'))
    )
    with op.batch_alter_table('listing_price', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_listing_price_variant_id'), ['variant_id'], unique=False)

    op.create_table('lot',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('variant_id', sa.Integer(), nullable=False),
    sa.Column('place_id', sa.Integer(), nullable=False),
    sa.Column('grower_id', sa.Integer(), nullable=False),
    sa.Column('member_id', sa.Integer(), nullable=True),
    sa.Column('grade', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('grams', sa.Integer(), nullable=False),
    sa.Column('harvested_on', sa.Date(), nullable=False),
    sa.Column('best_before', sa.Date(), nullable=False),
    sa.Column('received_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('received', sa.Integer(), nullable=False),
    sa.Column('returned', sa.Integer(), nullable=False),
    sa.Column('remaining', sa.Integer(), nullable=False),
    sa.Column('bound', sa.Integer(), nullable=False),
    sa.Column('wasted', sa.Integer(), nullable=False),
    sa.CheckConstraint('bound >= 0', name=op.f('ck_lot_bound_at_least_0')),
    sa.CheckConstraint('received + returned = remaining + bound + wasted', name=op.f('ck_lot_adds_up')),
    sa.CheckConstraint('received >= 0', name=op.f('ck_lot_received_at_least_0')),
    sa.CheckConstraint('remaining >= 0', name=op.f('ck_lot_remaining_at_least_0')),
    sa.CheckConstraint('returned >= 0', name=op.f('ck_lot_returned_at_least_0')),
    sa.CheckConstraint('wasted >= 0', name=op.f('ck_lot_wasted_at_least_0')),
    sa.ForeignKeyConstraint(['grower_id'], ['grower.id'], name=op.f('fk_lot_grower_id')),
    sa.ForeignKeyConstraint(['member_id'], ['coop_member.id'], name=op.f('fk_lot_member_id')),
    sa.ForeignKeyConstraint(['place_id'], ['node.id'], name=op.f('fk_lot_place_id')),
    sa.ForeignKeyConstraint(['variant_id'], ['variant.id'], name=op.f('fk_lot_variant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_lot')),
    sa.UniqueConstraint('code', name=op.f('uq_lot_code'))
    )
    with op.batch_alter_table('lot', schema=None) as batch_op:
        batch_op.create_index('ix_lot_first_expiry', ['tenant_id', 'variant_id', 'place_id', 'best_before', 'id'], unique=False)

    op.create_table('order_link_item',
    sa.Column('link_id', sa.Integer(), nullable=False),
    sa.Column('variant_id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('price_fen', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['link_id'], ['order_link.id'], name=op.f('fk_order_link_item_link_id')),
    sa.ForeignKeyConstraint(['variant_id'], ['variant.id'], name=op.f('fk_order_link_item_variant_id')),
    sa.PrimaryKeyConstraint('link_id', 'variant_id', name=op.f('pk_order_link_item'))
    )
    op.create_table('stock_level',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('variant_id', sa.Integer(), nullable=False),
    sa.Column('place_id', sa.Integer(), nullable=False),
    sa.Column('on_hand', sa.Integer(), nullable=False),
    sa.Column('reserved', sa.Integer(), nullable=False),
    sa.Column('allocated', sa.Integer(), nullable=False),
    sa.CheckConstraint('allocated >= 0', name=op.f('ck_stock_level_allocated_at_least_0')),
    sa.CheckConstraint('on_hand >= 0', name=op.f('ck_stock_level_on_hand_at_least_0')),
    sa.CheckConstraint('reserved + allocated <= on_hand', name=op.f('ck_stock_level_never_oversold')),
    sa.CheckConstraint('reserved >= 0', name=op.f('ck_stock_level_reserved_at_least_0')),
    sa.ForeignKeyConstraint(['place_id'], ['node.id'], name=op.f('fk_stock_level_place_id')),
    sa.ForeignKeyConstraint(['variant_id'], ['variant.id'], name=op.f('fk_stock_level_variant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_stock_level')),
    sa.UniqueConstraint('tenant_id', 'variant_id', 'place_id', name=op.f('uq_stock_level_tenant_id_variant_id_place_id'))
    )
    with op.batch_alter_table('stock_level', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_stock_level_variant_id'), ['variant_id'], unique=False)

    op.create_table('lot_binding',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('parcel_id', sa.Integer(), nullable=False),
    sa.Column('lot_id', sa.Integer(), nullable=False),
    sa.Column('line_code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('quantity', sa.Integer(), nullable=False),
    sa.CheckConstraint('quantity >= 1', name=op.f('ck_lot_binding_quantity_at_least_1')),
    sa.ForeignKeyConstraint(['lot_id'], ['lot.id'], name=op.f('fk_lot_binding_lot_id')),
    sa.ForeignKeyConstraint(['parcel_id'], ['parcel.id'], name=op.f('fk_lot_binding_parcel_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_lot_binding'))
    )
    with op.batch_alter_table('lot_binding', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_lot_binding_lot_id'), ['lot_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_lot_binding_parcel_id'), ['parcel_id'], unique=False)

    op.create_table('order_line',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('order_id', sa.Integer(), nullable=False),
    sa.Column('code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('variant_id', sa.Integer(), nullable=False),
    sa.Column('product_code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('station_id', sa.Integer(), nullable=False),
    sa.Column('level_id', sa.Integer(), nullable=False),
    sa.Column('channel_id', sa.Integer(), nullable=True),
    sa.Column('link_id', sa.Integer(), nullable=True),
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('spec', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('sku', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('picture', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('tier', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('quantity', sa.Integer(), nullable=False),
    sa.Column('price_fen', sa.BigInteger(), nullable=False),
    sa.Column('goods_fen', sa.BigInteger(), nullable=False),
    sa.Column('discount_fen', sa.BigInteger(), nullable=False),
    sa.Column('freight_fen', sa.BigInteger(), nullable=False),
    sa.Column('net_g', sa.Integer(), nullable=False),
    sa.Column('gross_g', sa.Integer(), nullable=False),
    sa.Column('ml', sa.Integer(), nullable=False),
    sa.Column('box_milli', sa.Integer(), nullable=False),
    sa.Column('shelf_days', sa.Integer(), nullable=False),
    sa.CheckConstraint('quantity >= 1', name=op.f('ck_order_line_quantity_at_least_1')),
    sa.ForeignKeyConstraint(['channel_id'], ['channel.id'], name=op.f('fk_order_line_channel_id')),
    sa.ForeignKeyConstraint(['level_id'], ['stock_level.id'], name=op.f('fk_order_line_level_id')),
    sa.ForeignKeyConstraint(['link_id'], ['order_link.id'], name=op.f('fk_order_line_link_id')),
    sa.ForeignKeyConstraint(['order_id'], ['orders.id'], name=op.f('fk_order_line_order_id')),
    sa.ForeignKeyConstraint(['station_id'], ['station.node_id'], name=op.f('fk_order_line_station_id')),
    sa.ForeignKeyConstraint(['variant_id'], ['variant.id'], name=op.f('fk_order_line_variant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_order_line')),
    sa.UniqueConstraint('code', name=op.f('uq_order_line_code')),
    sa.UniqueConstraint('order_id', 'position', name=op.f('uq_order_line_order_id_position'))
    )
    with op.batch_alter_table('order_line', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_order_line_link_id'), ['link_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_order_line_order_id'), ['order_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_order_line_station_id'), ['station_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_order_line_variant_id'), ['variant_id'], unique=False)

    op.create_table('stock_hold',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('level_id', sa.Integer(), nullable=False),
    sa.Column('quantity', sa.Integer(), nullable=False),
    sa.Column('state', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('cause', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('expires_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.CheckConstraint("state IN ('reserved', 'allocated', 'released', 'consumed')", name=op.f('ck_stock_hold_state_known')),
    sa.CheckConstraint('quantity >= 1', name=op.f('ck_stock_hold_quantity_at_least_1')),
    sa.ForeignKeyConstraint(['level_id'], ['stock_level.id'], name=op.f('fk_stock_hold_level_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_stock_hold'))
    )
    with op.batch_alter_table('stock_hold', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_stock_hold_cause'), ['cause'], unique=False)
        batch_op.create_index('ix_stock_hold_open', ['level_id'], unique=False, sqlite_where=sa.text("state IN ('reserved', 'allocated')"), postgresql_where=sa.text("state IN ('reserved', 'allocated')"))

    op.create_table('stock_movement',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('level_id', sa.Integer(), nullable=False),
    sa.Column('kind', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('quantity', sa.Integer(), nullable=False),
    sa.Column('lot_id', sa.Integer(), nullable=True),
    sa.Column('cause', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('key', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.CheckConstraint("kind IN ('received', 'packed', 'returned', 'wasted', 'recounted')", name=op.f('ck_stock_movement_kind_known')),
    sa.ForeignKeyConstraint(['level_id'], ['stock_level.id'], name=op.f('fk_stock_movement_level_id')),
    sa.ForeignKeyConstraint(['lot_id'], ['lot.id'], name=op.f('fk_stock_movement_lot_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_stock_movement')),
    sa.UniqueConstraint('tenant_id', 'key', name=op.f('uq_stock_movement_tenant_id_key'))
    )
    with op.batch_alter_table('stock_movement', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_stock_movement_level_id'), ['level_id'], unique=False)

    op.create_table('claim',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('order_id', sa.Integer(), nullable=False),
    sa.Column('line_id', sa.Integer(), nullable=False),
    sa.Column('reason', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('quantity', sa.Integer(), nullable=False),
    sa.Column('damaged_pct', sa.Integer(), nullable=False),
    sa.Column('words', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('rule', sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.Column('status', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('bearer', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('award_fen', sa.BigInteger(), nullable=False),
    sa.Column('amount_fen', sa.BigInteger(), nullable=False),
    sa.Column('note', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('opened_by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('vouched_by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('opened_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('closes_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('decided_by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('decided_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('second_by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('second_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('refund_id', sa.Integer(), nullable=True),
    sa.CheckConstraint("bearer IN ('grower', 'master', 'transport', 'platform')", name=op.f('ck_claim_bearer_known')),
    sa.CheckConstraint("reason IN ('damaged', 'spoiled', 'missing', 'wrong', 'not_arrived')", name=op.f('ck_claim_reason_known')),
    sa.CheckConstraint("status IN ('open', 'second', 'approved', 'refused', 'withdrawn')", name=op.f('ck_claim_status_known')),
    sa.CheckConstraint('amount_fen >= 0', name=op.f('ck_claim_amount_fen_at_least_0')),
    sa.CheckConstraint('award_fen >= 0', name=op.f('ck_claim_award_fen_at_least_0')),
    sa.CheckConstraint('damaged_pct <= 100', name=op.f('ck_claim_part_of_the_whole')),
    sa.CheckConstraint('damaged_pct >= 0', name=op.f('ck_claim_damaged_pct_at_least_0')),
    sa.CheckConstraint('quantity >= 0', name=op.f('ck_claim_quantity_at_least_0')),
    sa.ForeignKeyConstraint(['line_id'], ['order_line.id'], name=op.f('fk_claim_line_id')),
    sa.ForeignKeyConstraint(['order_id'], ['orders.id'], name=op.f('fk_claim_order_id')),
    sa.ForeignKeyConstraint(['refund_id'], ['refund.id'], name=op.f('fk_claim_refund_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_claim')),
    sa.UniqueConstraint('code', name=op.f('uq_claim_code')),
    sa.UniqueConstraint('refund_id', name=op.f('uq_claim_refund_id'))
    )
    with op.batch_alter_table('claim', schema=None) as batch_op:
        batch_op.create_index('ix_claim_desk', ['tenant_id', 'status', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_claim_line_id'), ['line_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_claim_order_id'), ['order_id'], unique=False)
        batch_op.create_index('uq_claim_live', ['line_id'], unique=True, sqlite_where=sa.text("status IN ('open', 'second')"), postgresql_where=sa.text("status IN ('open', 'second')"))

    op.create_table('line_share',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('line_id', sa.Integer(), nullable=False),
    sa.Column('role', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('party_code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('amount_fen', sa.BigInteger(), nullable=False),
    sa.Column('rule_version', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('words', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.ForeignKeyConstraint(['line_id'], ['order_line.id'], name=op.f('fk_line_share_line_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_line_share')),
    sa.UniqueConstraint('line_id', 'role', 'party_code', name=op.f('uq_line_share_line_id_role_party_code'))
    )
    with op.batch_alter_table('line_share', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_line_share_line_id'), ['line_id'], unique=False)

    op.create_table('refund_line',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('refund_id', sa.Integer(), nullable=False),
    sa.Column('line_id', sa.Integer(), nullable=False),
    sa.Column('amount_fen', sa.BigInteger(), nullable=False),
    sa.Column('coupon_fen', sa.BigInteger(), nullable=False),
    sa.Column('quantity', sa.Integer(), nullable=False),
    sa.Column('bearer', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.CheckConstraint("bearer IN ('', 'grower', 'master', 'transport', 'platform')", name=op.f('ck_refund_line_bearer_known')),
    sa.CheckConstraint('amount_fen > 0', name=op.f('ck_refund_line_amount_positive')),
    sa.CheckConstraint('coupon_fen >= 0', name=op.f('ck_refund_line_coupon_fen_at_least_0')),
    sa.CheckConstraint('quantity >= 0', name=op.f('ck_refund_line_quantity_at_least_0')),
    sa.ForeignKeyConstraint(['line_id'], ['order_line.id'], name=op.f('fk_refund_line_line_id')),
    sa.ForeignKeyConstraint(['refund_id'], ['refund.id'], name=op.f('fk_refund_line_refund_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_refund_line')),
    sa.UniqueConstraint('code', name=op.f('uq_refund_line_code')),
    sa.UniqueConstraint('refund_id', 'line_id', name=op.f('uq_refund_line_refund_id_line_id'))
    )
    with op.batch_alter_table('refund_line', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_refund_line_line_id'), ['line_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_refund_line_refund_id'), ['refund_id'], unique=False)

    op.create_table('refund_request',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('order_id', sa.Integer(), nullable=False),
    sa.Column('line_id', sa.Integer(), nullable=False),
    sa.Column('quantity', sa.Integer(), nullable=False),
    sa.Column('amount_fen', sa.BigInteger(), nullable=False),
    sa.Column('bearer', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('reason', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('status', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('asked_as', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('asked_by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('asked_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('decided_by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('decided_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('note', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('refund_id', sa.Integer(), nullable=True),
    sa.CheckConstraint("asked_as IN ('master', 'office')", name=op.f('ck_refund_request_asked_as_known')),
    sa.CheckConstraint("bearer IN ('', 'grower', 'master', 'transport', 'platform')", name=op.f('ck_refund_request_bearer_known')),
    sa.CheckConstraint("status IN ('waiting', 'given', 'refused')", name=op.f('ck_refund_request_status_known')),
    sa.CheckConstraint('amount_fen >= 0', name=op.f('ck_refund_request_amount_fen_at_least_0')),
    sa.CheckConstraint('quantity >= 0', name=op.f('ck_refund_request_quantity_at_least_0')),
    sa.ForeignKeyConstraint(['line_id'], ['order_line.id'], name=op.f('fk_refund_request_line_id')),
    sa.ForeignKeyConstraint(['order_id'], ['orders.id'], name=op.f('fk_refund_request_order_id')),
    sa.ForeignKeyConstraint(['refund_id'], ['refund.id'], name=op.f('fk_refund_request_refund_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_refund_request')),
    sa.UniqueConstraint('code', name=op.f('uq_refund_request_code')),
    sa.UniqueConstraint('refund_id', name=op.f('uq_refund_request_refund_id'))
    )
    with op.batch_alter_table('refund_request', schema=None) as batch_op:
        batch_op.create_index('ix_refund_request_desk', ['tenant_id', 'status', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_refund_request_line_id'), ['line_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_refund_request_order_id'), ['order_id'], unique=False)
        batch_op.create_index('uq_refund_request_waiting', ['line_id'], unique=True, sqlite_where=sa.text("status = 'waiting'"), postgresql_where=sa.text("status = 'waiting'"))

    op.create_table('weigh_slip',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('line_id', sa.Integer(), nullable=False),
    sa.Column('ordered_g', sa.Integer(), nullable=False),
    sa.Column('grams', sa.Integer(), nullable=False),
    sa.Column('weighed_by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('weighed_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('refund_id', sa.Integer(), nullable=True),
    sa.CheckConstraint('grams >= 0', name=op.f('ck_weigh_slip_grams_at_least_0')),
    sa.CheckConstraint('ordered_g >= 1', name=op.f('ck_weigh_slip_ordered_g_at_least_1')),
    sa.ForeignKeyConstraint(['line_id'], ['order_line.id'], name=op.f('fk_weigh_slip_line_id')),
    sa.ForeignKeyConstraint(['refund_id'], ['refund.id'], name=op.f('fk_weigh_slip_refund_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_weigh_slip')),
    sa.UniqueConstraint('code', name=op.f('uq_weigh_slip_code')),
    sa.UniqueConstraint('line_id', name=op.f('uq_weigh_slip_line_id')),
    sa.UniqueConstraint('refund_id', name=op.f('uq_weigh_slip_refund_id'))
    )
    op.create_table('claim_photo',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('order_id', sa.Integer(), nullable=False),
    sa.Column('claim_id', sa.Integer(), nullable=True),
    sa.Column('file_id', sa.Integer(), nullable=False),
    sa.Column('sent_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['claim_id'], ['claim.id'], name=op.f('fk_claim_photo_claim_id')),
    sa.ForeignKeyConstraint(['file_id'], ['stored_file.id'], name=op.f('fk_claim_photo_file_id')),
    sa.ForeignKeyConstraint(['order_id'], ['orders.id'], name=op.f('fk_claim_photo_order_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_claim_photo')),
    sa.UniqueConstraint('code', name=op.f('uq_claim_photo_code'))
    )
    with op.batch_alter_table('claim_photo', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_claim_photo_claim_id'), ['claim_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_claim_photo_order_id'), ['order_id'], unique=False)

    op.create_table('refund_share',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('refund_line_id', sa.Integer(), nullable=False),
    sa.Column('share_id', sa.Integer(), nullable=False),
    sa.Column('amount_fen', sa.BigInteger(), nullable=False),
    sa.Column('borne_fen', sa.BigInteger(), nullable=False),
    sa.CheckConstraint('amount_fen + borne_fen > 0', name=op.f('ck_refund_share_not_empty')),
    sa.CheckConstraint('amount_fen >= 0', name=op.f('ck_refund_share_amount_fen_at_least_0')),
    sa.CheckConstraint('borne_fen >= 0', name=op.f('ck_refund_share_borne_fen_at_least_0')),
    sa.ForeignKeyConstraint(['refund_line_id'], ['refund_line.id'], name=op.f('fk_refund_share_refund_line_id')),
    sa.ForeignKeyConstraint(['share_id'], ['line_share.id'], name=op.f('fk_refund_share_share_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_refund_share')),
    sa.UniqueConstraint('refund_line_id', 'share_id', name=op.f('uq_refund_share_refund_line_id_share_id'))
    )
    with op.batch_alter_table('refund_share', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_refund_share_refund_line_id'), ['refund_line_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_refund_share_share_id'), ['share_id'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('refund_share', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_refund_share_share_id'))
        batch_op.drop_index(batch_op.f('ix_refund_share_refund_line_id'))

    op.drop_table('refund_share')
    with op.batch_alter_table('claim_photo', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_claim_photo_order_id'))
        batch_op.drop_index(batch_op.f('ix_claim_photo_claim_id'))

    op.drop_table('claim_photo')
    op.drop_table('weigh_slip')
    with op.batch_alter_table('refund_request', schema=None) as batch_op:
        batch_op.drop_index('uq_refund_request_waiting', sqlite_where=sa.text("status = 'waiting'"), postgresql_where=sa.text("status = 'waiting'"))
        batch_op.drop_index(batch_op.f('ix_refund_request_order_id'))
        batch_op.drop_index(batch_op.f('ix_refund_request_line_id'))
        batch_op.drop_index('ix_refund_request_desk')

    op.drop_table('refund_request')
    with op.batch_alter_table('refund_line', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_refund_line_refund_id'))
        batch_op.drop_index(batch_op.f('ix_refund_line_line_id'))

    op.drop_table('refund_line')
    with op.batch_alter_table('line_share', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_line_share_line_id'))

    op.drop_table('line_share')
    with op.batch_alter_table('claim', schema=None) as batch_op:
        batch_op.drop_index('uq_claim_live', sqlite_where=sa.text("status IN ('open', 'second')"), postgresql_where=sa.text("status IN ('open', 'second')"))
        batch_op.drop_index(batch_op.f('ix_claim_order_id'))
        batch_op.drop_index(batch_op.f('ix_claim_line_id'))
        batch_op.drop_index('ix_claim_desk')

    op.drop_table('claim')
    with op.batch_alter_table('stock_movement', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_stock_movement_level_id'))

    op.drop_table('stock_movement')
    with op.batch_alter_table('stock_hold', schema=None) as batch_op:
        batch_op.drop_index('ix_stock_hold_open', sqlite_where=sa.text("state IN ('reserved', 'allocated')"), postgresql_where=sa.text("state IN ('reserved', 'allocated')"))
        batch_op.drop_index(batch_op.f('ix_stock_hold_cause'))

    op.drop_table('stock_hold')
    with op.batch_alter_table('order_line', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_order_line_variant_id'))
        batch_op.drop_index(batch_op.f('ix_order_line_station_id'))
        batch_op.drop_index(batch_op.f('ix_order_line_order_id'))
        batch_op.drop_index(batch_op.f('ix_order_line_link_id'))

    op.drop_table('order_line')
    with op.batch_alter_table('lot_binding', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_lot_binding_parcel_id'))
        batch_op.drop_index(batch_op.f('ix_lot_binding_lot_id'))

    op.drop_table('lot_binding')
    with op.batch_alter_table('stock_level', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_stock_level_variant_id'))

    op.drop_table('stock_level')
    op.drop_table('order_link_item')
    with op.batch_alter_table('lot', schema=None) as batch_op:
        batch_op.drop_index('ix_lot_first_expiry')

    op.drop_table('lot')
    with op.batch_alter_table('listing_price', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_listing_price_variant_id'))

    op.drop_table('listing_price')
    with op.batch_alter_table('consignment_line', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_consignment_line_consignment_id'))

    op.drop_table('consignment_line')
    with op.batch_alter_table('cart_line', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_cart_line_cart_id'))

    op.drop_table('cart_line')
    with op.batch_alter_table('variant', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_variant_tenant_id'))
        batch_op.drop_index(batch_op.f('ix_variant_product_id'))

    op.drop_table('variant')
    op.drop_table('unplaced')
    with op.batch_alter_table('share_part', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_share_part_statement_id'))

    op.drop_table('share_part')
    op.drop_table('returned_parcel')
    with op.batch_alter_table('planned_leg', schema=None) as batch_op:
        batch_op.drop_index('uq_planned_leg_active', sqlite_where=sa.text('voided_at IS NULL'), postgresql_where=sa.text('voided_at IS NULL'))
        batch_op.drop_index('ix_planned_leg_plan')
        batch_op.drop_index('ix_planned_leg_departure')

    op.drop_table('planned_leg')
    with op.batch_alter_table('payment_dispute', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_payment_dispute_order_id'))
        batch_op.drop_index('ix_payment_dispute_desk')
        batch_op.drop_index(batch_op.f('ix_payment_dispute_attempt_id'))

    op.drop_table('payment_dispute')
    with op.batch_alter_table('listing', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_listing_tenant_id'))
        batch_op.drop_index(batch_op.f('ix_listing_product_id'))

    op.drop_table('listing')
    with op.batch_alter_table('trip_request', schema=None) as batch_op:
        batch_op.drop_index('uq_trip_request_asked', sqlite_where=sa.text("status = 'asked'"), postgresql_where=sa.text("status = 'asked'"))
        batch_op.drop_index(batch_op.f('ix_trip_request_user_id'))
        batch_op.drop_index(batch_op.f('ix_trip_request_run_id'))
        batch_op.drop_index('ix_trip_request_open')

    op.drop_table('trip_request')
    with op.batch_alter_table('share_request', schema=None) as batch_op:
        batch_op.drop_index('ix_share_request_run')
        batch_op.drop_index('ix_share_request_attempt')

    op.drop_table('share_request')
    with op.batch_alter_table('refund', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_refund_order_id'))

    op.drop_table('refund')
    with op.batch_alter_table('product', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_product_tenant_id'))
        batch_op.drop_index(batch_op.f('ix_product_station_id'))
        batch_op.drop_index(batch_op.f('ix_product_category'))

    op.drop_table('product')
    with op.batch_alter_table('parcel', schema=None) as batch_op:
        batch_op.drop_index('ix_parcel_waiting')
        batch_op.drop_index(batch_op.f('ix_parcel_trunk_id'))
        batch_op.drop_index(batch_op.f('ix_parcel_station_id'))
        batch_op.drop_index(batch_op.f('ix_parcel_consignment_id'))

    op.drop_table('parcel')
    with op.batch_alter_table('manifest_signature', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_manifest_signature_tenant_id'))

    op.drop_table('manifest_signature')
    with op.batch_alter_table('manifest_box', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_manifest_box_box_id'))

    op.drop_table('manifest_box')
    with op.batch_alter_table('coop_member', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_coop_member_tenant_id'))

    op.drop_table('coop_member')
    with op.batch_alter_table('agreement', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_agreement_tenant_id'))
        batch_op.drop_index(batch_op.f('ix_agreement_grower_id'))

    op.drop_table('agreement')
    op.drop_table('trunk_zone')
    with op.batch_alter_table('stop_call', schema=None) as batch_op:
        batch_op.drop_index('uq_stop_call_once', sqlite_where=sa.text("status = 'called'"), postgresql_where=sa.text("status = 'called'"))
        batch_op.drop_index(batch_op.f('ix_stop_call_user_id'))
        batch_op.drop_index('ix_stop_call_open')
        batch_op.drop_index('ix_stop_call_departure')

    op.drop_table('stop_call')
    with op.batch_alter_table('statement_line', schema=None) as batch_op:
        batch_op.drop_index('uq_statement_line_income', sqlite_where=sa.text('stands'), postgresql_where=sa.text('stands'))

    op.drop_table('statement_line')
    with op.batch_alter_table('special_run', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_special_run_tenant_id'))

    op.drop_table('special_run')
    with op.batch_alter_table('shelf_stay', schema=None) as batch_op:
        batch_op.drop_index('uq_shelf_stay_shelf', sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))
        batch_op.drop_index('uq_shelf_stay_parcel', sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))
        batch_op.drop_index(batch_op.f('ix_shelf_stay_tenant_id'))
        batch_op.drop_index(batch_op.f('ix_shelf_stay_parcel_code'))

    op.drop_table('shelf_stay')
    with op.batch_alter_table('payment_attempt', schema=None) as batch_op:
        batch_op.drop_index('uq_payment_attempt_capture', sqlite_where=sa.text("status = 'captured' AND duplicate_of IS NULL"), postgresql_where=sa.text("status = 'captured' AND duplicate_of IS NULL"))
        batch_op.drop_index('ix_payment_attempt_order')
        batch_op.drop_index('ix_payment_attempt_day')

    op.drop_table('payment_attempt')
    op.drop_table('order_promise')
    with op.batch_alter_table('manifest', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_manifest_tenant_id'))

    op.drop_table('manifest')
    with op.batch_alter_table('income_dispute', schema=None) as batch_op:
        batch_op.drop_index('uq_income_dispute_open', sqlite_where=sa.text("status = 'open'"), postgresql_where=sa.text("status = 'open'"))

    op.drop_table('income_dispute')
    with op.batch_alter_table('grower', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_grower_tenant_id'))
        batch_op.drop_index(batch_op.f('ix_grower_station_id'))

    op.drop_table('grower')
    with op.batch_alter_table('departure_worth', schema=None) as batch_op:
        batch_op.drop_index('ix_departure_worth_departure')

    op.drop_table('departure_worth')
    with op.batch_alter_table('coupon_use', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_coupon_use_user_id'))
        batch_op.drop_index('ix_coupon_use_person')

    op.drop_table('coupon_use')
    with op.batch_alter_table('consignment', schema=None) as batch_op:
        batch_op.drop_index('ix_consignment_work')
        batch_op.drop_index(batch_op.f('ix_consignment_source_code'))
        batch_op.drop_index('ix_consignment_promised')
        batch_op.drop_index('ix_consignment_delivered')

    op.drop_table('consignment')
    with op.batch_alter_table('channel', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_channel_tenant_id'))

    op.drop_table('channel')
    with op.batch_alter_table('zone_piece', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_zone_piece_tenant_id'))
        batch_op.drop_index('ix_zone_piece_parcel')
        batch_op.drop_index('ix_zone_piece_day')

    op.drop_table('zone_piece')
    with op.batch_alter_table('trunk', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_trunk_tenant_id'))

    op.drop_table('trunk')
    with op.batch_alter_table('subsidy_award', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_subsidy_award_version_id'))
        batch_op.drop_index('ix_subsidy_award_report')
        batch_op.drop_index('ix_subsidy_award_month')
        batch_op.drop_index('ix_subsidy_award_cause')

    op.drop_table('subsidy_award')
    with op.batch_alter_table('stop_time', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_stop_time_node_id'))

    op.drop_table('stop_time')
    with op.batch_alter_table('station', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_station_tenant_id'))

    op.drop_table('station')
    op.drop_table('served_area')
    op.drop_table('partner_line')
    with op.batch_alter_table('orders', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_orders_user_id'))
        batch_op.drop_index(batch_op.f('ix_orders_sign_in_id'))
        batch_op.drop_index('ix_orders_recent')
        batch_op.drop_index(batch_op.f('ix_orders_phone_index'))
        batch_op.drop_index('ix_orders_due')

    op.drop_table('orders')
    op.drop_table('link_click')
    with op.batch_alter_table('income_entry', schema=None) as batch_op:
        batch_op.drop_index('ix_income_statement')
        batch_op.drop_index('ix_income_party')
        batch_op.drop_index(batch_op.f('ix_income_entry_reverses_id'))
        batch_op.drop_index('ix_income_due')
        batch_op.drop_index('ix_income_cause')

    op.drop_table('income_entry')
    with op.batch_alter_table('gateway_payout', schema=None) as batch_op:
        batch_op.drop_index('ix_gateway_payout_provider')

    op.drop_table('gateway_payout')
    with op.batch_alter_table('door_round', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_door_round_tenant_id'))

    op.drop_table('door_round')
    with op.batch_alter_table('departure', schema=None) as batch_op:
        batch_op.drop_index('ix_departure_due')
        batch_op.drop_index('ix_departure_day')

    op.drop_table('departure')
    with op.batch_alter_table('contract_node', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_contract_node_tenant_id'))
        batch_op.drop_index(batch_op.f('ix_contract_node_node_id'))

    op.drop_table('contract_node')
    op.drop_table('cart')
    with op.batch_alter_table('carried_leg', schema=None) as batch_op:
        batch_op.drop_index('uq_carried_leg_standing', sqlite_where=sa.text('NOT withdrawn'), postgresql_where=sa.text('NOT withdrawn'))
        batch_op.drop_index('ix_carried_leg_month')
        batch_op.drop_index('ix_carried_leg_firm')
        batch_op.drop_index('ix_carried_leg_back')

    op.drop_table('carried_leg')
    with op.batch_alter_table('box', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_box_tenant_id'))
        batch_op.drop_index(batch_op.f('ix_box_place'))

    op.drop_table('box')
    with op.batch_alter_table('trip', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_trip_line_id'))

    op.drop_table('trip')
    with op.batch_alter_table('subsidy_version', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_subsidy_version_tenant_id'))

    op.drop_table('subsidy_version')
    with op.batch_alter_table('subsidy_payment', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_subsidy_payment_tenant_id'))

    op.drop_table('subsidy_payment')
    with op.batch_alter_table('subsidy_evidence', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_subsidy_evidence_tenant_id'))
        batch_op.drop_index('ix_subsidy_evidence_fund')

    op.drop_table('subsidy_evidence')
    with op.batch_alter_table('subsidy_cap', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_subsidy_cap_tenant_id'))

    op.drop_table('subsidy_cap')
    with op.batch_alter_table('statement', schema=None) as batch_op:
        batch_op.drop_index('ix_statement_party')

    op.drop_table('statement')
    with op.batch_alter_table('sign_in', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_sign_in_user_id'))

    op.drop_table('sign_in')
    op.drop_table('second_factor')
    with op.batch_alter_table('sandbox_refund', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_sandbox_refund_payment'))

    op.drop_table('sandbox_refund')
    with op.batch_alter_table('role_grant', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_role_grant_user_id'))

    op.drop_table('role_grant')
    op.drop_table('road_stamp')
    with op.batch_alter_table('posting', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_posting_journal_id'))
        batch_op.drop_index('ix_posting_account')

    op.drop_table('posting')
    op.drop_table('partner_month')
    with op.batch_alter_table('order_link', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_order_link_tenant_id'))
        batch_op.drop_index(batch_op.f('ix_order_link_seller_id'))

    op.drop_table('order_link')
    with op.batch_alter_table('node', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_node_tenant_id'))

    op.drop_table('node')
    with op.batch_alter_table('line_ruling', schema=None) as batch_op:
        batch_op.drop_index('ix_line_ruling_days')

    op.drop_table('line_ruling')
    with op.batch_alter_table('gateway_bill_line', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_gateway_bill_line_bill_id'))

    op.drop_table('gateway_bill_line')
    with op.batch_alter_table('device', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_device_user_id'))

    op.drop_table('device')
    op.drop_table('county')
    with op.batch_alter_table('bill_exception', schema=None) as batch_op:
        batch_op.drop_index('ix_bill_exception_standing')

    op.drop_table('bill_exception')
    op.drop_table('balance')
    op.drop_table('audit_seal')
    op.drop_table('zone')
    with op.batch_alter_table('what_if', schema=None) as batch_op:
        batch_op.drop_index('ix_what_if_county')

    op.drop_table('what_if')
    with op.batch_alter_table('weather_report', schema=None) as batch_op:
        batch_op.drop_index('ix_weather_report_until')

    op.drop_table('weather_report')
    op.drop_table('village_service')
    op.drop_table('vehicle')
    op.drop_table('transfer')
    op.drop_table('township')
    op.drop_table('tick')
    op.drop_table('tenant')
    op.drop_table('subsidy_fund')
    with op.batch_alter_table('stored_file', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_stored_file_digest'))

    op.drop_table('stored_file')
    with op.batch_alter_table('status_event', schema=None) as batch_op:
        batch_op.drop_index('ix_status_event_subject')

    op.drop_table('status_event')
    with op.batch_alter_table('sign_in_failure', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_sign_in_failure_phone_index'))

    op.drop_table('sign_in_failure')
    op.drop_table('share_rule')
    with op.batch_alter_table('settlement_run', schema=None) as batch_op:
        batch_op.drop_index('ix_settlement_run_tenant')

    op.drop_table('settlement_run')
    with op.batch_alter_table('service_done', schema=None) as batch_op:
        batch_op.drop_index('ix_service_done_station')
        batch_op.drop_index('ix_service_done_day')

    op.drop_table('service_done')
    op.drop_table('service_calendar')
    op.drop_table('secret_mark')
    with op.batch_alter_table('scan', schema=None) as batch_op:
        batch_op.drop_index('ix_scan_parcel')
        batch_op.drop_index('ix_scan_device')
        batch_op.drop_index('ix_scan_box', sqlite_where=sa.text("box <> ''"), postgresql_where=sa.text("box <> ''"))

    op.drop_table('scan')
    op.drop_table('sandbox_charge')
    with op.batch_alter_table('proposal_run', schema=None) as batch_op:
        batch_op.drop_index('ix_proposal_run_county')

    op.drop_table('proposal_run')
    op.drop_table('place')
    with op.batch_alter_table('payee', schema=None) as batch_op:
        batch_op.drop_index('ix_payee_party')

    op.drop_table('payee')
    with op.batch_alter_table('outbox', schema=None) as batch_op:
        batch_op.drop_index('ix_outbox_due', sqlite_where=sa.text('done_at IS NULL'), postgresql_where=sa.text('done_at IS NULL'))

    op.drop_table('outbox')
    with op.batch_alter_table('one_time_code', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_one_time_code_phone_index'))

    op.drop_table('one_time_code')
    with op.batch_alter_table('line', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_line_tenant_id'))

    op.drop_table('line')
    op.drop_table('lane_share')
    op.drop_table('lane_day')
    with op.batch_alter_table('journal', schema=None) as batch_op:
        batch_op.drop_index('ix_journal_cause')
        batch_op.drop_index(batch_op.f('ix_journal_business_date'))

    op.drop_table('journal')
    op.drop_table('index_state')
    with op.batch_alter_table('inbox', schema=None) as batch_op:
        batch_op.drop_index('ix_inbox_open', sqlite_where=sa.text('processed_at IS NULL'), postgresql_where=sa.text('processed_at IS NULL'))

    op.drop_table('inbox')
    with op.batch_alter_table('idempotency_key', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_idempotency_key_created_at'))

    op.drop_table('idempotency_key')
    with op.batch_alter_table('gateway_bill', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_gateway_bill_day'))

    op.drop_table('gateway_bill')
    op.drop_table('freight_tariff')
    with op.batch_alter_table('disruption', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_disruption_tenant_id'))
        batch_op.drop_index(batch_op.f('ix_disruption_subject_code'))

    op.drop_table('disruption')
    with op.batch_alter_table('custody', schema=None) as batch_op:
        batch_op.drop_index('uq_custody_open', sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))
        batch_op.drop_index('ix_custody_parcel')
        batch_op.drop_index('ix_custody_box', sqlite_where=sa.text("box <> ''"), postgresql_where=sa.text("box <> ''"))

    op.drop_table('custody')
    op.drop_table('coupon')
    with op.batch_alter_table('contract_zone', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_contract_zone_tenant_id'))

    op.drop_table('contract_zone')
    with op.batch_alter_table('closure', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_closure_tenant_id'))
        batch_op.drop_index(batch_op.f('ix_closure_subject_code'))

    op.drop_table('closure')
    with op.batch_alter_table('cash_taking', schema=None) as batch_op:
        batch_op.drop_index('ix_cash_taking_station')

    op.drop_table('cash_taking')
    with op.batch_alter_table('cash_paid_in', schema=None) as batch_op:
        batch_op.drop_index('ix_cash_paid_in_station')

    op.drop_table('cash_paid_in')
    op.drop_table('cash_close')
    with op.batch_alter_table('carriage_contract', schema=None) as batch_op:
        batch_op.drop_index('ix_carriage_contract_firm')

    op.drop_table('carriage_contract')
    with op.batch_alter_table('batch_plan', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_batch_plan_tenant_id'))

    op.drop_table('batch_plan')
    op.drop_table('audit_head')
    with op.batch_alter_table('audit_entry', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_audit_entry_tenant_id'))

    op.drop_table('audit_entry')
    op.drop_table('app_user')
    op.drop_table('account')
