package store

// citizenColumns classifies the tables of the citizen capability (see TableColumns).
var citizenColumns = []TableColumns{
	{Table: "persons", Keep: KeepMirror, Columns: map[Class][]string{
		Internal:  {"id", "ref", "handle", "version", "changed_at", "received_at", "merged_into_ref"},
		Sensitive: {"birth_date", "district", "household_ref", "is_head", "living_status", "deceased_at"},
		Core:      {"name_sealed", "id_number_sealed", "phone_sealed", "contact_phone_sealed"},
	}},
	{Table: "platform_accounts", Keep: KeepAccount, Columns: map[Class][]string{
		Internal:  {"id", "platform", "app_id", "handle", "level", "bound_at", "bound_by", "made_at", "seen_at"},
		Sensitive: {"open_id", "union_id", "user_id", "person_id"},
	}},
	{Table: "sessions", Keep: KeepDays, Columns: map[Class][]string{
		Internal: {
			"id", "kind", "handle", "channel", "level", "checked_at", "made_at", "seen_at", "expires_at", "ended_at",
			"ended_why", "version",
		},
		Sensitive: {"account_id", "person_id", "device"},
		Core:      {"secret_hash"},
	}},
	{Table: "authorizations", Keep: KeepDays, Columns: map[Class][]string{
		Internal: {"id", "platform", "app_id", "made_at", "expires_at", "used_at"},
		Core:     {"state_hash", "cookie_hash"},
	}},
	{Table: "consents", Keep: KeepThreeYears, Columns: map[Class][]string{
		Internal:  {"id", "purpose", "version", "basis", "channel", "given_at", "withdrawn_at"},
		Sensitive: {"account_id", "person_id", "given_by"},
	}},
	{Table: "one_time_codes", Keep: KeepDays, Columns: map[Class][]string{
		Internal:  {"id", "purpose", "session_id", "object_id", "tries", "sent_at", "expires_at", "used_at", "replaced_at"},
		Sensitive: {"person_id"},
		Core:      {"phone_key", "digest"},
	}},
	{Table: "challenges", Keep: KeepDays, Columns: map[Class][]string{
		Internal: {"id", "session_id", "kind", "tries", "made_at", "expires_at", "passed_at", "used_at"}, Core: {"digest"},
	}},
	{Table: "code_budgets", Keep: KeepDays, Columns: map[Class][]string{
		Internal: {"scope", "day", "sends"}, Core: {"counter"},
	}},
	{Table: "bind_tries", Keep: KeepDays, Columns: map[Class][]string{
		Internal: {"day", "tries"}, Core: {"counter"},
	}},
	{Table: "identity_checks", Keep: KeepAccount, Columns: map[Class][]string{
		Internal: {
			"id", "purpose", "session_id", "platform", "app_id", "state", "begun_at", "expires_at", "finished_at",
		},
		Sensitive: {"account_id", "person_id"},
		Core:      {"ref_sealed"},
	}},
	{Table: "slips", Keep: KeepRecord, Columns: map[Class][]string{
		Internal:  {"id", "purpose", "issued_by", "outlet_id", "issued_at", "expires_at", "used_at"},
		Sensitive: {"person_id", "used_by"},
		Core:      {"code_hash"},
	}},
	{Table: "relations", Keep: KeepRecord, Columns: map[Class][]string{
		Internal: {"id", "kind", "version", "proof", "book_front_id", "book_child_id", "recipients", "reason_code", "made_at", "decided_at",
			"ends_at", "ended_at"},
		Sensitive: {"actor_id", "subject_id", "state"},
	}},
	{Table: "phone_changes", Keep: KeepRecord, Columns: map[Class][]string{
		Internal:  {"id", "state", "requested_at", "counts_at", "ended_at", "version"},
		Sensitive: {"person_id"},
		Core:      {"new_phone_sealed"},
	}},
}
