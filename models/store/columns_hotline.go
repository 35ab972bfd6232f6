package store

// hotlineColumns classifies the tables of the hotline capability (see TableColumns).
var hotlineColumns = []TableColumns{
	{Table: "staff", Keep: KeepAccount, Columns: map[Class][]string{
		Internal: {
			"id", "login", "last_step", "demo", "district", "department", "created_at", "disabled_at", "version", "one_time_until",
			"password_at", "sign_on_subject",
		},
		Core: {"name_sealed", "password_hash", "totp_secret_sealed", "totp_pending_sealed", "person_hash", "household_hash"},
	}},
	{Table: "staff_passwords", Keep: KeepAccount, Columns: map[Class][]string{
		Internal: {"staff_id", "set_at"}, Core: {"password_hash"},
	}},
	{Table: "staff_recovery_codes", Keep: KeepAccount, Columns: map[Class][]string{
		Internal: {"staff_id", "used_at"}, Core: {"code_hash"},
	}},
	{Table: "staff_roles", Keep: KeepAccount, Columns: map[Class][]string{Internal: {"staff_id", "role"}}},
	{Table: "staff_attempts", Keep: KeepDays, Columns: map[Class][]string{
		Internal: {"attempts", "last_at"}, Core: {"login_hash"},
	}},
	{Table: "staff_sessions", Keep: KeepDays, Columns: map[Class][]string{
		Internal: {"id", "staff_id", "handle", "opened_at", "seen_at", "ended_at", "end_reason"}, Core: {"secret_hash"},
	}},
	{Table: "calls", Keep: KeepThreeYears, Columns: map[Class][]string{
		Internal: {
			"id", "staff_id", "source", "asked_fact", "failures", "call_back_at", "district", "department", "opened_at", "used_at",
			"closed_at", "close_reason", "result", "noted_at", "version", "exchange_ref", "ended_at",
		},
		Sensitive: {"person_id", "level", "strength", "full_id", "slip_sent"}, Core: {"caller_sealed", "note_sealed"},
	}},
	{Table: "call_lock_keys", Keep: KeepDays, Columns: map[Class][]string{
		Internal: {"call_id", "scope", "key_version", "tied_at"}, Core: {"key_index"},
	}},
	{Table: "call_tasks", Keep: KeepThreeYears, Columns: map[Class][]string{
		Internal: {"call_id", "sent_at"}, Sensitive: {"act"},
	}},
	{Table: "call_flags", Keep: KeepThreeYears, Columns: map[Class][]string{
		Internal: {"id", "kind", "staff_id", "call_id", "span", "looks", "raised_at", "settled_at", "settled_by", "reason", "version"},
	}},
	{Table: "call_samples", Keep: KeepThreeYears, Columns: map[Class][]string{
		Internal: {"id", "day", "seed", "finished", "drawn_by", "drawn_at"},
	}},
	{Table: "call_sample_items", Keep: KeepThreeYears, Columns: map[Class][]string{
		Internal: {"id", "sample_id", "call_id", "staff_id", "place", "scores", "total", "scored_by", "scored_at"},
	}},
	{Table: "call_exports", Keep: KeepThreeYears, Columns: map[Class][]string{
		Internal: {"id", "staff_id", "day", "kind", "from_day", "to_day", "lines", "made_at"},
	}},
	{Table: "call_verifications", Keep: KeepThreeYears, Columns: map[Class][]string{
		Internal:  {"id", "call_id", "staff_id", "at", "asked", "fitting", "failures"},
		Sensitive: {"person_id", "matched", "level", "strength", "locked"},
	}},
	{Table: "call_look_ups", Keep: KeepThreeYears, Columns: map[Class][]string{
		Internal: {"id", "call_id", "staff_id", "kind", "at", "object", "object_id"}, Sensitive: {"person_id"},
	}},
	{Table: "call_failures", Keep: KeepDays, Columns: map[Class][]string{
		Internal: {"scope", "day", "failures"}, Core: {"key_index"},
	}},
	{Table: "enquiries", Keep: KeepRecord, Columns: map[Class][]string{
		Internal: {
			"id", "number", "cause", "object", "object_id", "district", "department", "answered_by", "opened_at", "explained_as_of",
			"ordered", "version",
		},
		Sensitive: {"person_id", "kind", "sentence_id", "state", "answered_at", "closed_at"}, Core: {"answer_sealed"},
	}},
}
