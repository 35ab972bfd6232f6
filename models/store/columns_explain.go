package store

// explainColumns classifies the tables that explain a payment (see TableColumns).
var explainColumns = []TableColumns{
	{Table: "offices", Keep: KeepMirror, Columns: map[Class][]string{
		Public:   {"programme", "district", "township", "name", "phone", "address", "hours"},
		Internal: {"ref", "version", "changed_at"},
	}},
	{Table: "declarations", Keep: KeepMirror, Columns: map[Class][]string{
		Internal:  {"ref", "version", "changed_at"},
		Sensitive: {"person_id", "programme", "period", "district", "township", "state", "other_holder", "posting_place", "posting_from", "posting_to"},
	}},
	{Table: "payday_previews", Keep: KeepRecord, Columns: map[Class][]string{
		Internal: {"batch_id", "ledger_month", "line", "seen", "found", "state", "next_at", "begun_at", "done_at"},
	}},
	{Table: "paid_lists", Keep: KeepRecord, Columns: map[Class][]string{Internal: {"programme", "period", "ledger_month"}}},
}
