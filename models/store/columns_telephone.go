package store

// telephoneColumns classifies what the telephone brings (see TableColumns). Numbers and keyed digits are sealed; digits are
// forgotten when they have been compared.
var telephoneColumns = []TableColumns{
	{Table: "extensions", Keep: KeepAccount, Columns: map[Class][]string{Internal: {"extension", "staff_id", "set_at"}}},
	{Table: "telephone_events", Keep: KeepDays, Columns: map[Class][]string{
		Internal: {
			"id", "event_id", "kind", "call_ref", "extension", "question", "at", "received_at", "state", "outcome", "attempts", "due_at",
		},
		Core: {"number_sealed", "digits_sealed"},
	}},
	{Table: "exchange_calls", Keep: KeepDays, Columns: map[Class][]string{
		Internal: {
			"id", "ref", "outgoing", "extension", "staff_id", "ringing_at", "answered_at", "ended_at", "wants_call_back", "call_id", "check_id",
			"call_back_id", "made_at",
		},
		Sensitive: {"candidates"}, Core: {"number_sealed"},
	}},
	{Table: "phone_checks", Keep: KeepThreeYears, Columns: map[Class][]string{
		Internal:  {"id", "call_id", "kind", "tries", "asked_by", "asked_at", "expires_at", "settled_at", "version"},
		Sensitive: {"person_id", "state"},
	}},
	{Table: "call_backs", Keep: KeepThreeYears, Columns: map[Class][]string{
		Internal: {
			"id", "cause", "destination", "call_id", "enquiry_id", "staff_id", "state", "tries", "due_at", "taken_by", "taken_at", "ended_at",
			"alarmed_at", "district", "department", "made_at", "version",
		},
		Sensitive: {"person_id", "reason", "result"}, Core: {"number_sealed", "number_index"},
	}},
	{Table: "console_streams", Keep: KeepAccount, Columns: map[Class][]string{Internal: {"staff_id", "last_seq", "stream_id"}}},
	{Table: "console_events", Keep: KeepDays, Columns: map[Class][]string{
		Internal: {"staff_id", "seq", "kind", "exchange_call_id", "call_id", "tries_left", "at"}, Sensitive: {"result"},
	}},
}
