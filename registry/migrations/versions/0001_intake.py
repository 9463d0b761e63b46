"""Intake: sessions, dossiers, recordings, consents, outbox, journal."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "candidate",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("pseudonym", sa.String(), nullable=False),
        sa.Column("civility", sa.String(), nullable=False),
        sa.Column("family_name", sa.String(), nullable=False),
        sa.Column("given_name", sa.String(), nullable=False),
        sa.Column("mail", sa.String(), nullable=False),
        sa.Column("employer", sa.String(), nullable=False),
        sa.Column("department", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_candidate"),
        sa.UniqueConstraint("pseudonym", name="uq_candidate_pseudonym"),
        sa.UniqueConstraint("reference", name="uq_candidate_reference"),
    )
    op.create_table(
        "counter",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_counter"),
    )
    op.create_table(
        "evaluation_session",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("scheme", sa.String(), nullable=False),
        sa.Column("scheme_version", sa.Integer(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("exam_on", sa.Date(), nullable=False),
        sa.Column("deadline_on", sa.Date(), nullable=False),
        sa.Column("folder_link", sa.String(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_evaluation_session"),
        sa.UniqueConstraint("code", name="uq_evaluation_session_code"),
    )
    op.create_table(
        "health",
        sa.Column("part", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("part", name="pk_health"),
    )
    op.create_table(
        "lease",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_lease"),
    )
    op.create_table(
        "outbox_file",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("dossier_id", sa.String(), nullable=True),
        sa.Column("recording_id", sa.String(), nullable=True),
        sa.Column("about", sa.String(), nullable=True),
        sa.Column("folder", sa.LargeBinary(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("replaced", sa.Boolean(), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("error_code", sa.String(), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_outbox_file"),
    )
    op.create_index("ix_outbox_file_about", "outbox_file", ["about"], unique=False)
    op.create_index("ix_outbox_file_dossier_id", "outbox_file", ["dossier_id"], unique=False)
    op.create_index("ix_outbox_file_folder_name_replaced", "outbox_file", ["folder", "name", "replaced"], unique=False)
    op.create_index("ix_outbox_file_recording_id", "outbox_file", ["recording_id"], unique=False)
    op.create_index("ix_outbox_file_replaced_removed_at", "outbox_file", ["replaced", "removed_at"], unique=False)
    op.create_index("ix_outbox_file_sha256", "outbox_file", ["sha256"], unique=False)
    op.create_index("ix_outbox_file_written_at_created_at_id", "outbox_file", ["written_at", "created_at", "id"], unique=False)
    op.create_table(
        "outbox_mail",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("dedupe_key", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=True),
        sa.Column("to_address", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("html", sa.String(), nullable=False),
        sa.Column("attachment_name", sa.String(), nullable=True),
        sa.Column("attachment", sa.LargeBinary(), nullable=True),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error_code", sa.String(), nullable=True),
        sa.Column("lease_owner", sa.String(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_outbox_mail"),
        sa.UniqueConstraint("dedupe_key", name="uq_outbox_mail_dedupe_key"),
        sa.UniqueConstraint("message_id", name="uq_outbox_mail_message_id"),
    )
    op.create_index("ix_outbox_mail_person_id", "outbox_mail", ["person_id"], unique=False)
    op.create_index("ix_outbox_mail_state_next_at_id", "outbox_mail", ["state", "next_at", "id"], unique=False)
    op.create_table(
        "reason",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_reason"),
    )
    op.create_index("ix_reason_subject", "reason", ["subject"], unique=False)
    op.create_table(
        "user_account",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("mail", sa.String(), nullable=False),
        sa.Column("teams_link", sa.String(), nullable=True),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_user_account"),
        sa.UniqueConstraint("mail", name="uq_user_account_mail"),
    )
    op.create_table(
        "dossier",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("session_id", sa.String(), nullable=False),
        sa.Column("candidate_id", sa.String(), nullable=False),
        sa.Column("folder", sa.String(), nullable=False),
        sa.Column("client_reference", sa.String(), nullable=False),
        sa.Column("hearing_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("folder_made_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["candidate_id"], ["candidate.id"], name="fk_dossier_candidate_id"),
        sa.ForeignKeyConstraint(["session_id"], ["evaluation_session.id"], name="fk_dossier_session_id"),
        sa.PrimaryKeyConstraint("id", name="pk_dossier"),
        sa.UniqueConstraint("session_id", "candidate_id", name="uq_dossier_session_id_candidate_id"),
    )
    op.create_index("ix_dossier_candidate_id", "dossier", ["candidate_id"], unique=False)
    op.create_index("ix_dossier_session_id", "dossier", ["session_id"], unique=False)
    op.create_table(
        "consent",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("dossier_id", sa.String(), nullable=False),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("call_date", sa.Date(), nullable=True),
        sa.Column("record", sa.String(), nullable=False),
        sa.Column("bound_sha256", sa.String(), nullable=True),
        sa.Column("superseded_by", sa.String(), nullable=True),
        sa.Column("disputed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossier.id"], name="fk_consent_dossier_id"),
        sa.PrimaryKeyConstraint("id", name="pk_consent"),
    )
    op.create_index("ix_consent_dossier_id", "consent", ["dossier_id"], unique=False)
    op.create_table(
        "form_link",
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("dossier_id", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossier.id"], name="fk_form_link_dossier_id"),
        sa.PrimaryKeyConstraint("token_hash", name="pk_form_link"),
    )
    op.create_index("ix_form_link_dossier_id", "form_link", ["dossier_id"], unique=False)
    op.create_table(
        "recording",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("dossier_id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("door", sa.String(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("original_name", sa.String(), nullable=True),
        sa.Column("judgement", sa.JSON(), nullable=False),
        sa.Column("codes", sa.JSON(), nullable=False),
        sa.Column("warnings", sa.JSON(), nullable=False),
        sa.Column("answer", sa.String(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("call_date", sa.Date(), nullable=True),
        sa.Column("consent_id", sa.String(), nullable=True),
        sa.Column("receipt_number", sa.String(), nullable=True),
        sa.Column("attempt_id", sa.String(), nullable=True),
        sa.Column("object_version", sa.String(), nullable=True),
        sa.Column("sealed_sha256", sa.String(), nullable=True),
        sa.Column("sealed_bytes", sa.BigInteger(), nullable=True),
        sa.Column("waveform_version", sa.String(), nullable=True),
        sa.Column("unlistenable", sa.String(), nullable=True),
        sa.Column("replaced_by", sa.String(), nullable=True),
        sa.Column("together_with", sa.String(), nullable=True),
        sa.Column("quarantine_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("review_due_on", sa.Date(), nullable=True),
        sa.Column("review_reason", sa.String(), nullable=True),
        sa.Column("rules_version", sa.Integer(), nullable=False),
        sa.Column("stale", sa.Boolean(), nullable=False),
        sa.Column("eligible_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reviewed_reminder_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["consent_id"], ["consent.id"], name="fk_recording_consent_id"),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossier.id"], name="fk_recording_dossier_id"),
        sa.PrimaryKeyConstraint("id", name="pk_recording"),
        sa.UniqueConstraint("receipt_number", name="uq_recording_receipt_number"),
    )
    op.create_index("ix_recording_dossier_id", "recording", ["dossier_id"], unique=False)
    op.create_index("ix_recording_sha256", "recording", ["sha256"], unique=False)
    op.create_index("ix_recording_state", "recording", ["state"], unique=False)
    op.create_table(
        "deposit",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("place_key", sa.String(), nullable=False),
        sa.Column("door", sa.String(), nullable=False),
        sa.Column("place", sa.LargeBinary(), nullable=False),
        sa.Column("identity", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("lease_owner", sa.String(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sha256", sa.String(), nullable=True),
        sa.Column("dossier_id", sa.String(), nullable=True),
        sa.Column("recording_id", sa.String(), nullable=True),
        sa.Column("attempt_id", sa.String(), nullable=True),
        sa.Column("code", sa.String(), nullable=True),
        sa.Column("left_sha256", sa.String(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossier.id"], name="fk_deposit_dossier_id"),
        sa.ForeignKeyConstraint(["recording_id"], ["recording.id"], name="fk_deposit_recording_id"),
        sa.PrimaryKeyConstraint("id", name="pk_deposit"),
        sa.UniqueConstraint("place_key", name="uq_deposit_place_key"),
    )
    op.create_index("ix_deposit_dossier_id", "deposit", ["dossier_id"], unique=False)
    op.create_index("ix_deposit_recording_id", "deposit", ["recording_id"], unique=False)
    op.create_index("ix_deposit_state", "deposit", ["state"], unique=False)
    op.create_table(
        "upload_attempt",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("recording_id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("object_key", sa.String(), nullable=False),
        sa.Column("waveform_key", sa.String(), nullable=False),
        sa.Column("lease_owner", sa.String(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("swept_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["recording_id"], ["recording.id"], name="fk_upload_attempt_recording_id"),
        sa.PrimaryKeyConstraint("id", name="pk_upload_attempt"),
        sa.UniqueConstraint("object_key", name="uq_upload_attempt_object_key"),
        sa.UniqueConstraint("waveform_key", name="uq_upload_attempt_waveform_key"),
    )
    op.create_index("ix_upload_attempt_recording_id", "upload_attempt", ["recording_id"], unique=False)
    op.create_index("ix_upload_attempt_state", "upload_attempt", ["state"], unique=False)
    op.create_table(
        "journal_entry",
        sa.Column("index", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("bytes", sa.LargeBinary(), nullable=False),
        sa.Column("leaf_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("index"),
    )
    op.create_index("ix_journal_entry_kind", "journal_entry", ["kind", "index"], unique=False)
    op.create_index("ix_journal_entry_subject", "journal_entry", ["subject", "index"], unique=False)
    op.create_table(
        "journal_node",
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("position"),
    )


def downgrade() -> None:
    op.drop_table("journal_node")
    op.drop_index("ix_journal_entry_subject", table_name="journal_entry")
    op.drop_index("ix_journal_entry_kind", table_name="journal_entry")
    op.drop_table("journal_entry")
    op.drop_index("ix_upload_attempt_state", table_name="upload_attempt")
    op.drop_index("ix_upload_attempt_recording_id", table_name="upload_attempt")
    op.drop_table("upload_attempt")
    op.drop_index("ix_deposit_state", table_name="deposit")
    op.drop_index("ix_deposit_recording_id", table_name="deposit")
    op.drop_index("ix_deposit_dossier_id", table_name="deposit")
    op.drop_table("deposit")
    op.drop_index("ix_recording_state", table_name="recording")
    op.drop_index("ix_recording_sha256", table_name="recording")
    op.drop_index("ix_recording_dossier_id", table_name="recording")
    op.drop_table("recording")
    op.drop_index("ix_form_link_dossier_id", table_name="form_link")
    op.drop_table("form_link")
    op.drop_index("ix_consent_dossier_id", table_name="consent")
    op.drop_table("consent")
    op.drop_index("ix_dossier_session_id", table_name="dossier")
    op.drop_index("ix_dossier_candidate_id", table_name="dossier")
    op.drop_table("dossier")
    op.drop_table("user_account")
    op.drop_index("ix_reason_subject", table_name="reason")
    op.drop_table("reason")
    op.drop_index("ix_outbox_mail_state_next_at_id", table_name="outbox_mail")
    op.drop_index("ix_outbox_mail_person_id", table_name="outbox_mail")
    op.drop_table("outbox_mail")
    op.drop_index("ix_outbox_file_written_at_created_at_id", table_name="outbox_file")
    op.drop_index("ix_outbox_file_sha256", table_name="outbox_file")
    op.drop_index("ix_outbox_file_replaced_removed_at", table_name="outbox_file")
    op.drop_index("ix_outbox_file_folder_name_replaced", table_name="outbox_file")
    op.drop_index("ix_outbox_file_recording_id", table_name="outbox_file")
    op.drop_index("ix_outbox_file_dossier_id", table_name="outbox_file")
    op.drop_index("ix_outbox_file_about", table_name="outbox_file")
    op.drop_table("outbox_file")
    op.drop_table("lease")
    op.drop_table("health")
    op.drop_table("evaluation_session")
    op.drop_table("counter")
    op.drop_table("candidate")
