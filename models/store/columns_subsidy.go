package store

// subsidyColumns classifies the tables of the subsidy capability (see TableColumns).
var subsidyColumns = []TableColumns{
	{Table: "programmes", Keep: KeepAlways, Columns: map[Class][]string{
		Public: {"code", "edition", "number", "name", "short_name", "sms_name", "domain", "department", "payee_kind", "cadence", "sensitivity",
			"district", "policy_doc", "official_link", "published_on", "valid_from", "valid_to", "onboarded"},
		Internal: {"version", "changed_at"},
	}},
	{Table: "payees", Keep: KeepMirror, Columns: map[Class][]string{
		Internal: {"person_id", "version", "changed_at"}, Sensitive: {"in_system", "phone_on_file", "registered_on"},
	}},
	{Table: "batches", Keep: KeepMirror, Columns: map[Class][]string{
		Internal: {"id", "ledger_month", "programme", "edition", "district", "department", "paying_unit", "paying_bank", "period", "reissue",
			"count", "total_fen", "digest", "announced_at", "version", "changed_at", "lines_by", "state", "reason", "withdrawn", "waiting", "loading",
			"due_at", "lease_ends", "attempt", "tries", "spooled_at", "applied_at", "held_at", "withdrawn_at", "data_seq", "applied_count",
			"applied_fen", "applied_digest", "lines_held", "lines_parked"},
		Public: {"posting_place", "posting_from", "posting_to", "posting_office", "posting_phone"},
	}},
	{Table: "batch_findings", Keep: KeepMirror, Columns: map[Class][]string{
		Internal: {"batch_id", "line", "code", "found_at"},
	}},
	{Table: "notice_runs", Keep: KeepHalfYear, Columns: map[Class][]string{
		Internal: {"id", "kind", "batch_id", "ledger_month", "state", "next_line", "total", "told", "queued_at", "ended_at"},
	}},
	{Table: "payments", Keep: KeepMirror, Columns: map[Class][]string{
		Internal: {"ledger_month", "batch_id", "line", "version", "changed_at", "received_at", "credit_no", "reissue_of", "reissued_as"},
		Sensitive: {"programme", "edition", "district", "person_id", "beneficiary_id", "payee_kind", "household_ref", "exception_why",
			"exception_by", "amount_fen", "period", "state", "hold", "planned_at", "publicised_at", "approved_at", "sent_at", "credited_at",
			"returned_at", "paying_bank", "account_bank", "account_tail", "old_channel", "return_reason", "paid_ref"},
	}},
	{Table: "figure_checks", Keep: KeepMirror, Columns: map[Class][]string{Internal: {"ledger_month", "digest", "checked_at"}}},
	{Table: "figure_differences", Keep: KeepRecord, Columns: map[Class][]string{
		Internal: {"ledger_month", "batch_id", "line", "kind", "state", "programme", "district", "ours_version", "ours_state", "ours_fen",
			"theirs_version", "theirs_state", "theirs_fen", "why", "found_at", "seen_at"},
	}},
	{Table: "held_items", Keep: KeepRecord, Columns: map[Class][]string{
		Internal: {"ledger_month", "batch_id", "line", "reason", "state", "owner", "assigned_to", "district", "department", "facts", "held_at",
			"due_at", "alarmed_on", "changes"},
	}},
	{Table: "held_proposals", Keep: KeepRecord, Columns: map[Class][]string{
		Internal: {"id", "ledger_month", "batch_id", "line", "reason", "decision", "reason_code", "state", "version", "proposed_by", "proposed_at",
			"decided_by", "decided_at"},
		Core: {"note_sealed"},
	}},
	{Table: "statements", Keep: KeepRecord, Columns: map[Class][]string{
		Internal: {"id", "person_id", "year", "digest", "as_of", "made_at"}, Sensitive: {"code", "count", "total_fen"},
	}},
}
