"""Retention: decisions, holds, destructions, sharing."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "disposal_run",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("listed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("listing", sa.String(), nullable=False),
        sa.Column("listing_sha256", sa.String(), nullable=False),
        sa.Column("proposed_by", sa.String(), nullable=False),
        sa.Column("needs_approval", sa.Boolean(), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_by", sa.String(), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("list_document", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_disposal_run"),
    )
    op.create_table(
        "evaluator",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("mail", sa.String(), nullable=False),
        sa.Column("employer", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_evaluator"),
        sa.UniqueConstraint("mail", name="uq_evaluator_mail"),
    )
    op.create_table(
        "hold",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("target_id", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("appeal_id", sa.String(), nullable=True),
        sa.Column("review_on", sa.Date(), nullable=True),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("placed_by", sa.String(), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released_by", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_hold"),
    )
    op.create_index("ix_hold_appeal_id", "hold", ["appeal_id"], unique=False)
    op.create_index("ix_hold_released_at", "hold", ["released_at"], unique=False)
    op.create_index("ix_hold_target_id", "hold", ["target_id"], unique=False)
    op.create_table(
        "portal_session",
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("token_hash", name="pk_portal_session"),
    )
    op.create_index("ix_portal_session_person_id", "portal_session", ["person_id"], unique=False)
    op.create_table(
        "sign_in_link",
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("token_hash", name="pk_sign_in_link"),
    )
    op.create_index("ix_sign_in_link_person_id", "sign_in_link", ["person_id"], unique=False)
    op.create_table(
        "proposal",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("target_id", sa.String(), nullable=False),
        sa.Column("detail", sa.String(), nullable=True),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proposed_by", sa.String(), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.String(), nullable=True),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_proposal"),
    )
    op.create_index("ix_proposal_settled_at", "proposal", ["settled_at"], unique=False)
    op.create_index("ix_proposal_target_id", "proposal", ["target_id"], unique=False)
    op.create_table(
        "recourse_check",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("session_id", sa.String(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["session_id"], ["evaluation_session.id"], name="fk_recourse_check_session_id"),
        sa.PrimaryKeyConstraint("id", name="pk_recourse_check"),
    )
    op.create_index("ix_recourse_check_session_id", "recourse_check", ["session_id"], unique=False)
    op.create_table(
        "appeal",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("dossier_id", sa.String(), nullable=False),
        sa.Column("postmark_on", sa.Date(), nullable=True),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("in_time", sa.Boolean(), nullable=True),
        sa.Column("incident", sa.Boolean(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossier.id"], name="fk_appeal_dossier_id"),
        sa.PrimaryKeyConstraint("id", name="pk_appeal"),
    )
    op.create_index("ix_appeal_dossier_id", "appeal", ["dossier_id"], unique=False)
    op.create_table(
        "closure",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("dossier_id", sa.String(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_by", sa.String(), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossier.id"], name="fk_closure_dossier_id"),
        sa.PrimaryKeyConstraint("id", name="pk_closure"),
    )
    op.create_index("ix_closure_dossier_id", "closure", ["dossier_id"], unique=False)
    op.create_table(
        "jury_decision",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("dossier_id", sa.String(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("after_appeal", sa.String(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.Column("superseded_by", sa.String(), nullable=True),
        sa.Column("needs_confirmation", sa.Boolean(), nullable=False),
        sa.Column("confirmed_by", sa.String(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossier.id"], name="fk_jury_decision_dossier_id"),
        sa.PrimaryKeyConstraint("id", name="pk_jury_decision"),
    )
    op.create_index("ix_jury_decision_dossier_id", "jury_decision", ["dossier_id"], unique=False)
    op.create_table(
        "notification",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("dossier_id", sa.String(), nullable=False),
        sa.Column("decision_id", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("sent_on", sa.Date(), nullable=False),
        sa.Column("handed_over_on", sa.Date(), nullable=True),
        sa.Column("proof", sa.String(), nullable=True),
        sa.Column("unclaimed", sa.Boolean(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.Column("superseded_by", sa.String(), nullable=True),
        sa.Column("needs_confirmation", sa.Boolean(), nullable=False),
        sa.Column("confirmed_by", sa.String(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["decision_id"], ["jury_decision.id"], name="fk_notification_decision_id"),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossier.id"], name="fk_notification_dossier_id"),
        sa.PrimaryKeyConstraint("id", name="pk_notification"),
    )
    op.create_index("ix_notification_decision_id", "notification", ["decision_id"], unique=False)
    op.create_index("ix_notification_dossier_id", "notification", ["dossier_id"], unique=False)
    op.create_table(
        "announcement",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("recording_id", sa.String(), nullable=False),
        sa.Column("eligible_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("days_ahead", sa.Integer(), nullable=False),
        sa.Column("mail_id", sa.String(), nullable=False),
        sa.Column("announced_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["recording_id"], ["recording.id"], name="fk_announcement_recording_id"),
        sa.PrimaryKeyConstraint("id", name="pk_announcement"),
        sa.UniqueConstraint(
            "recording_id", "eligible_at", "days_ahead", "mail_id", name="uq_announcement_recording_id_eligible_at_days_ahead_mail_id"
        ),
    )
    op.create_index("ix_announcement_mail_id", "announcement", ["mail_id"], unique=False)
    op.create_index("ix_announcement_recording_id", "announcement", ["recording_id"], unique=False)
    op.create_table(
        "destruction",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("recording_id", sa.String(), nullable=False),
        sa.Column("dossier_id", sa.String(), nullable=False),
        sa.Column("run_id", sa.String(), nullable=True),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("eligible_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("grounds", sa.String(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("work", sa.String(), nullable=True),
        sa.Column("lease_owner", sa.String(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failure_code", sa.String(), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("facts", sa.String(), nullable=True),
        sa.Column("facts_sha256", sa.String(), nullable=True),
        sa.Column("completed_index", sa.Integer(), nullable=True),
        sa.Column("checkpoint_size", sa.Integer(), nullable=True),
        sa.Column("certificate", sa.LargeBinary(), nullable=True),
        sa.Column("mailed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cleared_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossier.id"], name="fk_destruction_dossier_id"),
        sa.ForeignKeyConstraint(["recording_id"], ["recording.id"], name="fk_destruction_recording_id"),
        sa.PrimaryKeyConstraint("id", name="pk_destruction"),
        sa.UniqueConstraint("recording_id", name="uq_destruction_recording_id"),
    )
    op.create_index("ix_destruction_completed_at", "destruction", ["completed_at"], unique=False)
    op.create_index("ix_destruction_dossier_id", "destruction", ["dossier_id"], unique=False)
    op.create_index("ix_destruction_next_at", "destruction", ["next_at"], unique=False)
    op.create_index("ix_destruction_run_id", "destruction", ["run_id"], unique=False)
    op.create_table(
        "listening",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("recording_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("parts", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["recording_id"], ["recording.id"], name="fk_listening_recording_id"),
        sa.PrimaryKeyConstraint("id", name="pk_listening"),
    )
    op.create_index("ix_listening_last_at", "listening", ["last_at"], unique=False)
    op.create_index("ix_listening_person_id", "listening", ["person_id"], unique=False)
    op.create_index("ix_listening_recording_id", "listening", ["recording_id"], unique=False)
    op.create_table(
        "listening_grant",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("evaluator_id", sa.String(), nullable=False),
        sa.Column("recording_id", sa.String(), nullable=False),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("granted_by", sa.String(), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_by", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["evaluator_id"], ["evaluator.id"], name="fk_listening_grant_evaluator_id"),
        sa.ForeignKeyConstraint(["recording_id"], ["recording.id"], name="fk_listening_grant_recording_id"),
        sa.PrimaryKeyConstraint("id", name="pk_listening_grant"),
    )
    op.create_index("ix_listening_grant_evaluator_id", "listening_grant", ["evaluator_id"], unique=False)
    op.create_index("ix_listening_grant_recording_id", "listening_grant", ["recording_id"], unique=False)
    op.create_table(
        "journal_checkpoint",
        sa.Column("size", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("start", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("root", sa.LargeBinary(length=32), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("signed_at", sa.String(length=27), nullable=False),
        sa.Column("directory_at", sa.String(length=27), nullable=True),
        sa.Column("bucket_at", sa.String(length=27), nullable=True),
        sa.PrimaryKeyConstraint("size"),
    )
    op.add_column("dossier", sa.Column("cleared_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("evaluation_session", sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("recording", sa.Column("unlistenable_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("recording", sa.Column("eligible_cause", sa.String(), nullable=True))
    op.add_column("recording", sa.Column("destroyed_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_recording_eligible_at", "recording", ["eligible_at"], unique=False)
    op.create_index("ix_recording_stale", "recording", ["stale"], unique=False)


def downgrade() -> None:
    op.drop_table("journal_checkpoint")
    op.drop_index("ix_recording_stale", table_name="recording")
    op.drop_index("ix_recording_eligible_at", table_name="recording")
    op.drop_column("recording", "destroyed_at")
    op.drop_column("recording", "eligible_cause")
    op.drop_column("recording", "unlistenable_at")
    op.drop_column("evaluation_session", "cancelled_at")
    op.drop_column("dossier", "cleared_at")
    op.drop_index("ix_listening_grant_recording_id", table_name="listening_grant")
    op.drop_index("ix_listening_grant_evaluator_id", table_name="listening_grant")
    op.drop_table("listening_grant")
    op.drop_index("ix_listening_recording_id", table_name="listening")
    op.drop_index("ix_listening_person_id", table_name="listening")
    op.drop_index("ix_listening_last_at", table_name="listening")
    op.drop_table("listening")
    op.drop_index("ix_destruction_run_id", table_name="destruction")
    op.drop_index("ix_destruction_next_at", table_name="destruction")
    op.drop_index("ix_destruction_dossier_id", table_name="destruction")
    op.drop_index("ix_destruction_completed_at", table_name="destruction")
    op.drop_table("destruction")
    op.drop_index("ix_announcement_recording_id", table_name="announcement")
    op.drop_index("ix_announcement_mail_id", table_name="announcement")
    op.drop_table("announcement")
    op.drop_index("ix_notification_dossier_id", table_name="notification")
    op.drop_index("ix_notification_decision_id", table_name="notification")
    op.drop_table("notification")
    op.drop_index("ix_jury_decision_dossier_id", table_name="jury_decision")
    op.drop_table("jury_decision")
    op.drop_index("ix_closure_dossier_id", table_name="closure")
    op.drop_table("closure")
    op.drop_index("ix_appeal_dossier_id", table_name="appeal")
    op.drop_table("appeal")
    op.drop_index("ix_proposal_target_id", table_name="proposal")
    op.drop_index("ix_proposal_settled_at", table_name="proposal")
    op.drop_table("proposal")
    op.drop_index("ix_recourse_check_session_id", table_name="recourse_check")
    op.drop_table("recourse_check")
    op.drop_index("ix_sign_in_link_person_id", table_name="sign_in_link")
    op.drop_table("sign_in_link")
    op.drop_index("ix_portal_session_person_id", table_name="portal_session")
    op.drop_table("portal_session")
    op.drop_index("ix_hold_target_id", table_name="hold")
    op.drop_index("ix_hold_released_at", table_name="hold")
    op.drop_index("ix_hold_appeal_id", table_name="hold")
    op.drop_table("hold")
    op.drop_table("evaluator")
    op.drop_table("disposal_run")
